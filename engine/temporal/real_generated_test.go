package temporal

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/runnertest"
	"errand/engine/task"
	"errand/engine/temporal/temporaltest"
)

// Random definitions over the whole language do the same on a server as on this machine.
func TestGeneratedDefinitionsOnAServer(t *testing.T) {
	at := install(t, temporaltest.Options{ShortestTimer: time.Millisecond})
	here := func(about string, registry *task.Registry) (engine.Runner, func(), error) {
		r := &local.Runner{Journal: journal.NewMemory(), Registry: registry, About: about}
		return r, func() { _ = r.Close() }, nil
	}
	there := func(about string, registry *task.Registry) (engine.Runner, func(), error) {
		r, err := Open(context.WithoutCancel(t.Context()), at.connection(about), at.store, registry, about, WorkerOptions{Drain: time.Second}, slog.New(slog.DiscardHandler))
		if err != nil {
			return nil, nil, err
		}
		ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
		over := make(chan error, 1)
		go func() { over <- r.Work(ctx, false, nil) }()
		return r, func() {
			stop()
			if err := <-over; err != nil {
				t.Error(err)
			}
			_ = r.Close()
		}, nil
	}
	runnertest.CompareGenerated(t, 60, here, there)
}
