package service_test

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/diag"
	"errand/engine/hosttest"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/service"
	"errand/engine/task"
)

// A bench is a service on loopback with a journal on disk and a worker.
type bench struct {
	*testing.T
	url       string
	folder    string // of the journal
	server    *service.Server
	runner    *local.Runner
	workflows *shelf
	store     *store
	desk      map[string][]string // the requesters of service requests
	registry  *task.Registry
	secrets   map[string]string // of tokens that as has made, by name
	idle      func()            // ends the worker of the bench
	naming    sync.Mutex        // guards secrets

	mu     sync.Mutex
	calls  []task.Call           // of probe.*, in their order
	answer func(task.Call) error // of probe.*; nil means success
	over   chan struct{}         // closed when the bench ends: until then probe.blocks does not answer
}

type probeIn struct {
	Text string `json:"text" doc:"Any text."`
}

type probeOut struct {
	Text string `json:"text" doc:"The text."`
}

// testKey seals cursors in tests.
var testKey = [32]byte{1}

// definitions are the workflows of every bench.
var definitions = []string{`
workflow: greet
title: Greet somebody
inputs:
  who: {type: string, pattern: '^[A-Z]', description: Whom to greet.}
  times: {type: integer, default: 1, minimum: 1, maximum: 3}
steps:
  - {id: act, task: probe.once, with: {text: '${{ inputs.who }} ${{ inputs.times }}'}}
outputs:
  said: ${{ steps.act.text }}
`, `
workflow: ask
title: Ask before acting
steps:
  - {id: ok, name: May it act, approval: {ask: 'Go for ${{ request.id }}?', by: [robin, deciders], within: 1h}}
  - {id: act, task: probe.once, with: {text: go}}
`, `
workflow: doubtful
steps:
  - {id: act, name: Act once, task: probe.once, with: {text: maybe}}
  - {id: after, task: probe.reads}
`, `
workflow: slow
steps:
  - {id: wait, task: probe.waits}
  - {id: act, task: probe.once}
`, `
workflow: busy
steps:
  - {id: act, task: probe.blocks}
`, `
workflow: single
concurrency: {key: one}
steps:
  - {id: act, task: probe.once}
`}

// newBench starts a service. change may change its configuration.
func newBench(t *testing.T, change ...func(*service.Config)) *bench {
	t.Helper()
	return newBenchIn(t, t.TempDir(), change...)
}

// newBenchIn starts a service with the journal in a folder.
func newBenchIn(t *testing.T, folder string, change ...func(*service.Config)) *bench {
	t.Helper()
	b := &bench{T: t, folder: folder, desk: map[string][]string{}, over: make(chan struct{}), secrets: map[string]string{}}
	probe := task.Connector{Name: "probe", Title: "Probe", Description: "Answers as the test says.", Desk: deskOf{bench: b},
		Ready: func(context.Context, string) error { return nil }}
	for name, effect := range map[string]task.Effect{"once": task.Once, "reads": task.Reads} {
		probe.Types = append(probe.Types, task.Define("probe."+name, "Answers as the test says.", effect,
			func(_ context.Context, c task.Call, in probeIn) (probeOut, error) { return probeOut(in), b.probe(c) }))
	}
	probe.Types[0] = probe.Types[0].WithChange(task.Change{Verb: task.Changes, What: "probe {text}", Done: "poked"})
	probe.Types[1] = probe.Types[1].WithChange(task.Change{Verb: task.Changes, What: "probe {text}", Done: "poked"})
	probe.Types = append(probe.Types, task.Define("probe.waits", "Waits for an hour.", task.Pure,
		func(_ context.Context, c task.Call, _ probeIn) (probeOut, error) {
			if left := time.Hour - c.Now.Sub(c.Started); left > 0 {
				return probeOut{}, &task.Again{After: left}
			}
			return probeOut{}, nil
		}))
	probe.Types = append(probe.Types, task.Define("probe.blocks", "Does not answer before the test ends.", task.Reads,
		func(_ context.Context, _ task.Call, in probeIn) (probeOut, error) {
			<-b.over
			return probeOut(in), nil
		}))
	b.registry = task.NewRegistry(append(hosttest.Registry(func() {}).Connectors(), probe)...)
	b.workflows = newShelf(t, b.registry, definitions...)
	j, err := journal.Open(t.Context(), b.folder)
	if err != nil {
		t.Fatal(err)
	}
	b.store = &store{tokens: j, Pauses: j, Audit: j.Audit(nil)}
	b.runner = &local.Runner{Journal: j, Registry: b.registry, About: "the test", Poll: 20 * time.Millisecond}
	config := service.Config{
		Key: testKey, Runner: b.runner, Registry: b.registry, Workflows: b.workflows, Tokens: b.store, Audit: b.store, Pauses: b.store, Heartbeat: 300 * time.Millisecond,
	}
	for _, c := range change {
		c(&config)
	}
	b.server = service.New(config)
	h := httptest.NewUnstartedServer(nil)
	h.Config = service.HTTPServer(b.server, cmp.Or(config.Log, slog.New(slog.DiscardHandler)))
	h.Start()
	b.url = h.URL
	ctx, stop := context.WithCancel(context.Background())
	var worker sync.WaitGroup
	worker.Go(func() {
		if err := b.runner.Work(ctx, false, nil); err != nil {
			t.Error(err)
		}
	})
	b.idle = func() {
		stop()
		worker.Wait()
	}
	t.Cleanup(func() {
		h.CloseClientConnections()
		h.Close()
		close(b.over)
		b.idle()
		if err := errors.Join(b.runner.Close(), j.Close()); err != nil {
			t.Error(err)
		}
	})
	return b
}

// streams limits the event streams of a bench.
func streams(n int) func(*service.Config) {
	return func(c *service.Config) { c.MaxStreams = n }
}

// probe records a call and answers it.
func (b *bench) probe(c task.Call) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = append(b.calls, c)
	if b.answer == nil {
		return nil
	}
	return b.answer(c)
}

// A deskOf is the service desk of a bench.
type deskOf struct {
	task.Desk // the service lists no tickets
	bench     *bench
}

// Requesters implements task.Desk.
func (d deskOf) Requesters(_ context.Context, _, request string) ([]string, error) {
	d.bench.mu.Lock()
	defer d.bench.mu.Unlock()
	switch request {
	case "999-1":
		return nil, &task.Failure{Code: "Unavailable", Message: "the desk does not answer", Status: 503, Transient: true}
	case "404-1":
		return nil, &task.Failure{Code: "NotFound", Message: "there is no ticket 404-1", Status: 404}
	}
	return d.bench.desk[request], nil
}

// losing answers the calls of a step as if the answer had been lost.
func losing(step string) func(task.Call) error {
	return func(c task.Call) error {
		if c.Step == step {
			return &task.Failure{Code: task.CodeNoReply, Message: "no answer came", Transient: true, Unknown: true}
		}
		return nil
	}
}

// token adds a token and returns its secret.
func (b *bench) token(t access.Token) string {
	b.Helper()
	secret, hash := access.NewSecret()
	if err := b.store.AddToken(b.Context(), t, hash); err != nil {
		b.Fatal(err)
	}
	return secret
}

// as returns the secret of a token with roles, which it adds if there is none with this name. A
// requester may start every workflow.
func (b *bench) as(name string, roles ...access.Role) string {
	b.Helper()
	b.naming.Lock()
	defer b.naming.Unlock()
	if secret := b.secrets[name]; secret != "" {
		return secret
	}
	b.secrets[name] = b.token(access.Token{Name: name, Roles: roles, Workflows: b.workflows.Names()})
	return b.secrets[name]
}

// settled waits until a run has a status and is not about to go on.
func (b *bench) settled(run string, status engine.Status) engine.View {
	b.Helper()
	idle := func(v engine.View) bool {
		return v.Process == "" && !slices.ContainsFunc(v.Waits, func(w engine.Wait) bool { return w.For == engine.WaitProcess })
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		v, err := b.runner.Read(b.Context(), run)
		if err != nil {
			b.Fatal(err)
		}
		if v.Status == status && idle(v) {
			return v
		}
		if time.Now().After(deadline) {
			b.Fatalf("run %s is %s and waits for %+v; expected %s", run, v.Status, v.Waits, status)
		}
	}
}

// sql changes rows of the journal behind the back of the service.
func (b *bench) sql(statement string, args ...any) {
	b.Helper()
	if n := b.exec(statement, args...); n == 0 {
		b.Fatalf("%s changes no row", statement)
	}
}

// exec carries out a statement behind the back of the service, and returns how many rows it changes.
func (b *bench) exec(statement string, args ...any) int64 {
	b.Helper()
	db, err := sql.Open("sqlite", filepath.Join(b.folder, "journal.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	done, err := db.ExecContext(b.Context(), "PRAGMA busy_timeout = 10000; "+statement, args...)
	if err != nil {
		b.Fatal(err)
	}
	n, err := done.RowsAffected()
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// start starts a run and returns its id.
func (b *bench) start(secret, body string) string {
	b.Helper()
	return b.ask(secret, http.MethodPost, "/v1/runs", body).want(http.StatusCreated).member("run")
}

// A shelf has compiled workflows.
type shelf struct {
	mu       sync.Mutex
	programs map[string]*program.Program
	bad      int
}

func newShelf(t *testing.T, registry *task.Registry, sources ...string) *shelf {
	t.Helper()
	s := &shelf{programs: map[string]*program.Program{}}
	for _, source := range sources {
		p, problems := program.Load("", []byte(source), registry)
		if diag.HasErrors(problems) {
			t.Fatal(source, problems)
		}
		s.programs[p.Name] = p
	}
	return s
}

func (s *shelf) Workflow(name string) (*program.Program, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.programs[name]
	return p, ok
}

func (s *shelf) Names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.programs))
}

func (s *shelf) Bad() int { return s.bad }

// define adds a workflow.
func (b *bench) define(source string) {
	b.Helper()
	maps.Copy(b.workflows.programs, newShelf(b.T, b.registry, source).programs)
}
