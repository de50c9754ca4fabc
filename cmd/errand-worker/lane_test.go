package main_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/credential"
	"errand/engine/temporal"
	"errand/engine/temporal/temporaltest"
)

// Lanes carry runs out on one Temporal server, several at once. Each lane has a worker of its own,
// because a worker calls less often with a credential for a while after one of its calls was throttled.
type lanes struct {
	free chan *lane

	mu    sync.Mutex
	sites map[string]*site // by run
}

// A lane is a task queue.
type lane struct {
	all    *lanes
	runner *temporal.Runner
}

// work makes the lane's runner a worker until the caller stops it. Each course has a worker of its own, so
// that one whose calls are throttled does not slow down the calls of the next one.
func (l *lane) work(ctx context.Context) (stop func() error) {
	ctx, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- l.runner.Work(ctx, false, l.all.watch) }()
	return func() error {
		end()
		return <-ended
	}
}

// openLanes starts a server, which ends with the test.
func openLanes(t *testing.T, n int) *lanes {
	t.Helper()
	server := temporaltest.Start(t, temporaltest.Options{ShortestTimer: time.Millisecond})
	key := credential.File{Path: filepath.Join(t.TempDir(), "key")}
	store := &credential.Store{Home: t.TempDir(), Keys: []credential.Source{key}, Create: key}
	if _, err := temporal.MakeKey(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	connection := temporal.Connection{Address: server.Address(), Namespace: temporaltest.Namespace}
	log := slog.New(slog.DiscardHandler)
	c, err := connection.Dial(t.Context(), nil, log)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := temporal.Setup(t.Context(), c, temporaltest.Namespace); err != nil {
		t.Fatal(err)
	}
	all := &lanes{free: make(chan *lane, n), sites: map[string]*site{}}
	types := registry(all.site)
	ctx := context.WithoutCancel(t.Context())
	for i := range n {
		connection.TaskQueue = fmt.Sprint("lane ", i)
		r, err := temporal.Open(ctx, connection, store, types, "the test", temporal.WorkerOptions{Drain: time.Second}, log)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = r.Close() })
		all.free <- &lane{all, r}
	}
	return all
}

// add makes a site that of a run.
func (l *lanes) add(run string, s *site) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sites[run] = s
}

func (l *lanes) site(run string) *site {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sites[run]
}

// watch passes on what a run waits for.
func (l *lanes) watch(e engine.Event) { l.site(e.Run).watch(e) }
