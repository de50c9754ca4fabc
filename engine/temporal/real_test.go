package temporal

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"errand/engine/credential"
	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/task"
	"errand/engine/temporal/temporaltest"
)

// An installation is a Temporal server with its search attributes, and the credential store of an installation.
type installation struct {
	testing.TB
	server *temporaltest.Server
	store  *credential.Store
}

// install starts a server and prepares its namespace.
func install(tb testing.TB, o temporaltest.Options) *installation {
	tb.Helper()
	at := &installation{TB: tb, server: temporaltest.Start(tb, o), store: keyedStore(tb)}
	c, err := at.connection("").Dial(tb.Context(), nil, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	defer c.Close()
	if _, err := Setup(tb.Context(), c, temporaltest.Namespace); err != nil {
		tb.Fatal(err)
	}
	return at
}

func (at *installation) connection(queue string) Connection {
	return Connection{Address: at.server.Address(), Namespace: temporaltest.Namespace, TaskQueue: queue}
}

// runner returns a runner of a task queue, which is closed with the test.
func (at *installation) runner(tb testing.TB, queue string, registry *task.Registry) *Runner {
	tb.Helper()
	r, err := Open(context.WithoutCancel(tb.Context()), at.connection(queue), at.store, registry, "the test", WorkerOptions{Drain: time.Second}, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = r.Close() })
	return r
}

// work makes a runner a worker until the test ends or stop is called, which waits for its end.
func work(tb testing.TB, r *Runner) (stop func()) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	over := make(chan error, 1)
	go func() { over <- r.Work(ctx, false, nil) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-over; err != nil {
			tb.Error(err)
		}
	}
	tb.Cleanup(stop)
	return stop
}

// compile compiles a definition.
func compile(tb testing.TB, registry *task.Registry, source string) *program.Program {
	tb.Helper()
	p, problems := program.Load("case.yaml", []byte("workflow: case\n"+source), registry)
	if diag.HasErrors(problems) {
		tb.Fatal(problems)
	}
	return p
}

// keyedStore returns a credential store with a key for payloads.
func keyedStore(tb testing.TB) *credential.Store {
	tb.Helper()
	home := tb.TempDir()
	key := credential.File{Path: filepath.Join(tb.TempDir(), "key")}
	store := &credential.Store{Home: home, Keys: []credential.Source{key}, Create: key}
	if _, err := MakeKey(tb.Context(), store); err != nil {
		tb.Fatal(err)
	}
	return store
}
