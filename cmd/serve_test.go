package cmd_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"errand/cmd"
	"errand/engine"
	"errand/engine/access"
	"errand/engine/credential"
	"errand/engine/home"
	"errand/engine/virtual"
	"errand/tasks"
)

// A desk is a home for commands about the service, with a key of its credentials.
type desk struct {
	folder string
	runner home.Maker // nil: runs are in a journal
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{folder: t.TempDir()}
	t.Setenv("ERRAND_HOME", filepath.Join(d.folder, "home"))
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(d.folder, "config"))
	keys := filepath.Join(d.folder, "keys.json")
	if err := os.WriteFile(keys, []byte(`{"access_key_id": "AKIAABCDEFGHIJKLMNOP", "secret_access_key": "a"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, said, code := d.run(t, "credentials", "add", "ec2", "default", "--from-file", keys); code != cmd.ExitSucceeded {
		t.Fatal(out, said)
	}
	return d
}

func (d *desk) run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, said bytes.Buffer
	c := &cmd.Command{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &said, Getenv: os.Getenv,
		Connectors: tasks.Connectors, Users: people{"ann"}, Runner: d.runner,
	}
	code = c.Run(t.Context(), args)
	return out.String(), said.String(), code
}

// edit changes the journal without Errand.
func (d *desk) edit(t *testing.T, statement string) {
	t.Helper()
	database, err := sql.Open("sqlite", filepath.Join(d.folder, "home", "journal.db"))
	if err == nil {
		_, err = database.Exec(statement)
	}
	if err = errors.Join(err, database.Close()); err != nil {
		t.Fatal(err)
	}
}

var hashWord = regexp.MustCompile(`[0-9a-f]{64}`)

// What an operator reads about an audit log that was changed, and the exit codes.
func TestVerifyAnAuditLog(t *testing.T) {
	for _, test := range []struct {
		name, edit string
		code       int
		stdout     string // the hash is HEAD
		json       string
	}{
		{"nothing", `SELECT 1`, cmd.ExitSucceeded,
			"the audit log has 4 entries; head HEAD\n✓ the seal covers entries 1 to 4\n",
			`{"version":1,"good":true,"entries":4,"head":"HEAD","sealed":4,"unsealed":[],"faults":[]}`},
		{"an entry is changed", `UPDATE audit SET data = replace(data, 'intake', 'other') WHERE seq = 2`, cmd.ExitFailed,
			"the audit log has 4 entries; head HEAD\n✓ the seal covers entries 1 to 4\n✗ entry 2: changed after it was written\n",
			`{"version":1,"good":false,"entries":4,"head":"HEAD","sealed":4,"unsealed":[],"faults":[{"kind":"changed","first":2,"last":2}]}`},
		{"entries are removed", `DELETE FROM audit WHERE seq IN (2, 3)`, cmd.ExitFailed,
			"the audit log has 4 entries; head HEAD\n✓ the seal covers entries 1 to 4\n✗ entries 2 to 3: removed from the middle\n",
			`{"version":1,"good":false,"entries":4,"head":"HEAD","sealed":4,"unsealed":[],"faults":[{"kind":"missing","first":2,"last":3}]}`},
		{"the end is removed", `DELETE FROM audit WHERE seq > 2`, cmd.ExitFailed,
			"the audit log has 2 entries; head HEAD\n✗ entries 3 to 4: removed from the end\n",
			`{"version":1,"good":false,"entries":2,"head":"HEAD","sealed":0,"unsealed":[],"faults":[{"kind":"end","first":3,"last":4}]}`},
		{"the seal is changed", `UPDATE audit_seal SET mac = x'00'`, cmd.ExitFailed,
			"the audit log has 4 entries; head HEAD\n✗ the seal does not fit: entries were changed and hashed again, or the seal was changed\n",
			`{"version":1,"good":false,"entries":4,"head":"HEAD","sealed":0,"unsealed":[],"faults":[{"kind":"seal","first":1,"last":4}]}`},
		{"the seal is by another key", `UPDATE audit_seal SET key = 'x'`, cmd.ExitFailed,
			"the audit log has 4 entries; head HEAD\n✗ the seal was made by another key than that of the stored credentials\n",
			`{"version":1,"good":false,"entries":4,"head":"HEAD","sealed":0,"unsealed":[],"faults":[{"kind":"key","first":1,"last":4}]}`},
		{"the seal is removed", `DELETE FROM audit_seal`, cmd.ExitSucceeded,
			"the audit log has 4 entries; head HEAD\n! entries 1 to 4: added without the key of the seal\n",
			`{"version":1,"good":true,"entries":4,"head":"HEAD","sealed":0,"unsealed":[{"first":1,"last":4}],"faults":[]}`},
		{"all of it is removed", `DELETE FROM audit; DELETE FROM audit_seal`, cmd.ExitSucceeded,
			"the audit log has no entries\n",
			`{"version":1,"good":true,"entries":0,"head":"","sealed":0,"unsealed":[],"faults":[]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t)
			for _, args := range [][]string{{"pause", "start-instance"}, {"pause", "intake"}, {"unpause", "intake"}, {"unpause", "start-instance"}} {
				if _, said, code := d.run(t, append([]string{"serve"}, args...)...); code != cmd.ExitSucceeded {
					t.Fatal(said)
				}
			}
			kept, _, _ := d.run(t, "serve", "audit", "verify", "-o", "json")
			d.edit(t, test.edit)
			out, said, code := d.run(t, "serve", "audit", "verify")
			if got := hashWord.ReplaceAllString(out, "HEAD"); code != test.code || got != test.stdout {
				t.Errorf("exit code %d\n%s%s\nwant %d\n%s", code, got, said, test.code, test.stdout)
			}
			if removed := strings.Contains(test.edit, "DELETE FROM audit_seal") && !strings.Contains(test.edit, "audit;"); removed != strings.Contains(said, "although its key is at hand") || strings.Contains(said, "no stored credentials") {
				t.Errorf("the hint is %s", said)
			}
			out, _, code = d.run(t, "serve", "audit", "verify", "-o", "json")
			if got := hashWord.ReplaceAllString(out, "HEAD"); code != test.code || got != test.json+"\n" {
				t.Errorf("exit code %d\n%s\nwant\n%s", code, got, test.json)
			}
			// The head from before finds also what no seal shows.
			_, _, code = d.run(t, "serve", "audit", "verify", "--head", strings.ToUpper(hashWord.FindString(kept)))
			if gone := strings.Contains(test.json, `"entries":0`); code != test.code && !gone || gone && code != cmd.ExitFailed {
				t.Errorf("with the head from before: exit code %d", code)
			}
		})
	}
}

// A log whose seal cannot be checked is neither good nor bad.
func TestVerifyWithoutTheKey(t *testing.T) {
	d := newDesk(t)
	d.run(t, "serve", "pause", "intake")
	if err := os.Remove(filepath.Join(d.folder, "config", "errand", "key")); err != nil {
		t.Fatal(err)
	}
	if out, said, code := d.run(t, "serve", "audit", "verify"); code != cmd.ExitCredentials || !strings.HasPrefix(said, "errand: the seal of the audit log cannot be checked: ") || strings.Contains(out, "✓") {
		t.Errorf("exit code %d\n%s%s", code, out, said)
	}
	if out, _, _ := d.run(t, "serve", "audit", "verify", "-o", "json"); !strings.Contains(out, `"good":false,`) {
		t.Error(out)
	}
}

// A rotation tells that the log does not verify, and leaves its seal alone.
func TestRotateWithAChangedLog(t *testing.T) {
	d := newDesk(t)
	d.run(t, "serve", "pause", "intake")
	d.edit(t, `UPDATE audit SET data = replace(data, 'intake', 'other')`)
	_, said, code := d.run(t, "credentials", "rotate")
	if code != cmd.ExitSucceeded || !strings.Contains(said, "\nthe audit log has still the seal of the earlier key, because it does not verify\n  hint: errand serve audit verify says why\n") {
		t.Errorf("exit code %d\n%s", code, said)
	}
}

// A secret is known to the caller alone: the token is found by it, and no file of the home has it.
func TestATokenIsKeptAsAHash(t *testing.T) {
	d := newDesk(t)
	out, said, code := d.run(t, "serve", "token", "add", "root", "--role", "admin", "-o", "json")
	var made struct{ Token, Name string }
	if err := json.Unmarshal([]byte(out), &made); err != nil || code != cmd.ExitSucceeded || made.Name != "root" || said != "" {
		t.Fatalf("exit code %d, %v: %s", code, err, said)
	}
	h := home.Home{Folder: filepath.Join(d.folder, "home"), Credentials: home.OpenCredentials(d.folder, credential.Places{}), Connectors: tasks.Connectors}
	o, err := h.Open(t.Context(), "the test", h.Registry())
	if err != nil {
		t.Fatal(err)
	}
	hash, _ := access.HashOf(made.Token)
	if found, err := o.Tokens().FindToken(t.Context(), hash); err != nil || found.Name != "root" || !found.Has(access.Monitor) {
		t.Errorf("found %+v, %v", found, err)
	}
	if err := o.Close(); err != nil {
		t.Error(err)
	}
	files, err := filepath.Glob(filepath.Join(d.folder, "home", "*"))
	if err != nil || len(files) < 3 {
		t.Fatalf("the files are %q, %v", files, err)
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && bytes.Contains(text, []byte(made.Token[len("errand_"):])) {
			t.Errorf("%s has the secret", file)
		}
	}
}

// Without a journal in the home, there is nothing to keep tokens in.
func TestServeWithoutAJournal(t *testing.T) {
	d := newDesk(t)
	runs := virtual.NewRuns(virtual.NewClock(time.Now()))
	d.runner = func(_ context.Context, o *home.Opened) (engine.Runner, error) {
		return &virtual.Runner{Runs: runs, Registry: o.Registry, About: o.About}, nil
	}
	for _, args := range []string{"token list", "token add a --role admin", "token revoke a", "audit list", "audit verify", "pause intake", "unpause intake", "paused"} {
		_, said, code := d.run(t, append([]string{"serve"}, strings.Fields(args)...)...)
		if code != cmd.ExitConfiguration || !strings.Contains(said, "not in a journal of this folder") {
			t.Errorf("errand serve %s: exit code %d\n%s", args, code, said)
		}
	}
}

// A damaged journal is trouble of the store.
func TestServeWithADamagedJournal(t *testing.T) {
	d := newDesk(t)
	d.run(t, "serve", "pause", "intake")
	d.edit(t, `DROP TABLE tokens; DROP TABLE paused; DROP TABLE audit`)
	for _, args := range []string{"token list", "audit list", "audit verify", "pause intake", "paused"} {
		_, said, code := d.run(t, append([]string{"serve"}, strings.Fields(args)...)...)
		if code != cmd.ExitOutput || !strings.Contains(said, "no such table") {
			t.Errorf("errand serve %s: exit code %d\n%s", args, code, said)
		}
	}
}

// A service says at its start, once each, which credentials of its workflows cannot be used, and that
// there is no token.
func TestServeWarnsAtItsStart(t *testing.T) {
	newDesk(t) // with keys for ec2, and none for ism
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	log, said := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		c := &cmd.Command{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: said, Getenv: os.Getenv, Connectors: tasks.Connectors, Users: people{"ann"}}
		ended <- c.Run(ctx, []string{"serve", "--listen", "127.0.0.1:0"})
		_ = said.Close()
	}()
	var warnings []string
	tokens := 0
	for lines := bufio.NewScanner(log); lines.Scan(); {
		line := lines.Text()
		tokens += strings.Count(line, "there is no valid token")
		if strings.Contains(line, `"level":"WARN"`) {
			warnings = append(warnings, line)
			time.AfterFunc(300*time.Millisecond, cancel) // time for a second warning, which would be wrong
		}
	}
	if code := <-ended; code != cmd.ExitSucceeded {
		t.Errorf("exit code %d", code)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "no credential of ism is stored") {
		t.Errorf("the warnings are %q", warnings)
	}
	if tokens != 1 {
		t.Errorf("that there is no token is said %d times", tokens)
	}
}

// What is wrong with definitions at the start is shown as by `errand check`, or is in a log of JSON,
// whose lines are all JSON.
func TestServeShowsBadDefinitions(t *testing.T) {
	newDesk(t)
	definitions := t.TempDir()
	for name, text := range map[string]string{
		"good.yaml": "workflow: good\nsteps:\n  - {task: timer.delay, with: {duration: 1s}}\n", "bad.yaml": "workflow: bad\nsteps:\n  - {task: timer.wait}\n",
		"intake.yaml": "version: 1\nsource: ism\nrules:\n  - {name: a, workflow: none}\n",
	} {
		if err := os.WriteFile(filepath.Join(definitions, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for format, want := range map[string][]string{
		"json": {`/bad.yaml","workflow":"bad","summary":"1 error"`, `/intake.yaml","workflow":""`},
		"text": {"error[unknown-task]", "bad.yaml: 1 error; the workflow bad cannot be started", "its rules start nothing"},
	} {
		t.Run(format, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			address, ready := io.Pipe()
			var said bytes.Buffer
			ended := make(chan int, 1)
			go func() {
				c := &cmd.Command{Stdin: strings.NewReader(""), Stdout: ready, Stderr: &said, Getenv: os.Getenv, Connectors: tasks.Connectors, Users: people{"ann"}}
				ended <- c.Run(ctx, []string{"serve", "--listen", "127.0.0.1:0", "--definitions", definitions, "--log-format", format})
				_ = ready.Close()
			}()
			if !bufio.NewScanner(address).Scan() {
				t.Error("the service does not start")
			}
			cancel()
			<-ended
			for _, text := range want {
				if !strings.Contains(said.String(), text) {
					t.Errorf("it does not say %s:\n%s", text, said.String())
				}
			}
			for line := range strings.Lines(said.String()) {
				if format == "json" && !json.Valid([]byte(line)) {
					t.Errorf("this line is not JSON: %s", line)
				}
			}
		})
	}
}
