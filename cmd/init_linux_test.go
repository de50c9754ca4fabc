package cmd_test

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"errand/cmd"
	"errand/tasks"
)

// On a terminal, errand init asks for the system, the operation and the name, until the answers are
// valid.
func TestInitAsks(t *testing.T) {
	person, terminal := openTerminal(t)
	t.Chdir(t.TempDir())
	var out strings.Builder
	done := make(chan int)
	go func() {
		c := &cmd.Command{Stdin: terminal, Stdout: &out, Stderr: terminal, Getenv: func(string) string { return "" }, Connectors: tasks.Connectors}
		done <- c.Run(t.Context(), []string{"init"})
		_ = terminal.Close()
	}()
	said := bufio.NewReader(person)
	for _, turn := range []struct{ asked, answer string }{
		{"which system: ", "9"},
		{"which system: ", "1"},
		{"which operation: ", "ec2.stop_instance"},
		{"name of the workflow [my-stop-instance]: ", "Stop it"},
		{"name of the workflow [my-stop-instance]: ", "stop-it"},
	} {
		for heard := ""; !strings.HasSuffix(heard, turn.asked); {
			b, err := said.ReadByte()
			if err != nil {
				t.Fatalf("waiting for %q after %q: %v", turn.asked, heard, err)
			}
			heard += string(b)
		}
		if _, err := fmt.Fprintln(person, turn.answer); err != nil {
			t.Fatal(err)
		}
	}
	go func() { _, _ = said.WriteTo(discard{}) }() // otherwise writes would block
	if code := <-done; code != cmd.ExitSucceeded {
		t.Fatalf("exit %d", code)
	}
	if want := "stop-it.yaml\nstop-it/succeeds.txtar\nstop-it/refused.txtar\nschema.json\n"; out.String() != want {
		t.Errorf("wrote\n%s", out.String())
	}
	text, err := os.ReadFile("stop-it.yaml")
	if err != nil || !strings.Contains(string(text), "task: ec2.stop_instance") {
		t.Errorf("%v\n%s", err, text)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// openTerminal opens a pseudo-terminal and returns both ends: the person's and the program's.
func openTerminal(t *testing.T) (person, terminal *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminals on this machine: %v", err)
	}
	t.Cleanup(func() { _ = person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return person, terminal
}
