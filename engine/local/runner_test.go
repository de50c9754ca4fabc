package local_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/hosttest"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/task"
)

// A bench is a journal and the tasks that its runs call, in one bubble of testing/synctest.
type bench struct {
	t       *testing.T
	journal journal.Journal
	mu      sync.Mutex
	calls   []task.Call // of remote.*, in their order
	answer  func(task.Call) error
}

type remoteIn struct {
	Text string `json:"text" doc:"Any text."`
}

type remoteOut struct {
	Text string `json:"text" doc:"The text."`
}

// newBench returns a bench with the task types of hosttest, and remote.once, remote.evident and
// remote.reads, which record their calls and answer as the test says.
func newBench(t *testing.T) *bench {
	return &bench{t: t, journal: journal.NewMemory(), answer: func(task.Call) error { return nil }}
}

func (b *bench) registry() *task.Registry {
	remote := task.Connector{Name: "remote", Title: "Remote", Description: "Answers as the test says."}
	for _, effect := range []task.Effect{task.Once, task.Evident, task.Reads} {
		remote.Types = append(remote.Types, task.Define("remote."+string(effect), "Answers as the test says.", effect,
			func(_ context.Context, c task.Call, in remoteIn) (remoteOut, error) {
				b.mu.Lock()
				b.calls = append(b.calls, c)
				b.mu.Unlock()
				return remoteOut(in), b.answer(c)
			}))
	}
	timer := task.Connector{Name: "timer", Title: "Timer", Description: "Waits."}
	timer.Types = append(timer.Types, task.Define("timer.minute", "Waits for a minute.", task.Pure,
		func(_ context.Context, c task.Call, _ struct{}) (struct{}, error) {
			if left := c.Started.Add(time.Minute).Sub(c.Now); left > 0 {
				return struct{}{}, &task.Again{After: left}
			}
			return struct{}{}, nil
		}))
	return task.NewRegistry(append(hosttest.Registry(func() {}).Connectors(), remote, timer)...)
}

// process returns another process on the same journal.
func (b *bench) process(about string) *local.Runner {
	return &local.Runner{Journal: b.journal, Registry: b.registry(), About: about}
}

func (b *bench) program(source string) *program.Program {
	b.t.Helper()
	p, problems := program.Load("case.yaml", []byte("workflow: case\n"+source), b.registry())
	if diag.HasErrors(problems) {
		b.t.Fatal(problems)
	}
	return p
}

func (b *bench) order(source string) engine.Order {
	return engine.Order{Run: "testrun000000000", Request: "100-291", Inputs: map[string]any{}, Program: b.program(source)}
}

func (b *bench) steps(run string) string {
	b.t.Helper()
	v, err := b.process("the judge").Look(b.t.Context(), run)
	if err != nil {
		b.t.Fatal(err)
	}
	var words []string
	for _, s := range v.Result.Steps {
		words = append(words, s.ID+" "+string(s.Status))
	}
	return strings.Join(words, ", ")
}

func (b *bench) want(r engine.View, err error, status engine.Status, steps string) {
	b.t.Helper()
	if err != nil || r.Status != status {
		b.t.Fatalf("the run is %s (%v, %v), want %s", r.Status, r.Failure, err, status)
	}
	if got := b.steps(r.Run); got != steps {
		b.t.Errorf("the steps: %s\nwant:      %s", got, steps)
	}
}

// inBubble runs a test in a new bubble.
func inBubble(t *testing.T, test func(t *testing.T, b *bench)) {
	synctest.Test(t, func(t *testing.T) { test(t, newBench(t)) })
}

const twoEffects = `
steps:
  - {id: first, task: remote.evident, with: {text: one}}
  - {id: second, task: remote.evident, with: {text: "${{ steps.first.text }} two"}}
on_failure:
  - {task: remote.evident, with: {text: "failed: ${{ failure.message }}"}}
outputs:
  text: ${{ steps.second.text }}
`

// The same request has the run that exists, also if several processes start it at once. Other
// inputs are a conflict, and Again asks for another run.
func TestOneRunPerRequest(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		const source = `
inputs: {who: {type: string}}
steps:
  - {id: act, task: remote.evident, with: {text: "${{ inputs.who }}"}}
`
		r := b.process("a")
		o := b.order(source)
		o.Inputs = map[string]any{"who": "Dana"}
		result, err := r.Start(t.Context(), o, engine.Following{})
		b.want(result, err, engine.Succeeded, "act succeeded")
		o.Run = "testrun000000001"
		again, err := r.Start(t.Context(), o, engine.Following{})
		b.want(again, err, engine.Succeeded, "act succeeded")
		if again.Run != result.Run || len(b.calls) != 1 {
			t.Errorf("run %s, after %s; %d calls", again.Run, result.Run, len(b.calls))
		}
		if receipt, err := r.Accept(t.Context(), o); receipt != (engine.Receipt{Run: result.Run, Existed: true}) || err != nil {
			t.Errorf("got %v, %v", receipt, err)
		}
		o.Inputs = map[string]any{"who": "Kim"}
		_, err = r.Start(t.Context(), o, engine.Following{})
		if conflict, ok := errors.AsType[*engine.Refusal](err); !ok || conflict.Code != engine.RefusedConflict || conflict.Run != result.Run || string(conflict.Inputs) != `{"who":"Dana"}` {
			t.Errorf("got %v", err)
		}
		o.Again = true
		another, err := r.Start(t.Context(), o, engine.Following{})
		b.want(another, err, engine.Succeeded, "act succeeded")
		if another.Run != "testrun000000001" || len(b.calls) != 2 {
			t.Errorf("run %s; %d calls", another.Run, len(b.calls))
		}
	})
}

// A request that several processes start at once is carried out once.
func TestTheSameRequestAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.answer = func(task.Call) error { time.Sleep(time.Second); return nil }
		var results [5]engine.View
		var errs [5]error
		done := make(chan int)
		for i := range results {
			o := b.order(twoEffects)
			o.Run = fmt.Sprintf("testrun00000000%d", i)
			go func() {
				results[i], errs[i] = b.process(fmt.Sprint("process ", i)).Start(t.Context(), o, engine.Following{})
				done <- i
			}()
		}
		for range results {
			<-done
		}
		for i, r := range results {
			if refusedFor(errs[i], engine.RefusedHeld) {
				continue
			}
			if errs[i] != nil || r.Status != engine.Succeeded || r.Run != results[0].Run && errs[0] == nil {
				t.Errorf("process %d: run %s is %s, %v", i, r.Run, r.Status, errs[i])
			}
		}
		if len(b.calls) != 2 {
			t.Errorf("%d effects", len(b.calls))
		}
	})
}

// A run that waits is on record with its due time, and no process holds it. The process that takes
// it up goes on at the same point, and the wait does not begin again.
func TestAWaitIsADueTime(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		o := b.order(`
steps:
  - {id: before, task: remote.evident}
  - {id: wait, task: timer.minute}
  - {id: after, task: remote.evident}
`)
		begin := time.Now()
		first := b.process("first")
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Second, leave)
		result, err := first.Start(ctx, o, engine.Following{})
		b.want(result, err, engine.Waiting, "before succeeded, wait running")
		run, _, err := b.journal.Load(t.Context(), o.Run)
		if err != nil || run.Holder != "" || !run.Wake.Equal(begin.Add(time.Minute)) {
			t.Errorf("held by %q, due %s after the beginning, %v", run.Holder, run.Wake.Sub(begin), err)
		}
		time.Sleep(25 * time.Second)
		second := b.process("second")
		result, err = second.Follow(timeout(t, time.Hour), o.Run, engine.Following{})
		b.want(result, err, engine.Succeeded, "before succeeded, wait succeeded, after succeeded")
		if passed := time.Since(begin); passed != time.Minute {
			t.Errorf("it took %s", passed)
		}
		if len(b.calls) != 2 {
			t.Errorf("%d calls", len(b.calls))
		}
	})
}

// Work does not take up a run that a person stopped; resuming does. Nothing is done twice.
func TestAStoppedRunWaitsForAPerson(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		o := b.order("steps:\n  - {id: wait, task: timer.minute}\n  - {id: act, task: remote.evident}\n")
		ctx, stop := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { stop(engine.ErrStop) })
		result, err := b.process("first").Start(ctx, o, engine.Following{})
		b.want(result, err, engine.Waiting, "wait running")
		time.Sleep(time.Hour)
		if err := b.process("server").Work(t.Context(), true, nil); err != nil || len(b.calls) != 0 {
			t.Fatalf("%d calls, %v", len(b.calls), err)
		}
		result, err = b.process("second").Follow(t.Context(), o.Run, engine.Following{})
		b.want(result, err, engine.Succeeded, "wait succeeded, act succeeded")
		v, err := b.process("judge").Look(t.Context(), o.Run)
		var told []string
		for _, e := range v.Events {
			if e.Kind == engine.EventRunStopped || e.Kind == engine.EventRunResumed {
				told = append(told, e.String())
			}
		}
		want := "run stopped first; run resumed second; it was stopped by first"
		if got := strings.Join(told, "; "); got != want || err != nil {
			t.Errorf("the events: %s, %v", got, err)
		}
	})
}

// Runs that wait use no goroutine, however many there are.
func TestWaitingUsesNoGoroutine(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		r := b.process("server")
		o := b.order("steps:\n  - {id: wait, task: timer.minute}\n  - {id: act, task: remote.evident}\n")
		o.Request = ""
		for i := range 500 {
			o.Run = fmt.Sprintf("testrun%09d", i)
			if _, err := r.Accept(t.Context(), o); err != nil {
				t.Fatal(err)
			}
		}
		var working atomic.Int32
		b.answer = func(task.Call) error { working.Add(1); return nil }
		ctx, end := context.WithCancel(t.Context())
		defer end()
		done := make(chan error)
		before := runtime.NumGoroutine()
		go func() { done <- r.Work(ctx, true, nil) }()
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if more := runtime.NumGoroutine() - before; more > 2 || working.Load() != 0 {
			t.Errorf("%d goroutines more; %d calls", more, working.Load())
		}
		if err := <-done; err != nil || working.Load() != 500 {
			t.Errorf("%d calls, %v", working.Load(), err)
		}
	})
}

// The lease of a live process is respected; that of a dead process is taken over.
func TestLease(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		first := b.process("first")
		release := make(chan bool)
		b.answer = func(c task.Call) error {
			if c.Step == "first" && !c.Recover {
				<-release
			}
			return nil
		}
		o := b.order(twoEffects)
		ended := make(chan error)
		go func() {
			_, err := first.Start(t.Context(), o, engine.Following{})
			ended <- err
		}()
		synctest.Wait()
		_, err := b.process("second").Follow(t.Context(), o.Run, engine.Following{})
		if held, ok := errors.AsType[*engine.Refusal](err); !ok || held.Code != engine.RefusedHeld || held.Process != "first" {
			t.Errorf("got %v", err)
		}
		if err := b.process("third").Work(timeout(t, time.Minute), false, nil); err != nil || len(b.calls) != 1 {
			t.Errorf("%d calls, %v", len(b.calls), err)
		}
		if err := first.Close(); err != nil { // the operating system does the same for a process that dies
			t.Fatal(err)
		}
		result, err := b.process("fourth").Follow(t.Context(), o.Run, engine.Following{})
		b.want(result, err, engine.Succeeded, "first succeeded, second succeeded")
		if !b.calls[1].Recover || b.calls[1].Key() != b.calls[0].Key() {
			t.Errorf("the second call was %+v", b.calls[1])
		}
		close(release)
		if err := <-ended; !errors.Is(err, journal.ErrMoved) || len(b.calls) != 3 {
			t.Errorf("the first one ended with %v; %d calls", err, len(b.calls))
		}
	})
}

// refusedFor reports whether an error is a refusal with one of the codes.
func refusedFor(err error, codes ...engine.RefusalCode) bool {
	refused, ok := errors.AsType[*engine.Refusal](err)
	return ok && slices.Contains(codes, refused.Code)
}

func timeout(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// A run whose process died is listed as waiting, since nobody works on it, and not as running.
func TestListByStatusAfterACrash(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		first := b.process("first")
		release := make(chan bool)
		b.answer = func(task.Call) error { <-release; return nil }
		ended := make(chan bool)
		for i := range 3 {
			o := b.order(twoEffects)
			o.Run, o.Request = fmt.Sprintf("testrun00000000%d", i), fmt.Sprintf("100-%d", i)
			go func() {
				_, _ = first.Start(t.Context(), o, engine.Following{})
				ended <- true
			}()
		}
		synctest.Wait()
		listed := func(status engine.Status, limit int) int {
			views, err := b.process("reader").List(t.Context(), engine.Query{Status: status, Limit: limit})
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range views {
				if v.Status != status {
					t.Errorf("run %s is listed among those that are %s, and is %s", v.Run, status, v.Status)
				}
			}
			return len(views)
		}
		if listed(engine.Running, 0) != 3 || listed(engine.Running, 2) != 2 || listed(engine.Waiting, 2) != 0 {
			t.Error("runs at work are not listed as running")
		}
		if err := first.Close(); err != nil { // as the system does for a process that dies
			t.Fatal(err)
		}
		if listed(engine.Running, 0) != 0 || listed(engine.Waiting, 0) != 3 || listed(engine.Waiting, 2) != 2 {
			t.Error("runs of a dead process are not listed as waiting")
		}
		close(release)
		for range 3 {
			<-ended
		}
	})
}
