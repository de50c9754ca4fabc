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

// A lane is a task queue with its worker.
type lane struct {
	all    *lanes
	runner *temporal.Runner
}

// openLanes starts a server with workers, which end with the test.
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
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var workers sync.WaitGroup
	t.Cleanup(func() { stop(); workers.Wait() })
	for i := range n {
		connection.TaskQueue = fmt.Sprint("lane ", i)
		r, err := temporal.Open(ctx, connection, store, types, "the test", temporal.WorkerOptions{Drain: time.Second}, log)
		if err != nil {
			t.Fatal(err)
		}
		workers.Go(func() {
			defer func() { _ = r.Close() }()
			if err := r.Work(ctx, false, all.watch); err != nil {
				t.Error(err)
			}
		})
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
