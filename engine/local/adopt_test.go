package local_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/task"
)

// inCopy returns a bench on a copy of a bench's journal.
func (b *bench) inCopy(t *testing.T) *bench {
	t.Helper()
	c := newBench(t)
	c.journal = b.journal.(*journal.Memory).Copy()
	return c
}

// adoptWhileBusy adopts the copy, and follows a run with one process after another. The first two
// looks fail, because the system is busy.
func (b *bench) adoptWhileBusy(run string) {
	b.t.Helper()
	b.answer = func(task.Call) error {
		if len(b.looks()) < 3 {
			return &task.Failure{Code: "busy", Message: "busy", Transient: true}
		}
		return nil
	}
	if _, err := b.process("copy").AdoptAll(b.t.Context(), somebody); err != nil {
		b.t.Fatal(err)
	}
	for i := range 10 {
		ctx, end := context.WithTimeout(b.t.Context(), 100*time.Millisecond)
		_, err := b.process(fmt.Sprint("copy ", i)).Follow(ctx, run, engine.Following{})
		end()
		if err != nil {
			b.t.Fatal(err)
		}
		time.Sleep(time.Minute)
	}
}

const restThenAct = `
steps:
  - {id: before, task: remote.evident, with: {text: before}}
  - {id: rest, task: timer.minute}
  - {id: act, task: remote.EFFECT, with: {text: act}}
`

// parkedIn returns the order of a run that waits in its second step. No process works on it.
func (b *bench) parkedIn(source string) engine.Order {
	b.t.Helper()
	o := b.order(source)
	ctx, end := context.WithTimeout(b.t.Context(), 10*time.Second)
	defer end()
	if _, err := b.process("original").Start(ctx, o, engine.Following{}); err != nil {
		b.t.Fatal(err)
	}
	return o
}

var somebody = engine.Person{Name: "joao"}

// A copy of a home starts nothing by itself: no open run, no new one, no retry. It can be read.
func TestACopyStartsNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		ended := b.order("steps:\n  - {id: act, task: remote.reads, with: {text: fails}}\n")
		ended.Run, ended.Request = "ended00000000000", "100-1"
		b.answer = func(c task.Call) error {
			if strings.Contains(string(c.Input), "fails") {
				return &task.Failure{Code: "no", Message: "no"}
			}
			return nil
		}
		if v, err := b.process("original").Start(t.Context(), ended, engine.Following{}); err != nil || v.Status != engine.Failed {
			t.Fatal(v.Status, err)
		}
		o := b.parkedIn(strings.Replace(restThenAct, "EFFECT", "evident", 1))
		c := b.inCopy(t)
		r := c.process("copy")
		time.Sleep(time.Hour)
		if err := r.Work(t.Context(), true, nil); err != nil {
			t.Fatal(err)
		}
		another := c.order(restThenAct[:strings.Index(restThenAct, "  - {id: act")])
		another.Run, another.Request = "new0000000000000", "100-2"
		_, started := r.Start(t.Context(), another, engine.Following{})
		_, accepted := r.Accept(t.Context(), another)
		_, followed := r.Follow(t.Context(), o.Run, engine.Following{})
		_, again := r.Start(t.Context(), o, engine.Following{})
		retried := r.Retry(t.Context(), ended.Run, engine.Retry{By: somebody})
		for what, c := range map[string]struct {
			err  error
			code engine.RefusalCode
		}{
			"start": {started, engine.RefusedCopy}, "accept": {accepted, engine.RefusedCopy}, "retry": {retried, engine.RefusedCopy},
			"follow": {followed, engine.RefusedIsolated}, "the same request": {again, engine.RefusedIsolated},
		} {
			if !refusedFor(c.err, c.code) {
				t.Errorf("%s: the error is %v, expected %s", what, c.err, c.code)
			}
		}
		if err := r.Cancel(t.Context(), o.Run, somebody); !refusedFor(err, engine.RefusedIsolated) {
			t.Errorf("cancel: %v", err)
		}
		if err := r.Work(t.Context(), true, nil); err != nil {
			t.Fatal(err)
		}
		if v, err := r.Read(t.Context(), o.Run); err != nil || v.Trouble != nil || v.Cancelling || len(v.Waits) != 1 || v.Waits[0].For != engine.WaitAdoption {
			t.Errorf("the run is %+v, %v", v, err)
		}
		if is, err := r.IsCopy(t.Context()); err != nil || !is || len(c.calls) > 0 {
			t.Errorf("copy: %t, %v; %d calls", is, err, len(c.calls))
		}
	})
}

// The steps of an adopted run look before they first act, and a step that can't look waits for a
// person, whatever the original did meanwhile.
func TestAdoptedRunsLook(t *testing.T) {
	busy := &task.Failure{Code: "busy", Message: "busy", Transient: true}
	for _, test := range []struct {
		name   string
		source string
		fails  int // how many calls of act fail before the copy
		status engine.Status
		want   []bool // whether the calls of act in the copy look first
	}{
		{"evident", strings.Replace(restThenAct, "EFFECT", "evident", 1), 0, engine.Succeeded, []bool{true}},
		{"once", strings.Replace(restThenAct, "EFFECT", "once", 1), 0, engine.Uncertain, nil},
		{"a read", strings.Replace(restThenAct, "EFFECT", "reads", 1), 0, engine.Succeeded, []bool{false}},
		{"between two attempts", "\nsteps:\n  - {id: act, task: remote.evident, with: {text: act}, retry: {attempts: 3, backoff: 1h..1h}}\n", 1, engine.Succeeded, []bool{true}},
		{"once between two attempts", "\nsteps:\n  - {id: act, task: remote.once, with: {text: act}, retry: {attempts: 3, backoff: 1h..1h}}\n", 1, engine.Succeeded, []bool{true}},
		{"in a branch", `
steps:
  - parallel:
      one:
        - {id: rest, task: timer.minute}
        - {id: act, task: remote.evident, with: {text: act}}
      two:
        - {id: wait, task: timer.minute}
`, 0, engine.Succeeded, []bool{true}},
		{"in a handler", `
steps:
  - {id: rest, task: timer.minute}
  - {id: fails, task: remote.reads, with: {text: fails}}
on_failure:
  - {id: act, task: remote.evident, with: {text: act}}
`, 0, engine.Failed, []bool{true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				answer := func(left int) func(task.Call) error {
					return func(c task.Call) error {
						switch {
						case strings.Contains(string(c.Input), "fails"):
							return &task.Failure{Code: "no", Message: "no"}
						case strings.HasSuffix(c.Step, "act") && left > 0:
							left--
							return busy
						}
						return nil
					}
				}
				b.answer = answer(test.fails)
				o := b.parkedIn(test.source)
				c := b.inCopy(t)
				c.answer = answer(0)
				r := c.process("copy")
				adopted, err := r.AdoptAll(t.Context(), somebody)
				if err != nil || !slices.Equal(adopted, []string{o.Run}) {
					t.Fatal(adopted, err)
				}
				var told []engine.EventKind
				v, err := r.Follow(t.Context(), o.Run, engine.Following{Watch: func(e engine.Event) { told = append(told, e.Kind) }})
				if err != nil || v.Status != test.status {
					t.Fatalf("the run is %s, %v", v.Status, err)
				}
				if got := c.looks(); !slices.Equal(got, test.want) {
					t.Errorf("the calls look: %v, expected %v", got, test.want)
				}
				if !slices.Contains(told, engine.EventRunAdopted) {
					t.Errorf("nobody was told of the adoption: %v", told)
				}
				c.survivesReplays(t, o.Run)
			})
		})
	}
}

// looks says of each call of the step act whether it looks first.
func (b *bench) looks() (looks []bool) {
	for _, c := range b.calls {
		if strings.HasSuffix(c.Step, "act") {
			looks = append(looks, c.Recover)
		}
	}
	return looks
}

// survivesReplays checks that the record of an adopted run can be replayed, and says who adopted
// it.
func (b *bench) survivesReplays(t *testing.T, run string) {
	t.Helper()
	events, err := b.process("reader").Events(t.Context(), run, engine.EventID{})
	if err != nil {
		t.Fatal(err)
	}
	by := slices.IndexFunc(events, func(e engine.Event) bool { return e.Kind == engine.EventRunAdopted && e.By.Name == somebody.Name })
	if by < 0 {
		t.Errorf("the events do not say who adopted the run: %v", events)
	}
}

// A step looks once after the adoption, also if the process dies afterwards.
func TestAnAdoptedStepLooksOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		o := b.parkedIn(strings.Replace(restThenAct, "EFFECT", "evident", 1))
		c := b.inCopy(t)
		c.adoptWhileBusy(o.Run)
		v, err := c.process("reader").Read(t.Context(), o.Run)
		if err != nil || v.Status != engine.Succeeded || len(c.looks()) != 3 {
			t.Errorf("the run is %s, %v, after %v", v.Status, err, c.looks())
		}
	})
}

// Only the run that is adopted goes on. The home still takes no new ones.
func TestAdoptOneRun(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		o := b.parkedIn(strings.Replace(restThenAct, "EFFECT", "evident", 1))
		c := b.inCopy(t)
		r := c.process("copy")
		if err := r.Adopt(t.Context(), o.Run, somebody); err != nil {
			t.Fatal(err)
		}
		if err := r.Adopt(t.Context(), o.Run, somebody); !refusedFor(err, engine.RefusedNotIsolated) {
			t.Errorf("adopted twice: %v", err)
		}
		if err := r.Work(t.Context(), true, nil); err != nil {
			t.Fatal(err)
		}
		if v, err := r.Read(t.Context(), o.Run); err != nil || v.Status != engine.Succeeded {
			t.Errorf("the run is %s, %v", v.Status, err)
		}
		if err := r.Adopt(t.Context(), o.Run, somebody); !refusedFor(err, engine.RefusedEnded) {
			t.Errorf("adopted at its end: %v", err)
		}
		another := c.order(twoEffects)
		another.Run, another.Request = "new0000000000000", "100-2"
		if _, err := r.Accept(t.Context(), another); !refusedFor(err, engine.RefusedCopy) {
			t.Errorf("a new run: %v", err)
		}
	})
}

// A run that ended before the copy was made may have been retried in the other home too. A run that
// the adopted home began was not.
func TestARetryInAnAdoptedHomeLooks(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		refuse := true
		answer := func(c task.Call) error {
			if refuse {
				return &task.Failure{Code: "no", Message: "no"}
			}
			return nil
		}
		b.answer = answer
		o := b.order("\nsteps:\n  - {id: act, task: remote.evident, with: {text: act}}\n")
		if v, err := b.process("original").Start(t.Context(), o, engine.Following{}); err != nil || v.Status != engine.Failed {
			t.Fatal(v.Status, err)
		}
		c := b.inCopy(t)
		c.answer = answer
		r := c.process("copy")
		if _, err := r.AdoptAll(t.Context(), somebody); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		own := o
		own.Run, own.Request = "own0000000000000", "100-2"
		if v, err := r.Start(t.Context(), own, engine.Following{}); err != nil || v.Status != engine.Failed {
			t.Fatal(v.Status, err)
		}
		refuse, c.calls = false, nil
		for _, run := range []string{o.Run, own.Run} {
			if err := r.Retry(t.Context(), run, engine.Retry{By: somebody}); err != nil {
				t.Fatal(err)
			}
			if v, err := r.Follow(t.Context(), run, engine.Following{}); err != nil || v.Status != engine.Succeeded {
				t.Fatal(v.Status, err)
			}
		}
		if got := c.looks(); !slices.Equal(got, []bool{true, false}) {
			t.Errorf("the calls look: %v", got)
		}
	})
}

// A doubtful journal cannot say whether a session is alive.
type doubtful struct{ journal.Journal }

func (doubtful) Alive(string) (string, bool) { return "somebody", true }
func (doubtful) Unknown(string) bool         { return true }

// A run of whose process nobody can say whether it is alive is left alone until a person adopts it.
// A run whose process is alive can't be adopted.
func TestAdoptFromAnUnknownProcess(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		o := b.order(strings.Replace(restThenAct, "EFFECT", "evident", 1))
		if _, err := b.process("original").Accept(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		s, err := b.journal.Join("the holder")
		if err != nil {
			t.Fatal(err)
		}
		held := journal.Change{Run: o.Run, Holder: s.ID(), State: journal.State{Status: engine.Running, Wake: time.Now()}}
		if err := b.journal.Commit(t.Context(), held); err != nil {
			t.Fatal(err)
		}
		if err := b.process("other").Adopt(t.Context(), o.Run, somebody); !refusedFor(err, engine.RefusedNotIsolated) {
			t.Errorf("from a process that is alive: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		r := b.process("other")
		r.Journal = doubtful{b.journal}
		if _, err := r.Follow(t.Context(), o.Run, engine.Following{}); !refusedFor(err, engine.RefusedHeld) {
			t.Errorf("before the adoption: %v", err)
		}
		if err := r.Adopt(t.Context(), o.Run, somebody); err != nil {
			t.Fatal(err)
		}
		if v, err := r.Follow(t.Context(), o.Run, engine.Following{}); err != nil || v.Status != engine.Succeeded || !slices.Equal(b.looks(), []bool{true}) {
			t.Errorf("the run is %s, %v, and its calls look: %v", v.Status, err, b.looks())
		}
	})
}

// A run that a person had stopped is not due by itself after the adoption either.
func TestAnAdoptedRunStaysStopped(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		o := b.order(strings.Replace(restThenAct, "EFFECT", "evident", 1))
		ctx, stop := context.WithCancelCause(t.Context())
		b.answer = func(task.Call) error { stop(engine.ErrStop); return nil }
		if _, err := b.process("original").Start(ctx, o, engine.Following{}); err != nil {
			t.Fatal(err)
		}
		c := b.inCopy(t)
		r := c.process("copy")
		if _, err := r.AdoptAll(t.Context(), somebody); err != nil {
			t.Fatal(err)
		}
		if err := r.Work(t.Context(), true, nil); err != nil || len(c.calls) > 0 {
			t.Errorf("it goes on by itself: %v, %v", err, c.calls)
		}
		var before *engine.Ending
		v, err := r.Follow(t.Context(), o.Run, engine.Following{Watch: func(e engine.Event) {
			if e.Kind == engine.EventRunResumed {
				before = e.Before
			}
		}})
		if err != nil || v.Status != engine.Succeeded || before == nil || before.Kind != engine.EndedByPerson || before.Process != "original" {
			t.Errorf("the run is %s, %v, after %+v", v.Status, err, before)
		}
	})
}

// A person may suspect a home whose disk was rolled back, which nothing shows.
func TestSuspect(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		o := b.parkedIn(strings.Replace(restThenAct, "EFFECT", "evident", 1))
		r := b.process("doubting")
		if waiting, err := r.Suspect(t.Context(), somebody); err != nil || !slices.Equal(waiting, []string{o.Run}) {
			t.Fatal(waiting, err)
		}
		if _, err := r.Follow(t.Context(), o.Run, engine.Following{}); !refusedFor(err, engine.RefusedIsolated) {
			t.Errorf("the error is %v", err)
		}
	})
}
