package temporal

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/sample"
	"errand/engine/temporal/temporaltest"
)

// On a server, too, a long poll and a long loop continue as new, and have the events of a run that does
// not.
func TestLongRunsOnAServer(t *testing.T) {
	const suggested = 1000
	at := install(t, temporaltest.Options{SuggestContinueAsNewAfter: suggested, ShortestTimer: time.Millisecond})
	looks, items := sample.Size(300, 1000, 5000), sample.Size(300, 1000, 1000)
	for _, r := range []struct {
		name, steps string
		history     int // the run has at least so many events in Temporal
	}{
		{"poll", fmt.Sprintf("  - {id: look, task: stub.reads, until: result.calls == %d, every: 1ms, for: 2h}\n", looks), 11 * looks},
		{"loop", fmt.Sprintf(`
  - id: all
    for_each: ${{ 1..%d }}
    as: item
    steps:
      - {task: stub.evident, with: {text: "item ${{ string(item) }}"}}
`, items), 6 * items},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			registry := hosttest.Registry(func() {})
			p := compile(t, registry, "steps:\n"+r.steps)
			var expected []engine.Event
			synctest.Test(t, func(t *testing.T) { expected = virtualEvents(t, p) })
			runner := at.runner(t, r.name, registry)
			passed := workWatched(t, runner)
			o := engine.Order{Run: "longrun000000000", Request: requestOf(p).Request, Program: p, Inputs: map[string]any{}}
			o.Request += r.name // the requests of the runs differ
			began := time.Now()
			_, err := runner.Accept(t.Context(), o)
			must(t, err)
			must(t, runner.Client.GetWorkflow(t.Context(), flowID(o), "").Get(t.Context(), nil))
			took := time.Since(began)
			// Each execution is a little longer than suggested: its last tasks are completed first.
			times := executions(t, runner, flowID(o), r.history/(suggested+100))
			t.Logf("the run took %v, and its workflow had %d executions", took.Round(time.Second), times)
			if times < 2 {
				t.Errorf("the workflow had %d executions", times)
			}
			sameEvents(t, "the watch", withoutMoment(expected), withoutMoment(passed()))
			read, err := runner.Events(t.Context(), o.Run, engine.EventID{})
			must(t, err)
			sameEvents(t, "the record", withoutMoment(expected), withoutMoment(read))
		})
	}
}

// workWatched makes a runner a worker until the test ends. passed returns the events that it has passed
// on.
func workWatched(t *testing.T, r *Runner) (passed func() []engine.Event) {
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	over := make(chan error, 1)
	var mu sync.Mutex
	var events []engine.Event
	go func() {
		over <- r.Work(ctx, false, func(e engine.Event) {
			mu.Lock()
			defer mu.Unlock()
			events = append(events, e)
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	return func() []engine.Event {
		mu.Lock()
		defer mu.Unlock()
		return events
	}
}

// withoutMoment returns events without what differs from run to run.
func withoutMoment(events []engine.Event) []engine.Event {
	timeless := make([]engine.Event, len(events))
	for i, e := range events {
		e.At, e.Run, e.Request = time.Time{}, "", ""
		timeless[i] = e
	}
	return timeless
}

// executions returns how many executions the workflow of a run has had. The server lists them a little
// later, so executions waits until there are at least so many.
func executions(t *testing.T, r *Runner, flow string, least int) int {
	t.Helper()
	for {
		found, err := r.Client.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: "WorkflowId = " + literal(flow)})
		must(t, err)
		if n := int(found.GetCount()); n >= least {
			return n
		}
		time.Sleep(100 * time.Millisecond)
	}
}
