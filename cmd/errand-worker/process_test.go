package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"errand/cmd"
	"errand/tasks"
)

// A process is a command that goes on until it is asked to end.
type process struct {
	*testing.T
	end   context.CancelFunc
	ended chan int
	said  bytes.Buffer // what else it writes; complete when the process has ended
	lines *bufio.Scanner
	read  []string // the lines so far
	hang  func()   // ends the lines with an error
}

// hung is the time after which a process that does not say what is expected counts as hung. The test
// then fails with what the process did say.
const hung = 2 * time.Minute

// begin starts a command in this process. Its log is read line by line if it writes one, and otherwise
// its output.
func begin(t *testing.T, log bool, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	from, to := io.Pipe()
	p := &process{T: t, end: cancel, ended: make(chan int, 1), lines: bufio.NewScanner(from)}
	p.hang = func() { _ = to.CloseWithError(fmt.Errorf("no such line within %s", hung)) }
	c := newCommand(tasks.Connectors, inAHome)
	c.Stdin, c.Stdout, c.Stderr, c.Users = strings.NewReader(""), to, &p.said, people{}
	if log {
		c.Stdout, c.Stderr = &p.said, to
	}
	go func() {
		p.ended <- c.Run(ctx, args)
		_ = to.Close()
	}()
	return p
}

// until reads lines up to one with a text, and returns it.
func (p *process) until(text string) string {
	p.Helper()
	timer := time.AfterFunc(hung, p.hang)
	defer timer.Stop()
	for p.lines.Scan() {
		line := p.lines.Text()
		if strings.Contains(line, text) {
			return line
		}
		p.read = append(p.read, line)
	}
	p.end()
	select {
	case <-p.ended:
	case <-time.After(hung):
		p.Fatal("the process does not end")
	}
	p.Fatalf("the process did not say %q: %v\n%s\n%s", text, p.lines.Err(), strings.Join(p.read, "\n"), p.said.String())
	return ""
}

// stop asks the process to end.
func (p *process) stop() {
	p.Helper()
	p.end()
	for p.lines.Scan() {
		_ = p.lines.Text()
	}
	if code := <-p.ended; code != cmd.ExitSucceeded {
		p.Errorf("exit code %d\n%s", code, p.said.String())
	}
}

// atHome makes the environment name a new home, and returns a folder.
func atHome(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	t.Setenv("ERRAND_HOME", filepath.Join(folder, "home"))
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(folder, "config"))
	return folder
}

func run(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	var out, said bytes.Buffer
	c := newCommand(tasks.Connectors, inAHome)
	c.Stdin, c.Stdout, c.Stderr, c.Users = strings.NewReader(""), &out, &said, people{}
	if code := c.Run(t.Context(), args); code != cmd.ExitSucceeded {
		t.Fatalf("%s %s: exit code %d\n%s", name, strings.Join(args, " "), code, said.String())
	}
	return strings.TrimSpace(out.String())
}

// A run that nobody follows is carried on by a worker, until the worker is asked to end.
func TestWorker(t *testing.T) {
	file := filepath.Join(atHome(t), "note.yaml")
	if err := os.WriteFile(file, []byte("workflow: note\nsteps:\n  - {task: worklog.format, with: {template: Hello}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	id := run(t, "run", file, "--request", "100-291", "--detach")
	if v := run(t, "runs", "show", id, "-o", "json"); !strings.Contains(v, `"status":"waiting"`) {
		t.Errorf("without a worker the run is %s", v)
	}
	w := begin(t, true, "worker", "--log-format", "json", "--drain", "5s")
	w.until("the worker carries on runs")
	w.until(`"status":"succeeded"`)
	if v := run(t, "runs", "show", id, "-o", "json"); !strings.Contains(v, `"status":"succeeded"`) {
		t.Errorf("with a worker the run is %s", v)
	}
	w.stop()
}

// The codec answers those who have a token, and pages of one origin.
func TestCodec(t *testing.T) {
	atHome(t)
	run(t, "setup")
	secret := run(t, "serve", "token", "add", "ops", "--role", "operator", "--person", "kim")
	p := begin(t, false, "codec", "--listen", "127.0.0.1:0", "--origin", "https://temporal.example.com", "--log-level", "error")
	url := p.until("http://")
	ask := func(token, origin string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/decode", strings.NewReader(`{"payloads":[]}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Origin", origin)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		return answer.StatusCode
	}
	for _, test := range []struct {
		token, origin string
		want          int
	}{
		{secret, "https://temporal.example.com", http.StatusOK},
		{"none", "https://temporal.example.com", http.StatusUnauthorized},
		{secret, "https://other.example.com", http.StatusForbidden},
	} {
		if got := ask(test.token, test.origin); got != test.want {
			t.Errorf("a page of %s gets %d, want %d", test.origin, got, test.want)
		}
	}
	p.stop()
}

// A worker shows its figures to a token with the role monitor, and to nobody else. Everybody may ask
// whether it answers.
func TestWorkerFigures(t *testing.T) {
	file := filepath.Join(atHome(t), "note.yaml")
	if err := os.WriteFile(file, []byte("workflow: note\nsteps:\n  - {task: worklog.format, with: {template: Hello}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	monitor := run(t, "serve", "token", "add", "watch", "--role", "monitor")
	operator := run(t, "serve", "token", "add", "ops", "--role", "operator", "--person", "kim")
	w := begin(t, false, "worker", "--listen", "127.0.0.1:0", "--log-level", "error")
	url := w.until("http://")
	id := run(t, "run", file, "--request", "100-291", "--detach")
	for v := ""; !strings.Contains(v, `"status":"succeeded"`); {
		v = run(t, "runs", "show", id, "-o", "json")
	}
	get := func(path, token string) (status int, text string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	const ended = `errand_runs_ended_total{status="succeeded",workflow="note"} 1`
	for {
		status, text := get("/metrics", monitor)
		if status != http.StatusOK {
			t.Fatalf("the figures are %d %s", status, text)
		}
		if strings.Contains(text, ended) { // the figures follow the end of the run
			break
		}
	}
	for _, test := range []struct {
		path, token string
		want        int
	}{
		{"/metrics", operator, http.StatusUnauthorized},
		{"/metrics", "none", http.StatusUnauthorized},
		{"/healthz", "", http.StatusOK},
		{"/other", monitor, http.StatusNotFound},
	} {
		if status, text := get(test.path, test.token); status != test.want {
			t.Errorf("GET %s with %.12q: %d %.300s", test.path, test.token, status, text)
		}
	}
	w.stop()
}
