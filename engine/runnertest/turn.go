package runnertest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"errand/engine"
	"errand/engine/task"
)

// turns is a workflow of which one run works at a time. Each waits for a second.
const turns = `
concurrency: {key: machine}
timeout: 90m
steps:
  - {id: act, task: probe.once}
  - {id: wait, task: stub.pure, with: {script: "again 1s, ok"}}
finally:
  - {id: tidy, task: probe.evident}
`

// asking is another workflow with the key of turns. Its run waits for a person.
const asking = `
concurrency: {key: machine}
steps:
  - {id: act, task: probe.once}
  - id: ok
    approval: {ask: "Go?", by: [operators]}
`

// runs are the ids of runs, in the order of their arrival.
var runs = []string{run, "testrun000000001", "testrun000000002", "testrun000000003"}

// acceptAll accepts one order for each definition.
func (b *bench) acceptAll(sources ...string) {
	b.Helper()
	for i, source := range sources {
		o := b.order(source)
		o.Run, o.Request = runs[i], fmt.Sprintf("100-%d", i)
		_, err := b.first.Accept(b.ctx, o)
		b.must(err)
	}
}

// readRun reads a run in another process.
func (b *bench) readRun(id string) engine.View {
	b.Helper()
	v, err := b.Open("a reader").Read(b.ctx, id)
	if err != nil || v.Trouble != nil {
		b.Fatal(err, v.Trouble)
	}
	return v
}

// waitsFor expects that a run waits for its turn, which another run has, and has done nothing.
func (b *bench) waitsFor(id, turn string) {
	b.Helper()
	read := b.readRun(id)
	for until := time.Now().Add(b.slack); turnOf(read) != turn && time.Now().Before(until); { // a run that goes on by itself needs a moment
		b.Pass(20 * time.Millisecond)
		read = b.readRun(id)
	}
	listed, err := b.first.List(b.ctx, engine.Query{Run: id})
	b.must(err)
	b.expectBrief(engine.Query{Run: id}, listed)
	for _, v := range append(listed, read) {
		if v.Status != engine.Waiting || len(v.Waits) == 0 || v.Waits[0].For != engine.WaitTurn || v.Waits[0].Run != turn || v.Waits[0].Since.IsZero() || !v.Due.IsZero() || v.Process != "" {
			b.Errorf("run %s is %s, due at %s, held by %q, and waits for %+v; want for the turn that run %s has", id, v.Status, v.Due, v.Process, v.Waits, turn)
		}
		if v.Key != "machine" {
			b.Errorf("the key of run %s is %q", id, v.Key)
		}
	}
}

// turnOf returns the run that has the turn for which a run waits, or "".
func turnOf(v engine.View) string {
	if len(v.Waits) == 0 || v.Waits[0].For != engine.WaitTurn {
		return ""
	}
	return v.Waits[0].Run
}

// ends compares how runs ended.
func (b *bench) ends(want ...engine.Status) {
	b.Helper()
	for i, status := range want {
		if v := b.readRun(runs[i]); v.Status != status || !v.Ended.IsZero() != (status != engine.Waiting) {
			b.Errorf("run %d is %s, ended at %s (%v), want %s", i, v.Status, v.Ended, v.Failure, status)
		}
	}
}

// callers returns the numbers of the runs that made the calls, in their order.
func (b *bench) callers() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []string
	for _, c := range b.calls {
		all = append(all, fmt.Sprint(slices.Index(runs, c.Run)))
	}
	return strings.Join(all, " ")
}

func (b *bench) work(about string) {
	b.Helper()
	b.must(b.Open(about).Work(b.ctx, true, nil))
}

// approve approves what a run of asking waits for, and carries on that run and the next one.
func (b *bench) approve(id string) {
	p := b.Open("Kim's process")
	b.must(p.Decide(b.ctx, id, "ok", engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "Kim", Groups: []string{"operators"}}}))
	for _, id := range runs[:2] {
		if v, err := p.Follow(b.ctx, id, engine.Following{}); err != nil {
			b.Errorf("run %s is %s: %v", id, v.Status, err)
		} else if v.Ended.IsZero() {
			return
		}
	}
}

var turnCases = []testCase{
	{"runs of several workflows take turns in the order of arrival", func(b *bench) {
		b.acceptAll(turns, strings.Replace(turns, "90m", "2h", 1), turns)
		b.waitsFor(runs[1], runs[0])
		b.waitsFor(runs[2], runs[0])
		b.work("a worker")
		b.ends(engine.Succeeded, engine.Succeeded, engine.Succeeded)
		if got := b.callers(); got != "0 0 1 1 2 2" {
			b.Errorf("the calls are of the runs %s", got)
		}
		if v := b.readRun(runs[2]); !b.lasts(v.Ended.Sub(v.Started), 3*time.Second) || len(v.Waits) > 0 {
			b.Errorf("the last run took %s and waits for %v", v.Ended.Sub(v.Started), v.Waits)
		}
	}},
	{"several processes do not work on runs of one key at the same time", func(b *bench) {
		b.acceptAll(turns, turns, turns, turns)
		var working, most, ended int
		b.answer = func(c task.Call) error {
			if c.Step == "act" {
				working++
				most = max(most, working)
			} else {
				working--
				ended++
			}
			return nil
		}
		var group sync.WaitGroup
		for i := range 3 {
			p := b.Open(fmt.Sprintf("worker %d", i))
			group.Go(func() { b.must(p.Work(b.ctx, true, nil)) })
		}
		group.Wait()
		b.work("the last worker") // a drain ends when nothing is due, also between two turns
		b.ends(engine.Succeeded, engine.Succeeded, engine.Succeeded, engine.Succeeded)
		if most != 1 || ended != 4 {
			b.Errorf("%d runs worked at the same time, and %d ended", most, ended)
		}
	}},
	{"a start waits for its turn and says who has it", func(b *bench) {
		b.acceptAll(asking, asking)
		b.work("a worker")
		for i, id := range runs[:2] {
			b.After(time.Duration(i+1)*2*time.Second, func() { b.approve(id) })
		}
		o := b.order(turns)
		o.Run, o.Request = runs[2], "100-2"
		var told []string
		v, err := b.Open("a person's process").Start(b.ctx, o, engine.Following{Turn: func(run string) { told = append(told, run) }})
		b.expect(v, err, engine.Succeeded, "act succeeded, wait succeeded, tidy succeeded")
		if !slices.Equal(told, runs[:2]) || b.callers() != "0 1 2 2" {
			b.Errorf("the turn was said to be that of %v; the calls are of the runs %s", told, b.callers())
		}
	}},
	{"the time in the queue counts for no time-out", func(b *bench) {
		turns := strings.Replace(turns, "again 1s", "again 1h", 1)
		b.acceptAll(turns, turns, turns)
		b.work("a worker")
		v := b.readRun(runs[2])
		if v.Status != engine.Succeeded || v.Steps[0].Started.Sub(v.Started) != 2*time.Hour {
			b.Errorf("the run is %s (%v); its first step began after %s", v.Status, v.Failure, v.Steps[0].Started.Sub(v.Started))
		}
		late := strings.Replace(turns, "90m", "30m", 1)
		o := b.order(late)
		o.Run, o.Request = runs[3], "100-3"
		_, err := b.first.Accept(b.ctx, o)
		b.must(err)
		b.work("a worker")
		if v := b.readRun(runs[3]); v.Status != engine.Failed || v.Failure.Code != task.CodeTimeout {
			b.Errorf("the time of a run with its turn counts: it is %s (%v)", v.Status, v.Failure)
		}
	}},
	{"a run that waits for a person keeps its turn", func(b *bench) {
		b.acceptAll(asking, turns)
		b.work("a worker")
		b.ends(engine.Waiting, engine.Waiting)
		b.waitsFor(runs[1], runs[0])
		b.must(b.decide("ok", engine.VerdictApprove))
		b.work("another worker")
		b.ends(engine.Succeeded, engine.Succeeded)
	}},
	{"an uncertain run keeps its turn", func(b *bench) {
		b.answer = losing()
		b.acceptAll(turns, turns)
		b.work("a worker")
		b.waitsFor(runs[1], runs[0])
		if got := b.callers(); got != "0" {
			b.Errorf("the calls are of the runs %s", got)
		}
		b.answer = nil
		b.must(b.decide("act", engine.VerdictDone))
		b.work("another worker")
		b.ends(engine.Succeeded, engine.Succeeded)
	}},
	{"a failed run gives up its turn, and waits at the end if it is retried", func(b *bench) {
		b.answer = failing("act")
		b.acceptAll(asking)
		b.work("a worker")
		b.ends(engine.Failed)
		b.answer = nil
		for i, source := range []string{turns, turns} {
			o := b.order(source)
			o.Run, o.Request = runs[i+1], fmt.Sprintf("100-%d", i+1)
			_, err := b.first.Accept(b.ctx, o)
			b.must(err)
		}
		b.must(b.retry(""))
		b.waitsFor(run, runs[1])
		b.waitsFor(runs[2], runs[1])
		before, err := b.first.Events(b.ctx, run, engine.EventID{})
		b.must(err)
		if last := before[len(before)-1]; last.Kind != engine.EventRunRetried {
			b.Errorf("the last event of a retried run that waits for its turn is %q", last)
		}
		b.work("a worker")
		b.ends(engine.Waiting, engine.Succeeded, engine.Succeeded)
		after, err := b.first.Events(b.ctx, run, engine.EventID{})
		b.must(err)
		for i, e := range before {
			if after[i].ID != e.ID || after[i].String() != e.String() {
				b.Errorf("event %d was %q, and is %q", i, e, after[i])
			}
		}
		b.must(b.decide("ok", engine.VerdictApprove))
		b.work("a worker")
		b.ends(engine.Succeeded)
		if v := b.readRun(run); len(v.Rounds) != 1 || v.Steps[0].Started.Sub(v.Started) < 2*time.Second {
			b.Errorf("the run had %d rounds; its step began after %s", len(v.Rounds), v.Steps[0].Started.Sub(v.Started))
		}
	}},
	{"a run that is cancelled before its turn ends at once", func(b *bench) {
		b.acceptAll(asking, turns, turns)
		b.work("a worker")
		b.must(b.first.Cancel(b.ctx, runs[1], engine.Person{Name: "Kim"}))
		b.work("a worker")
		v := b.readRun(runs[1])
		b.expect(v, nil, engine.Cancelled, "act cancelled, tidy succeeded")
		if v.CancelledBy.Name != "Kim" || v.Failure != nil {
			b.Errorf("the run is %+v", v)
		}
		if got := b.callers(); got != "0 1" {
			b.Errorf("the calls are of the runs %s", got)
		}
		b.waitsFor(runs[2], runs[0])
		b.must(b.Open("Kim's process").Retry(b.ctx, runs[1], engine.Retry{By: engine.Person{Name: "Kim"}}))
		b.waitsFor(runs[1], runs[0])
		b.must(b.decide("ok", engine.VerdictReject))
		b.work("a worker")
		b.ends(engine.Succeeded, engine.Succeeded, engine.Succeeded)
		if got := b.callers(); got != "0 1 2 2 1 1" {
			b.Errorf("the calls are of the runs %s", got)
		}
	}},
	{"a run that is cancelled before its turn is cancelled, however long it has waited", func(b *bench) {
		b.acceptAll(asking, turns)
		b.work("a worker")
		b.Pass(48 * time.Hour)
		b.must(b.first.Cancel(b.ctx, runs[1], engine.Person{Name: "Kim"}))
		v, err := b.Open("another process").Follow(b.ctx, runs[1], engine.Following{})
		b.expect(v, err, engine.Cancelled, "act cancelled, tidy succeeded")
	}},
	{"a run that is stopped before its turn waits for a person", func(b *bench) {
		b.acceptAll(asking, turns)
		b.work("a worker")
		ctx, stop := context.WithCancelCause(b.ctx)
		v, err := b.Open("a person's process").Follow(ctx, runs[1], engine.Following{Turn: func(string) { stop(engine.ErrStop) }})
		b.expect(v, err, engine.Waiting, "")
		if len(v.Waits) != 2 || v.Waits[0].For != engine.WaitTurn || v.Waits[1].For != engine.WaitProcess {
			b.Errorf("the run waits for %+v", v.Waits)
		}
		b.waitsFor(runs[1], run)
		b.must(b.decide("ok", engine.VerdictApprove))
		b.work("a worker")
		b.ends(engine.Succeeded, engine.Waiting)
		if v := b.readRun(runs[1]); len(v.Waits) != 1 || v.Waits[0].For != engine.WaitProcess || !v.Due.IsZero() {
			b.Errorf("the run is due at %s and waits for %+v", v.Due, v.Waits)
		}
		v, err = b.Open("a person's process").Follow(b.ctx, runs[1], engine.Following{})
		b.expect(v, err, engine.Succeeded, "act succeeded, wait succeeded, tidy succeeded")
	}},
	{"a stopped run that is resumed before its turn waits for it", func(b *bench) {
		b.acceptAll(asking, turns)
		b.work("a worker")
		ctx, stop := context.WithCancelCause(b.ctx)
		_, err := b.Open("a person's process").Follow(ctx, runs[1], engine.Following{Turn: func(string) { stop(engine.ErrStop) }})
		b.must(err)
		ctx, leave := context.WithCancel(b.ctx)
		v, err := b.Open("a person's process").Follow(ctx, runs[1], engine.Following{Turn: func(string) { leave() }})
		b.expect(v, err, engine.Waiting, "")
		if len(v.Waits) != 1 {
			b.Errorf("the run waits for %+v", v.Waits)
		}
		b.must(b.decide("ok", engine.VerdictApprove))
		b.work("a worker")
		b.ends(engine.Succeeded, engine.Succeeded)
	}},
	{"another process goes on with the turn of a process that ended", func(b *bench) {
		v := b.startAndEnd(turns, context.Canceled)
		b.expect(v, nil, engine.Waiting, "act succeeded, wait running")
		o := b.order(turns)
		o.Run, o.Request = runs[1], "100-1"
		_, err := b.first.Accept(b.ctx, o)
		b.must(err)
		b.waitsFor(runs[1], run)
		b.work("a worker")
		b.ends(engine.Succeeded, engine.Succeeded)
		if got := b.callers(); got != "0 0 1 1" {
			b.Errorf("the calls are of the runs %s", got)
		}
	}},
	{"an empty key is no key", func(b *bench) {
		b.acceptAll(strings.Replace(asking, "machine", `"${{ request.id == '' ? request.id : '' }}"`, 1), asking, asking)
		b.work("a worker")
		if got := b.callers(); got != "0 1" && got != "1 0" {
			b.Errorf("the calls are of the runs %s", got)
		}
		if v := b.readRun(run); v.Key != "" || v.Waits[0].For != engine.WaitPerson {
			b.Errorf("the key is %q, and the run waits for %+v", v.Key, v.Waits)
		}
		b.waitsFor(runs[2], runs[1])
	}},
	{"values that make no key start nothing", func(b *bench) {
		o := b.order("inputs: {name: {type: string}}\nconcurrency: {key: \"${{ inputs.name }}\"}\nsteps: [{task: probe.once}]\noutputs: {name: \"${{ inputs.name }}\"}\n")
		o.Inputs = map[string]any{"name": strings.Repeat("x", 256)}
		_, err := b.first.Accept(b.ctx, o)
		if r := b.expectRefusal(err, engine.RefusedKey); !strings.Contains(r.Reason, "at most 255 are allowed") {
			b.Errorf("the reason is %q", r.Reason)
		}
		_, err = b.first.Start(b.ctx, o, engine.Following{})
		b.expectRefusal(err, engine.RefusedKey)
		_, err = b.first.Read(b.ctx, run)
		b.expectRefusal(err, engine.RefusedNotFound)
	}},
}
