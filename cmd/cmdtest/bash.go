//go:build unix

package cmdtest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A Bash is one process of bash that carries out the commands of a page, with all that bash can do:
// processes in the background, signals, pipes and variables. The programs are real processes there.
type Bash struct {
	t      *testing.T
	folder string // the working folder, where the page's files are
	input  io.Writer
	pipe   *os.File      // standard output and standard error
	output *bufio.Reader // reads pipe
	names  [][2]string   // a name on the page, and its value on this machine
	stand  StandIns
	seen   strings.Builder // what was typed and printed
}

// A Stage is where a Bash carries out a page.
type Stage struct {
	Place       string      // the name of the working folder on the page
	Addresses   []string    // addresses on the page, in whose place are free ports of this machine
	Names       [][2]string // further names on the page, with their values on this machine
	Needs       []string    // programs that the page uses; the test is skipped if one is missing
	Programs    []string    // programs of the test that are in the folder, as a download leaves them
	Environment []string    // further variables
}

// NewBash starts bash in a new folder.
func NewBash(t *testing.T, s Stage) *Bash {
	t.Helper()
	for _, program := range append([]string{"bash"}, s.Needs...) {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the page was not carried out: %s is not installed", program)
		}
	}
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &Bash{t: t, folder: root, names: append(slices.Clone(s.Names), [2]string{s.Place, root}), stand: NewStandIns()}
	for _, address := range s.Addresses {
		b.names = append(b.names, [2]string{address, freeAddress(t)})
	}
	b.download(s.Programs)
	process := exec.Command("bash", "/dev/fd/3")              // what it starts does not read the commands
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it and what it starts are ended together
	process.Dir = b.folder
	process.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(root, "none"),
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=none", "AWS_SHARED_CREDENTIALS_FILE=none",
	}, s.Environment...)
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

// freeAddress returns an address of loopback where nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	return free.Addr().String()
}

// download puts programs into the folder.
func (b *Bash) download(programs []string) {
	b.t.Helper()
	for _, name := range programs {
		program, err := exec.LookPath(filepath.Base(name))
		if err != nil {
			b.t.Fatal(err)
		}
		at := filepath.Join(b.folder, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			b.t.Fatal(err)
		}
		if err := os.Symlink(program, at); err != nil {
			b.t.Fatal(err)
		}
	}
}

// CarryOut carries out a page from top to bottom, and returns the page with what each command prints.
// Before that it writes the examples in YAML and JSON to the files that they name. It leaves out what is no
// transcript, such as commands for root.
func (b *Bash) CarryOut(page string) string {
	return Example.ReplaceAllStringFunc(page, func(block string) string {
		m := Example.FindStringSubmatch(block)
		switch m[1] {
		case "yaml":
			b.write(NamedFile.FindStringSubmatch(m[2]), m[2])
		case "json":
			b.write(JSONFile.FindStringSubmatch(block), m[2])
		case "console":
			return "```console\n" + b.follow(m[2]) + "```"
		}
		return block
	})
}

// write writes an example of the page to the file that it names.
func (b *Bash) write(name []string, text string) {
	b.t.Helper()
	if name == nil {
		b.t.Fatalf("an example does not name its file:\n%s", text)
	}
	if err := os.WriteFile(filepath.Join(b.folder, name[1]), []byte(b.toLocal(text)), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// hung is the time after which a command counts as hung.
const hung = time.Minute

// follow carries out the commands of a transcript, and returns the transcript with what they print. A
// command that ends in \ goes on in the next line.
func (b *Bash) follow(transcript string) string {
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
func (b *Bash) run(command string) string {
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
func (b *Bash) toLocal(text string) string {
	text = b.stand.ToReal(text)
	for _, name := range b.names {
		text = strings.ReplaceAll(text, name[0], name[1])
	}
	return text
}

var anyTime = regexp.MustCompile(`20\d\d-\d\d-\d\d([ T])\d\d:\d\d:\d\d(?:\.\d+)?Z`)

// toPage is the inverse of toLocal. All times become one.
func (b *Bash) toPage(text string) string {
	for _, name := range b.names {
		text = strings.ReplaceAll(text, name[1], name[0])
	}
	text = b.stand.ToShown(text)
	text = anyTime.ReplaceAllString(text, "2026-01-05${1}09:00:00Z")
	return Still(text)
}
