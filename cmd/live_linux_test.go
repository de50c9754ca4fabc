package cmd_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"errand/cmd"
)

const shelf = `workflow: shelf
steps:
  - {name: Begin with this, task: timer.delay, with: {duration: 300ms}}
  - id: loop
    name: Go along the shelf
    for_each: [a, b, c, d, e, f, g, h, i, j, k, l]
    as: box
    limit: 6
    steps:
      - {name: Take it, task: timer.delay, with: {duration: 200ms}}
      - {name: Open it, task: timer.delay, with: {duration: 1ms}}
      - {name: Put it back, task: timer.delay, with: {duration: 200ms}}
  - {name: End with that, task: timer.delay, with: {duration: 300ms}}
`

// A real process draws on a real terminal. The list is longer than the window at times. Each frame
// replaces the one before, so in the end the terminal holds each line of the list once, and none of
// those that only earlier frames had.
func TestLiveOnATerminal(t *testing.T) {
	t.Parallel()
	const width, height = 80, 24
	person, terminal := openTerminal(t)
	if err := unix.IoctlSetWinsize(int(person.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: height, Col: width}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "shelf.yaml")
	if err := os.WriteFile(file, []byte(shelf), 0o644); err != nil {
		t.Fatal(err)
	}
	process := exec.CommandContext(t.Context(), "errand", "run", file, "--request", "100-291")
	process.Env = append(os.Environ(), "TERM=xterm-256color", "ERRAND_HOME="+filepath.Join(dir, "home"))
	process.Stdin, process.Stdout, process.Stderr = terminal, terminal, terminal
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	_ = terminal.Close()
	output, _ := io.ReadAll(person) // its error is that the other end is closed
	if err := process.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	screen := cmd.NewScreen(width, height)
	_, _ = screen.Write(output)
	lines := screen.Lines()
	header := regexp.MustCompile(`^shelf, request 100-291  run [a-z2-7]{16}  [0-9hms]+$`)
	if at := len(lines) - 5; at < 0 || !header.MatchString(lines[at]) {
		t.Errorf("no header with the run's id:\n%s", screen)
	}
	for _, text := range []string{"shelf, request", "Begin with this", "Go along the shelf", "End with that", "succeeded after"} {
		if n := strings.Count(screen.String(), text); n != 1 {
			t.Errorf("%q is on the terminal %d times:\n%s", text, n, screen)
		}
	}
	if n := bytes.Count(output, []byte("shelf, request")); n < 3 {
		t.Errorf("the list was drawn %d times", n)
	}
	if strings.Contains(screen.String(), "Take it") || !bytes.Contains(output, []byte("Take it")) {
		t.Errorf("the items were not shown, or are left:\n%s", screen)
	}
}
