package cmd_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/cmd"
	"errand/engine"
	"errand/engine/home"
	"errand/tasks"
)

// A lean runner has only what every runner has, and counts: it takes no tickets, deletes nothing and
// keeps no audit log.
type lean struct {
	engine.Runner
	engine.Counter
	io.Closer
}

func openLean(ctx context.Context, o *home.Opened) (engine.Runner, error) {
	r, err := home.Local(ctx, o)
	if err != nil {
		return nil, err
	}
	return lean{r, r.(engine.Counter), r.(io.Closer)}, nil
}

// A service whose runner takes no tickets and deletes nothing says so, and serves all the same. Its
// starts are in the audit log.
func TestServeWithALeanRunner(t *testing.T) {
	d := newDesk(t)
	d.runner = openLean
	definitions := t.TempDir()
	for name, text := range map[string]string{
		"note.yaml":   "workflow: note\nsteps:\n  - {task: worklog.format, with: {template: Hello}}\n",
		"intake.yaml": "version: 1\nsource: ism\nrules:\n  - {name: a, workflow: note}\n",
	} {
		if err := os.WriteFile(filepath.Join(definitions, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, said, code := d.run(t, "serve", "--listen", "127.0.0.1:0", "--retain", "400d"); code != cmd.ExitUsage || said != "errand: --retain: the runs of this home are deleted by the system that keeps them\n" {
		t.Errorf("serve --retain: exit code %d\n%s", code, said)
	}
	secret, said, code := d.run(t, "serve", "token", "add", "desk", "--role", "requester", "--workflow", "note", "--definitions", definitions)
	if code != cmd.ExitSucceeded {
		t.Fatal(said)
	}

	ctx, cancel := context.WithCancel(t.Context())
	address, ready := io.Pipe()
	var log bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		c := &cmd.Command{Stdin: strings.NewReader(""), Stdout: ready, Stderr: &log, Getenv: os.Getenv, Connectors: tasks.Connectors, Users: people{"ann"}, Runner: openLean}
		ended <- c.Run(ctx, []string{"serve", "--listen", "127.0.0.1:0", "--definitions", definitions, "--alerts", "ops", "--log-format", "text"})
		_ = ready.Close()
	}()
	lines := bufio.NewScanner(address)
	if !lines.Scan() {
		t.Error("the service does not start")
	}
	ask := func(method, path, body string) int {
		r, err := http.NewRequestWithContext(ctx, method, lines.Text()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(secret))
		r.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		return answer.StatusCode
	}
	if got := ask(http.MethodGet, "/readyz", ""); got != http.StatusOK {
		t.Errorf("/readyz answers %d", got)
	}
	if got := ask(http.MethodPost, "/v1/runs", `{"workflow":"note","request":"100-291"}`); got != http.StatusCreated {
		t.Errorf("a start is answered with %d", got)
	}
	cancel()
	if code := <-ended; code != cmd.ExitSucceeded {
		t.Errorf("exit code %d", code)
	}
	if n := strings.Count(log.String(), "this service takes no tickets"); n != 1 || !strings.Contains(log.String(), "intake.yaml") {
		t.Errorf("that it takes no tickets is said %d times:\n%s", n, log.String())
	}
	if out, said, code := d.run(t, "serve", "audit", "list", "-o", "json"); code != cmd.ExitSucceeded || strings.Count(out, `"action":"run.start"`) != 1 {
		t.Errorf("exit code %d\n%s%s", code, out, said)
	}
}
