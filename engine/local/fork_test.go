package local_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/task"
)

// A watched context counts the calls of Done. After too many calls Done returns nil, so that a host
// that polls it blocks, and the test fails instead of never ending.
type watched struct {
	context.Context
	asked atomic.Int32
}

const tooOften = 1000

func (w *watched) Done() <-chan struct{} {
	if w.asked.Add(1) > tooOften {
		return nil
	}
	return w.Context.Done()
}

// If a process is told to end while one branch is in a call and another one waits, the process
// waits for the call, and the other branch sleeps until then.
func TestAWaitingBranchSleepsWhileTheProcessEnds(t *testing.T) {
	for _, waits := range []struct{ name, step string }{
		{"for a person", `{id: ok, approval: {ask: "May it?", by: [Kim]}}`},
		{"for a person, for a limited time", `{id: ok, approval: {ask: "May it?", by: [Kim], within: 1h}}`},
		{"for a time", `{id: ok, task: timer.minute}`},
	} {
		t.Run(waits.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				ctx, end := context.WithCancel(t.Context())
				process := &watched{Context: ctx}
				b.answer = func(task.Call) error {
					time.Sleep(time.Second) // the other branch waits by now
					end()
					time.Sleep(10 * time.Second)
					return nil
				}
				result, err := b.process("first").Start(process, b.order(`
steps:
  - id: both
    parallel:
      one: [`+waits.step+`]
      two: [{id: act, task: remote.reads, with: {text: one}}]
`), engine.Following{})
				if err != nil || result.Status != engine.Waiting || len(b.calls) != 1 {
					t.Errorf("the run is %s after %d calls, %v", result.Status, len(b.calls), err)
				}
				if n := process.asked.Load(); n > tooOften {
					t.Errorf("the waiting branch asked %d times whether the process ends", n)
				}
			})
		})
	}
}

// A retry restarts the times of its step also if an earlier process ended while only branches
// before that step were at work.
func TestRetryRestartsTheTimesAfterBranches(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		release := make(chan bool)
		refuses := true
		b.answer = func(c task.Call) error {
			switch {
			case c.Step == "act" && !c.Recover:
				<-release
			case c.Step == "last" && refuses:
				return refused
			}
			return nil
		}
		o := b.order(`
steps:
  - id: both
    parallel:
      one: [{id: act, task: remote.evident, with: {text: one}}]
      two: [{id: wait, task: timer.minute}]
  - {id: last, task: remote.evident, with: {text: two}, timeout: 1m}
`)
		first := b.process("first")
		ended := make(chan error)
		go func() {
			_, err := first.Start(t.Context(), o, engine.Following{})
			ended <- err
		}()
		synctest.Wait()
		if err := first.Close(); err != nil { // the operating system does the same for a process that dies
			t.Fatal(err)
		}
		second := b.process("second")
		result, err := second.Follow(t.Context(), o.Run, engine.Following{})
		const steps = "both succeeded, act succeeded, wait succeeded, last "
		b.want(result, err, engine.Failed, steps+"failed")
		close(release)
		<-ended
		time.Sleep(time.Hour)
		refuses = false
		if err := second.Retry(t.Context(), o.Run, engine.Retry{By: engine.Person{Name: "Kim"}}); err != nil {
			t.Fatal(err)
		}
		retried := time.Now()
		result, err = second.Follow(t.Context(), o.Run, engine.Following{})
		b.want(result, err, engine.Succeeded, steps+"succeeded")
		if started := b.calls[len(b.calls)-1].Started; started.Before(retried) {
			t.Errorf("the step's times count from %s, and the retry was at %s", started, retried)
		}
	})
}
