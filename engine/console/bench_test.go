package console_test

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/console"
	"errand/engine/diag"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/service"
	"errand/engine/task"
)

// A bench is a service with its console on loopback, and a worker.
type bench struct {
	testing.TB
	url      string       // "" before serve
	client   *http.Client // reaches the service
	console  *console.Console
	server   *service.Server
	runner   *local.Runner
	store    *store
	registry *task.Registry
	shelf    shelf
	secrets  map[string]string // of the tokens, by name
	late     atomic.Int64      // by how much the console's clock is ahead

	mu     sync.Mutex
	answer func(task.Call) error // of probe.acts; nil means success
}

// A setting changes how a bench is made.
type setting struct {
	folder  string // of the journal; "" means in memory
	public  string // the address of the console
	tls     bool
	streams int  // the most event streams; 0 means the service's own number
	idle    bool // nobody works on the runs
	rate    service.Rate
}

// definitions are the workflows of every bench.
var definitions = []string{`
workflow: greet
inputs:
  who: {type: string}
steps:
  - {id: act, name: Greet, task: probe.acts, with: {text: '${{ inputs.who }}'}}
outputs:
  said: ${{ steps.act.text }}
`, `
workflow: ask
steps:
  - {id: ok, name: May it act, approval: {ask: 'Go?', by: [robin, deciders], within: 1h}}
  - {id: act, task: probe.acts, with: {text: go}}
`, `
workflow: doubtful
steps:
  - {id: act, name: Act once, task: probe.acts, with: {text: lose it}}
`, `
workflow: breaks
steps:
  - {id: act, task: probe.acts, with: {text: refuse it}}
`, `
workflow: slow
steps:
  - {id: wait, task: probe.waits}
`}

type probeIn struct {
	Text string `json:"text,omitempty" doc:"Any text."`
}

type probeOut struct {
	Text string `json:"text" doc:"The text."`
}

// newBench starts a service.
func newBench(t testing.TB, s setting) *bench {
	t.Helper()
	b := makeBench(t, s)
	b.serve(s)
	return b
}

// makeBench makes a service that does not listen yet, and starts its worker.
func makeBench(t testing.TB, s setting) *bench {
	t.Helper()
	b := &bench{TB: t, store: openStore(t, s.folder), secrets: map[string]string{}}
	acts := task.Define("probe.acts", "Answers as the test says.", task.Once, func(_ context.Context, c task.Call, in probeIn) (probeOut, error) {
		return probeOut(in), b.probe(c, in.Text)
	}).WithChange(task.Change{Verb: task.Changes, What: "probe {text}", Done: "poked"})
	waits := task.Define("probe.waits", "Looks again every hour.", task.Pure, func(_ context.Context, c task.Call, _ probeIn) (probeOut, error) {
		return probeOut{}, &task.Again{After: time.Hour}
	})
	b.registry = task.NewRegistry(task.Connector{Name: "probe", Title: "Probe", Description: "Answers as the test says.", Types: []task.Type{acts, waits}})
	b.shelf = shelf{}
	b.define(definitions...)
	b.runner = &local.Runner{Journal: b.store.Journal, Registry: b.registry, About: "the test", Poll: 20 * time.Millisecond}
	b.server = service.New(service.Config{
		Key: [32]byte{1}, Runner: b.runner, Registry: b.registry, Workflows: b.shelf, Tokens: b.store, Audit: b.store, Pauses: b.store, MaxStreams: s.streams, Rate: s.rate,
	})
	b.console = console.New(console.Config{
		Service: b.server, Workflows: b.shelf, Registry: b.registry, Tokens: b.store, Sessions: b.store, Pauses: b.store, Audit: b.store, PublicURL: s.public,
		Test: func(ctx context.Context, c service.Client, run string) ([]byte, error) {
			_, err := c.Record(ctx, run)
			return []byte("a test case"), err
		},
	})
	b.console.SetNow(func() time.Time { return time.Now().Add(time.Duration(b.late.Load())) })
	ctx, stop := context.WithCancel(context.Background())
	var worker sync.WaitGroup
	if !s.idle {
		worker.Go(func() {
			if err := b.runner.Work(ctx, false, nil); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(func() {
		stop()
		worker.Wait()
		if err := b.runner.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// serve begins to listen.
func (b *bench) serve(s setting) {
	h := httptest.NewUnstartedServer(nil)
	h.Config = service.HTTPServer(b.console.Handler(), slog.New(slog.DiscardHandler))
	if s.tls {
		h.StartTLS()
	} else {
		h.Start()
	}
	b.url, b.client = h.URL, h.Client()
	b.Cleanup(func() {
		h.CloseClientConnections()
		h.Close()
	})
}

// probe answers a call.
func (b *bench) probe(c task.Call, text string) error {
	b.mu.Lock()
	answer := b.answer
	b.mu.Unlock()
	switch {
	case answer != nil:
		return answer(c)
	case text == "lose it":
		return &task.Failure{Code: task.CodeNoReply, Message: "no answer came", Transient: true, Unknown: true}
	case text == "refuse it":
		return &task.Failure{Code: "Refused", Message: "the other system refuses", Status: 400}
	}
	return nil
}

// define adds workflows.
func (b *bench) define(sources ...string) {
	b.Helper()
	for _, source := range sources {
		p, problems := program.Load("", []byte(source), b.registry)
		if diag.HasErrors(problems) {
			b.Fatal(source, problems)
		}
		b.shelf[p.Name] = p
	}
}

// A shelf has compiled workflows.
type shelf map[string]*program.Program

func (s shelf) Workflow(name string) (*program.Program, bool) { p, ok := s[name]; return p, ok }
func (s shelf) Names() []string                               { return slices.Sorted(maps.Keys(s)) }
func (s shelf) Bad() int                                      { return 0 }

// token adds a token and returns its secret. It is for all workflows.
func (b *bench) token(t access.Token) string {
	b.Helper()
	secret, hash := access.NewSecret()
	t.Workflows = b.shelf.Names()
	if err := b.store.AddToken(b.Context(), t, hash); err != nil {
		b.Fatal(err)
	}
	b.secrets[t.Name] = secret
	return secret
}

// as returns the secret of a token with roles, whose person has the token's name.
func (b *bench) as(name string, roles ...access.Role) string {
	b.Helper()
	if secret := b.secrets[name]; secret != "" {
		return secret
	}
	return b.token(access.Token{Name: name, Person: name, Roles: roles})
}

// start starts a run of a workflow for somebody and returns its id.
func (b *bench) start(secret, workflow, request string, inputs map[string]any) string {
	b.Helper()
	token, err := b.tokenOf(secret)
	if err != nil {
		b.Fatal(err)
	}
	var started struct{ Run string }
	body := map[string]any{"workflow": workflow, "inputs": inputs}
	if request != "" {
		body["request"] = request
	}
	if err := b.server.Client(token).Call(b.Context(), http.MethodPost, "/v1/runs", nil, body, &started); err != nil {
		b.Fatal(err)
	}
	return started.Run
}

func (b *bench) tokenOf(secret string) (access.Token, error) {
	hash, _ := access.HashOf(secret)
	return b.store.FindToken(b.Context(), hash)
}

// settled waits until a run has a status and is not about to go on.
func (b *bench) settled(run string, status engine.Status) engine.View {
	b.Helper()
	idle := func(v engine.View) bool {
		return v.Process == "" && !slices.ContainsFunc(v.Waits, func(w engine.Wait) bool { return w.For == engine.WaitProcess })
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
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

// A cast is runs of several kinds, which one person started.
type cast struct{ succeeded, failed, asking, uncertain, polling string }

// all returns all runs.
func (c cast) all() []string {
	return []string{c.succeeded, c.failed, c.asking, c.uncertain, c.polling}
}

// pruned returns a run whose record was deleted. Those of all other runs that have ended are deleted,
// too.
func (b *bench) pruned(secret, request string) (run string) {
	b.Helper()
	run = b.start(secret, "greet", request, map[string]any{"who": "Kim"})
	b.settled(run, engine.Succeeded)
	if _, err := b.runner.Prune(b.Context(), engine.Pruning{EndedBefore: time.Now().Add(time.Hour)}); err != nil {
		b.Fatal(err)
	}
	return run
}

// cast starts runs of several kinds for the service requests PREFIX-1 and so on.
func (b *bench) cast(secret, prefix string) (c cast) {
	b.Helper()
	c.succeeded = b.start(secret, "greet", prefix+"-1", map[string]any{"who": "Kim"})
	c.failed = b.start(secret, "breaks", prefix+"-2", nil)
	c.asking = b.start(secret, "ask", prefix+"-3", nil)
	c.uncertain = b.start(secret, "doubtful", prefix+"-4", nil)
	c.polling = b.start(secret, "slow", prefix+"-5", nil)
	b.settled(c.succeeded, engine.Succeeded)
	b.settled(c.failed, engine.Failed)
	b.settled(c.asking, engine.Waiting)
	b.settled(c.uncertain, engine.Uncertain)
	b.settled(c.polling, engine.Waiting)
	return c
}
