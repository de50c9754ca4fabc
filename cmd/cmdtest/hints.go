package cmdtest

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
	"strings"
	"testing"
	"time"

	"errand/cmd"
)

// Variable is the environment variable that makes the program of the scripts type each command that it
// prints. Its value is a folder, to which the program writes what did not work.
const Variable = "ERRAND_TEST_HINTS"

// KillVariable is the environment variable that makes a process of a test kill itself.
const KillVariable = "ERRAND_TEST_KILL"

var runID = regexp.MustCompile(`\b[a-z2-7]{16}\b`)

// Prepare makes a folder ready for Type.
func Prepare(folder string, g Grammar) error {
	return os.WriteFile(filepath.Join(folder, "grammar"), []byte(g.Encode()), 0o600)
}

// Type makes a command keep what it prints. The function that it returns types each command
// in that text in a copy of the folder of the script, as the person at this point would do, and
// writes to a file of the folder at which did not work.
func Type(c *cmd.Command, args []string, at string) (after func()) {
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
		g := decode(string(text))
		found, wrong := g.Find(kept.String())
		report := func(text string) {
			name := fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
			if err := os.WriteFile(filepath.Join(at, "wrong-"+name[:16]), []byte(text), 0o600); err != nil {
				panic(err)
			}
		}
		for _, text := range wrong {
			report(fmt.Sprintf("$ %s %s\nprints a command that does not exist\n%s", g.Program, strings.Join(args, " "), text))
		}
		if other := (Program{Name: g.Program}).NamesOther(g, shippedNote.ReplaceAllString(kept.String(), "")); other != "" {
			report(fmt.Sprintf("$ %s %s\nprints a command of errand, which this program has too\n%s", g.Program, strings.Join(args, " "), other))
		}
		for _, one := range found {
			if slices.Contains(args, "--sandbox") && strings.HasPrefix(one.Path, "runs ") {
				continue // in a text of a workflow; the sandbox has no runs on record
			}
			kind := runID.ReplaceAllString(one.Line(), "RUN")
			mark := filepath.Join(at, fmt.Sprintf("typed-%x", sha256.Sum256([]byte(os.Getenv("WORK")+kind))))
			if _, err := os.Stat(mark); err == nil {
				continue
			}
			if err := os.WriteFile(mark, []byte(kind), 0o600); err != nil {
				panic(err)
			}
			if out, ok := one.works(at, g); !ok {
				report(fmt.Sprintf("$ %s %s\nprints a command that does not work\n$ %s\n%s", g.Program, strings.Join(args, " "), one.Line(), out))
			}
		}
	}
}

// shippedNote is what notes of the shipped workflows say. The workflows are the same in all programs.
var shippedNote = regexp.MustCompile(`this does the rest: errand runs retry`)

// noHints are words of command lines that print a document. What a help prints is typed by
// TestExamples.
var noHints = []string{"help", "--help", "-h", "lsp", "json", "sarif", "--source"}

// works types a command in a copy of the script's folder, and reports whether it is accepted.
// A command that names a thing in capitals is accepted unless it is wrong in itself.
func (p Printed) works(at string, g Grammar) (string, bool) {
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
			if name, _, _ := strings.Cut(variable, "="); name != Variable && name != KillVariable {
				shell.Env = append(shell.Env, strings.ReplaceAll(variable, work, folder))
			}
		}
		input := "{}"
		if p.Path == "credentials add" {
			connector := "ism"
			if slices.Contains(p.Args, "ec2") {
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
	if _, adopts := g.Commands["runs adopt"]; adopts && strings.HasPrefix(p.Path, "runs ") && p.Path != "runs adopt" && p.Path != "runs list" {
		run(p.Program + " runs adopt --all") // the folder is a copy
	}
	out, code := run(p.Line())
	switch {
	case p.Refused:
		return out, code == cmd.ExitUsage
	case strings.Contains(p.Line(), "‹"): // of a plan, which does not know the run
		return out, true
	case code == cmd.ExitUsage && strings.Contains(out, "cannot ask"): // there is no terminal
		return out, true
	case code == cmd.ExitUsage:
		return out, false
	case code == cmd.ExitNotFound:
		named := slices.ContainsFunc(p.Args, placeholder.MatchString)
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

// Report reports what the scripts printed and what does not work when it is typed. They must have printed
// at least the given number of commands.
func Report(t *testing.T, folder string, least int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "wrong-*"))
	if err != nil {
		t.Fatal(err)
	}
	typed, err := filepath.Glob(filepath.Join(folder, "typed-*"))
	if err != nil {
		t.Fatal(err)
	}
	if one := strings.Contains(stdflag.Lookup("test.run").Value.String(), "/"); !one && len(typed) < least {
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
