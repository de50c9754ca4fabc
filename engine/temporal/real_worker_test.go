package temporal

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"errand/engine/credential"
)

// workerVariable is set in a process that is a worker of a test: this program, with a role.
const workerVariable = "ERRAND_TEMPORAL_TEST_WORKER"

func TestMain(m *testing.M) {
	if text := os.Getenv(workerVariable); text != "" {
		if err := playWorker(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// A role is what a worker process of a test works on.
type role struct {
	About      string
	Connection Connection
	Home, Key  string        // of the credential store
	World      string        // the URL of the world
	Evidence   time.Duration // the delay of evidence
	Without    string        // a task type that the worker does not have
	Calls      int           // how many are under way at once
	Limits     map[string]time.Duration
}

// shortLimits are the limits of tests with worker processes.
var shortLimits = limits{call: 8 * time.Second, grace: 6 * time.Second, silence: 4 * time.Second, beat: 500 * time.Millisecond, unheard: 3 * time.Second}

// shortEvidence is the delay of evidence in these tests: longer than an effect comes late in the world.
const shortEvidence = 3 * time.Second

func (l limits) asMap() map[string]time.Duration {
	return map[string]time.Duration{"call": l.call, "grace": l.grace, "silence": l.silence, "beat": l.beat, "unheard": l.unheard}
}

func limitsOfMap(m map[string]time.Duration) limits {
	return limits{call: m["call"], grace: m["grace"], silence: m["silence"], beat: m["beat"], unheard: m["unheard"]}
}

// playWorker works until its standard input ends or it is killed.
func playWorker(text string) error {
	var as role
	if err := json.Unmarshal([]byte(text), &as); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	store := &credential.Store{Home: as.Home, Keys: []credential.Source{credential.File{Path: as.Key}}}
	v := &visitor{url: as.World, evidence: as.Evidence}
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	r, err := Open(ctx, as.Connection, store, v.registry(as.Without), as.About, WorkerOptions{Drain: time.Second, Calls: as.Calls}, logger)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	r.limits = limitsOfMap(as.Limits)
	fmt.Println("works")
	return r.Work(ctx, false, nil)
}

// A workerProcess is a worker that a test can kill and pause.
type workerProcess struct {
	tb    testing.TB
	role  role
	log   string // the file with its standard error
	cmd   *exec.Cmd
	input io.Closer // the process stops when it is closed
}

// worker starts a worker process of a task queue. It ends with the test.
func (at *installation) worker(tb testing.TB, queue string, w *world, change func(*role)) *workerProcess {
	tb.Helper()
	as := role{
		About: "a worker of the test", Connection: at.connection(queue), Home: at.store.Home, Key: keyFile(tb, at.store),
		World: w.http.URL, Evidence: shortEvidence, Limits: shortLimits.asMap(),
	}
	if change != nil {
		change(&as)
	}
	p := &workerProcess{tb: tb, role: as, log: filepath.Join(tb.TempDir(), "log")}
	tb.Cleanup(p.end)
	p.start()
	return p
}

// keyFile returns the file with the key of a store.
func keyFile(tb testing.TB, store *credential.Store) string {
	tb.Helper()
	key, ok := store.Keys[0].(credential.File)
	if !ok {
		tb.Fatalf("the store has the key %T", store.Keys[0])
	}
	return key.Path
}

// start starts the process and waits until it works.
func (p *workerProcess) start() {
	p.tb.Helper()
	self, err := os.Executable()
	if err != nil {
		p.tb.Fatal(err)
	}
	text, err := json.Marshal(p.role)
	if err != nil {
		p.tb.Fatal(err)
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.tb.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), workerVariable+"="+string(text))
	cmd.Stderr = log
	input, err := cmd.StdinPipe()
	if err != nil {
		p.tb.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		p.tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.tb.Fatal(err)
	}
	p.cmd, p.input = cmd, input
	if line, err := bufio.NewReader(output).ReadString('\n'); err != nil || strings.TrimSpace(line) != "works" {
		p.tb.Fatalf("the worker does not work: %q, %v\n%s", line, err, p.errors())
	}
}

// kill ends the process at once.
func (p *workerProcess) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // "signal: killed"
	_ = p.input.Close()
	p.cmd = nil
}

// stop lets the process end by itself.
func (p *workerProcess) stop() {
	_ = p.input.Close()
	if err := p.cmd.Wait(); err != nil {
		p.tb.Errorf("the worker ended: %v\n%s", err, p.errors())
	}
	p.cmd = nil
}

func (p *workerProcess) end() {
	if p.cmd != nil {
		p.kill()
	}
	if p.tb.Failed() {
		p.tb.Logf("what %s said:\n%s", p.role.About, p.errors())
	}
}

// errors returns the end of what the processes of the worker wrote to standard error.
func (p *workerProcess) errors() string {
	const most = 4 << 10
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-most):])
}
