package cmd_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	stdflag "flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"errand/cmd"
)

// hintsVariable is the environment variable that makes the program of the scripts type each command
// that it prints. Its value is a folder, to which the program writes what did not work.
const hintsVariable = "ERRAND_TEST_HINTS"

// A grammar says what may follow the words of each command, by its path, such as "runs show".
type grammar map[string]commandWords

type commandWords struct {
	acts   bool            // false for a group that only holds other commands
	names  int             // how many names the command takes at most
	needed int             // how many it needs
	values map[string]bool // its flags; true if the flag takes a value
}

var (
	flagLine     = regexp.MustCompile(`(?m)^  (--[a-z-]+)( [A-Za-z=1…]+)?(?:, (-[a-z])\b)?`)
	printedShell = regexp.MustCompile(`'[^']*'|"[^"]*"|\S+`)
	placeholder  = regexp.MustCompile(`^[^a-z]*[A-Z]{2,}[^a-z]*$`)
	prose        = strings.Fields("lists shows describes prints explains continues stores adopts tests writes starts changes changed checks without in and makes")
)

// readGrammar reads the grammar from the help of the program.
func readGrammar(pages []helpPage) grammar {
	g := grammar{}
	for _, p := range pages {
		w := commandWords{acts: p.usage != "", values: map[string]bool{}}
		usage := strings.TrimSuffix(strings.TrimPrefix(p.usage, "errand "+strings.Join(p.path, " ")), " [FLAGS]")
		for word := range strings.FieldsSeq(usage) {
			w.names++
			if !strings.HasPrefix(word, "[") {
				w.needed++
			}
		}
		for _, m := range flagLine.FindAllStringSubmatch(section(p.text, "Flags"), -1) {
			w.values[m[1]] = m[2] != ""
			if m[3] != "" {
				w.values[m[3]] = m[2] != ""
			}
		}
		g[strings.Join(p.path, " ")] = w
	}
	return g
}

// A printed command is one that a text tells the reader to type.
type printedCommand struct {
	path string
	args []string
}

func (p printedCommand) line() string {
	return strings.Join(append([]string{"errand", p.path}, p.args...), " ")
}

var errandWord = regexp.MustCompile(`(?:^|[\s(\x60;:,])errand (--[a-z]|[a-z])`)

// commands returns the commands that a text tells the reader to type. Alternatives such as
// --approve|--reject are commands of their own.
func (g grammar) commands(text string) (found []printedCommand, wrong []string) {
	for line := range strings.Lines(text) {
		for _, at := range errandWord.FindAllStringIndex(line, -1) {
			rest := line[at[0]+strings.Index(line[at[0]:], "errand ")+len("errand "):]
			if end := strings.IndexAny(rest, "`>$"); end >= 0 {
				rest = rest[:end]
			}
			one, bad := g.command(strings.TrimSpace(rest))
			found = append(found, one...)
			if bad != "" {
				wrong = append(wrong, bad)
			}
		}
	}
	return found, wrong
}

// command reads one command from the beginning of a text. The words after it are prose.
func (g grammar) command(text string) (found []printedCommand, wrong string) {
	words := printedShell.FindAllString(text, -1)
	take := func() (word string, ends bool) {
		word, words = words[0], words[1:]
		bare := strings.TrimRight(word, ";,):.")
		return bare, bare != word
	}
	path := ""
	var ends bool
	for len(words) > 0 && !ends {
		if strings.HasPrefix(words[0], "-") {
			break
		}
		before := words
		var word string
		word, ends = take()
		longer := strings.TrimSpace(path + " " + word)
		if _, known := g[longer]; !known {
			words = before
			ends = false
			break
		}
		path = longer
	}
	w := g[path]
	if path == "" && (len(words) == 0 || words[0] != "--help" && words[0] != "--version") || path != "" && !w.acts && (len(words) == 0 || words[0] != "--help") {
		return nil, "there is no such command: errand " + text
	}
	lines := [][]string{nil}
	add := func(alternatives ...string) {
		var longer [][]string
		for _, line := range lines {
			for _, a := range alternatives {
				longer = append(longer, append(slices.Clone(line), a))
			}
		}
		lines = longer
	}
	names := 0
	for len(words) > 0 && !ends {
		word := strings.TrimRight(words[0], ";,):.")
		switch {
		case word == "--help":
			add(word)
			_, ends = take()
		case len(word) > 1 && word[0] == '-':
			for one := range strings.SplitSeq(word, "|") {
				if one == "--" {
					continue // the name of the flag is computed
				}
				if _, known := w.values[one]; !known {
					return nil, fmt.Sprintf("errand %s has no flag %s: errand %s", path, one, text)
				}
			}
			add(strings.Split(word, "|")...)
			_, ends = take()
			if w.values[word] && len(words) > 0 && !ends {
				word, ends = take()
				add(word)
			}
		case names < w.names && !slices.Contains(prose, word):
			names++
			add(word)
			_, ends = take()
		default:
			ends = true
		}
	}
	for _, line := range lines {
		found = append(found, printedCommand{path, line})
	}
	return found, ""
}

// typeHints makes a command keep what it prints. The function that it returns types each command
// in that text in a copy of the folder of the script, as the person at this point would do, and
// writes to a file of the folder at which did not work.
func typeHints(c *cmd.Command, args []string, at string) (after func()) {
	var kept bytes.Buffer
	c.Stdout, c.Stderr = io.MultiWriter(os.Stdout, &kept), io.MultiWriter(os.Stderr, &kept)
	return func() {
		if len(args) == 0 || slices.ContainsFunc(args, func(arg string) bool { return slices.Contains(noHints, arg) }) || strings.Contains(kept.String(), "\nCommands:\n") {
			return
		}
		text, err := os.ReadFile(filepath.Join(at, "grammar"))
		if err != nil {
			panic(err)
		}
		g := decodeGrammar(string(text))
		found, wrong := g.commands(kept.String())
		report := func(text string) {
			name := fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
			if err := os.WriteFile(filepath.Join(at, "wrong-"+name[:16]), []byte(text), 0o600); err != nil {
				panic(err)
			}
		}
		for _, text := range wrong {
			report(fmt.Sprintf("$ errand %s\nprints a command that does not exist\n%s", strings.Join(args, " "), text))
		}
		for _, one := range found {
			if slices.Contains(args, "--sandbox") && strings.HasPrefix(one.path, "runs ") {
				continue // in a text of a workflow; the sandbox has no runs on record
			}
			kind := runID.ReplaceAllString(one.line(), "RUN")
			mark := filepath.Join(at, fmt.Sprintf("typed-%x", sha256.Sum256([]byte(os.Getenv("WORK")+kind))))
			if _, err := os.Stat(mark); err == nil {
				continue
			}
			if err := os.WriteFile(mark, []byte(kind), 0o600); err != nil {
				panic(err)
			}
			if out, ok := one.works(at); !ok {
				report(fmt.Sprintf("$ errand %s\nprints a command that does not work\n$ %s\n%s", strings.Join(args, " "), one.line(), out))
			}
		}
	}
}

// noHints are words of command lines that print a document. What a help prints is typed by
// TestExamples.
var noHints = []string{"help", "--help", "-h", "lsp", "json", "sarif", "--source"}

// works types a command in a copy of the script's folder, and reports whether it is accepted.
// A command that names a thing in capitals is accepted unless it is wrong in itself.
func (p printedCommand) works(at string) (string, bool) {
	work := os.Getenv("WORK")
	folder, err := os.MkdirTemp(at, "hint")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	if err := os.CopyFS(folder, os.DirFS(work)); err != nil && !os.IsPermission(err) && !errors.Is(err, fs.ErrNotExist) { // a file may go away meanwhile
		return err.Error(), false
	}
	privatize(folder)
	here, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	run := func(line string) (string, int) {
		ctx, stop := context.WithTimeout(context.Background(), 10*time.Second) // the run may wait for long
		defer stop()
		shell := exec.CommandContext(ctx, "bash", "-c", "exec "+strings.ReplaceAll(line, work, folder))
		shell.Dir = strings.ReplaceAll(here, work, folder)
		for _, variable := range os.Environ() {
			if name, _, _ := strings.Cut(variable, "="); name != hintsVariable && name != killVariable {
				shell.Env = append(shell.Env, strings.ReplaceAll(variable, work, folder))
			}
		}
		input := "{}"
		if p.path == "credentials add" {
			connector := "ism"
			if slices.Contains(p.args, "ec2") {
				connector = "ec2"
			}
			input = map[string]string{
				"ec2": `{"access_key_id": "AKIAABCDEFGHIJKLMNOP", "secret_access_key": "a"}`,
				"ism": `{"app_url": "http://127.0.0.1:1", "user_auth_token": "any", "slice_token": "any", "webservice_user_name": "any", "webservice_user_password": "any"}`,
			}[connector]
		}
		shell.Stdin = strings.NewReader(input)
		out, _ := shell.CombinedOutput()
		return string(out), shell.ProcessState.ExitCode()
	}
	if strings.HasPrefix(p.path, "runs ") && p.path != "runs adopt" && p.path != "runs list" {
		run("errand runs adopt --all") // the folder is a copy
	}
	out, code := run(p.line())
	switch {
	case strings.Contains(p.line(), "‹"): // of a plan, which does not know the run
		return out, true
	case code == cmd.ExitUsage && strings.Contains(out, "cannot ask"): // there is no terminal
		return out, true
	case code == cmd.ExitUsage:
		return out, false
	case code == cmd.ExitNotFound:
		named := slices.ContainsFunc(p.args, placeholder.MatchString)
		return out, named || strings.Contains(out, "may not decide about")
	case code == cmd.ExitInternal:
		return out, false
	}
	return out, true
}

// privatize takes from others what os.CopyFS gave them, as in the folder of the script.
func privatize(folder string) {
	_ = filepath.WalkDir(folder, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(file, 0o700)
		}
		return os.Chmod(file, 0o600)
	})
}

// encode and decodeGrammar carry a grammar to another process.
func (g grammar) encode() string {
	var b strings.Builder
	for path, w := range g {
		fmt.Fprintf(&b, "%q %t %d %d", path, w.acts, w.names, w.needed)
		for name, value := range w.values {
			fmt.Fprintf(&b, " %s=%t", name, value)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func decodeGrammar(text string) grammar {
	g := grammar{}
	for line := range strings.Lines(text) {
		quoted, err := strconv.QuotedPrefix(line)
		if err != nil {
			panic(err)
		}
		path, _ := strconv.Unquote(quoted)
		fields := strings.Fields(line[len(quoted):])
		w := commandWords{values: map[string]bool{}}
		w.acts = fields[0] == "true"
		w.names, _ = strconv.Atoi(fields[1])
		w.needed, _ = strconv.Atoi(fields[2])
		for _, f := range fields[3:] {
			name, value, _ := strings.Cut(f, "=")
			w.values[name] = value == "true"
		}
		g[path] = w
	}
	return g
}

// reportHints reports what the scripts printed and what does not work when it is typed.
func reportHints(t *testing.T, folder string) {
	files, err := filepath.Glob(filepath.Join(folder, "wrong-*"))
	if err != nil {
		t.Fatal(err)
	}
	typed, err := filepath.Glob(filepath.Join(folder, "typed-*"))
	if err != nil {
		t.Fatal(err)
	}
	if one := strings.Contains(stdflag.Lookup("test.run").Value.String(), "/"); !one && len(typed) < 80 {
		t.Errorf("the scripts print only %d commands to type", len(typed))
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Errorf("a hint does not work when it is typed\n%s", text)
	}
}
