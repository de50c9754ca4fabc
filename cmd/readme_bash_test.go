//go:build unix

package cmd_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A bash is one process of bash that carries out the commands of a page, with all that bash can do:
// processes in the background, signals, pipes and variables. `errand` is a real process there.
type bash struct {
	t      *testing.T
	folder string // the working folder, where the page's files are
	input  io.Writer
	pipe   *os.File      // standard output and standard error
	output *bufio.Reader // reads pipe
	names  [][2]string   // a name on the page, and its value on this machine
	stand  []*standIns
	seen   strings.Builder // what was typed and printed
}

// newBash starts bash in a new folder, which has the name `place` on the page. The page's addresses
// are free ports of this machine. It skips the test if a program is missing that the page uses.
func newBash(t *testing.T, place string, addresses ...string) *bash {
	t.Helper()
	for _, program := range []string{"bash", "curl", "systemd-analyze"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the page was not carried out: %s is not installed", program)
		}
	}
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &bash{t: t, folder: root, names: [][2]string{{place, root}}, stand: newStandIns()}
	for _, address := range addresses {
		b.names = append(b.names, [2]string{address, freeAddress(t)})
	}
	process := exec.Command("bash", "/dev/fd/3")              // what it starts does not read the commands
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it and what it starts are ended together
	process.Dir = b.folder
	process.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(root, "none"),
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=none", "AWS_SHARED_CREDENTIALS_FILE=none", personVariable + "=i.meier",
	}
	from, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	process.Stdout, process.Stderr = to, to
	commands, input, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	process.ExtraFiles, b.input = []*os.File{commands}, input
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = to.Close(), commands.Close()
	b.pipe, b.output = from, bufio.NewReader(from)
	t.Cleanup(func() {
		_ = syscall.Kill(-process.Process.Pid, syscall.SIGKILL)
		_ = process.Wait()
		_, _ = io.Copy(io.Discard, b.output) // ends when the last process has ended
		_, _ = input.Close(), from.Close()
	})
	return b
}

// hung is the time after which a command counts as hung.
const hung = time.Minute

// follow carries out the commands of a transcript, and returns the transcript with what they print. A
// command that ends in \ goes on in the next line.
func (b *bash) follow(transcript string) string {
	var out strings.Builder
	for part := range strings.SplitSeq("\n"+strings.TrimSuffix(transcript, "\n"), "\n$ ") {
		command, rest, _ := strings.Cut(part, "\n")
		for strings.HasSuffix(command, `\`) {
			var next string
			next, rest, _ = strings.Cut(rest, "\n")
			command += "\n" + next
		}
		if command != "" {
			out.WriteString("$ " + command + "\n" + b.run(command))
		}
	}
	return out.String()
}

// run carries out a command, and returns what it prints, as the page shows it.
func (b *bash) run(command string) string {
	b.t.Helper()
	const end = "the-command-has-ended"
	// The exit code stays in $?.
	if _, err := fmt.Fprintf(b.input, "%s\n(code=$?; printf '\\n%s\\n'; exit $code)\n", b.toLocal(command), end); err != nil {
		b.t.Fatal(err)
	}
	if err := b.pipe.SetReadDeadline(time.Now().Add(hung)); err != nil {
		b.t.Fatal(err)
	}
	var text strings.Builder
	for {
		line, err := b.output.ReadString('\n')
		if line == end+"\n" {
			printed := strings.TrimSuffix(text.String(), "\n")
			if printed != "" && !strings.HasSuffix(printed, "\n") { // an answer without an end of line
				printed += "\n"
			}
			shown := b.toPage(printed)
			b.seen.WriteString("$ " + command + "\n" + shown)
			return shown
		}
		text.WriteString(line)
		if err != nil {
			b.t.Fatalf("%s: %v, after\n%s\nbefore that:\n%s", command, err, &text, &b.seen)
		}
	}
}

// toLocal replaces the names that a page shows with those of this machine.
func (b *bash) toLocal(text string) string {
	for _, s := range b.stand {
		text = s.toReal(text)
	}
	for _, name := range b.names {
		text = strings.ReplaceAll(text, name[0], name[1])
	}
	return text
}

var anyTime = regexp.MustCompile(`20\d\d-\d\d-\d\d([ T])\d\d:\d\d:\d\d(?:\.\d+)?Z`)

// toPage is the inverse of toLocal. All times become one.
func (b *bash) toPage(text string) string {
	for _, name := range b.names {
		text = strings.ReplaceAll(text, name[1], name[0])
	}
	for _, s := range b.stand {
		text = s.toShown(text)
	}
	text = anyTime.ReplaceAllString(text, "2026-01-05${1}09:00:00Z")
	text = elapsed.ReplaceAllStringFunc(text, func(s string) string { return fmt.Sprintf("%*s", len(s), "+0s") })
	return total.ReplaceAllString(text, "after 0s")
}
