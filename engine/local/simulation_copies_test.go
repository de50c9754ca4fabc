package local_test

import (
	"context"
	"fmt"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/task"
)

// In some simulations somebody copies the home at a random moment. The copy acts on the same world:
//
//	I13 A copy does nothing by itself, whatever people ask of it. After the original has come to rest,
//	    somebody adopts the copy. Then its runs come to an end, and no effect that the original had
//	    takes place again under the same key, unless a step that can neither be repeated nor looked up
//	    says `retry`.
//
// A run that the original retried after the copy was made has another key there, so that nothing is
// said about it.

// copies reports whether somebody copies the home.
func copies(seed uint64) bool { return seed%3 == 2 }

// A twin is a copy of the home, with the process that works on it.
type twin struct {
	*process
	journal *journal.Memory
	adopted bool // with simulation.mu held
}

// copyHome copies the home at a random moment, and tries to make the copy start something. It
// returns nil if nobody does.
func (s *simulation) copyHome() *twin {
	if !copies(s.seed) {
		return nil
	}
	d := roll(s.seed, "copy")
	time.Sleep(d.between(0, 20*time.Minute))
	s.mu.Lock()
	t := &twin{journal: s.journal.Copy()}
	t.process = &process{sim: s, name: "copy", twin: t, killed: make(chan struct{}), operations: map[operation]int{}, lastEvent: map[string]engine.Event{}, failed: map[string]bool{}}
	t.ctx = context.WithValue(context.Background(), processKey{}, t.process)
	t.runner = &local.Runner{Journal: t.journal, Registry: simulated, About: "copy"}
	for _, d := range s.programs {
		t.runner.Keep(d.Program)
	}
	s.counts.Copies++
	s.mu.Unlock()
	s.tempt(t, d)
	return t
}

// tempt lets people ask a copy to start runs, old ones and new ones.
func (s *simulation) tempt(t *twin, d dice) {
	if err := t.runner.Work(t.ctx, true, nil); err != nil {
		s.lockAndNote("I13", nil, "work: %v", err)
	}
	for range 5 {
		sub := s.subjects[d.IntN(len(s.subjects))]
		v, err := t.runner.Start(t.ctx, sub.order, engine.Following{})
		if !refusedFor(err, engine.RefusedCopy, engine.RefusedIsolated) && !(err == nil && !v.Ended.IsZero()) {
			s.lockAndNote("I13", sub, "a copy starts a run: %s, %v", v.Status, err)
		}
		if v.Run == "" || v.Status == engine.Succeeded {
			continue
		}
		if err := t.runner.Retry(t.ctx, v.Run, engine.Retry{}); err == nil {
			s.lockAndNote("I13", sub, "a copy retries a run")
		}
	}
}

// arriveFromCopy begins a visit by a copy: its calls go well.
func (s *simulation) arriveFromCopy(p *process, c task.Call, effect task.Effect) *visit {
	sub := s.byID[c.Run]
	if !p.twin.adopted {
		s.note("I13", sub, "a copy that nobody adopted calls %s", c.Step)
	}
	sub.calls[c.Step]++
	return &visit{process: p, sub: sub, call: c, effect: effect, number: sub.calls[c.Step] - 1, habit: roll(s.seed, c.Step, sub.number)}
}

// doFromCopy performs an effect that an adopted copy asks for.
func (v *visit) doFromCopy(value string) *deed {
	step, _ := find(v.sub.order.Program, v.call.Step)
	for _, d := range v.sub.deeds {
		if d.call.Step == v.call.Step && d.call.Key() == v.call.Key() && !(v.effect == task.Once && step.Retry.Stated) {
			v.sim.note("I13", v.sub, "the copy repeats an effect:\n\tbefore %+v\n\tnow    %+v", d.call, v.call)
		}
	}
	d := &deed{call: v.call, number: 0, value: value}
	v.sub.deeds = append(v.sub.deeds, d)
	return d
}

// finish adopts a copy, after the original has come to rest, and brings its runs to their ends.
func (s *simulation) finish(t *twin) {
	if t == nil || len(s.found) > 0 {
		return
	}
	t.adopted = true
	adopted, err := t.runner.AdoptAll(t.ctx, engine.Person{Name: "somebody"})
	if err != nil {
		s.note("I13", nil, "adopt: %v", err)
	}
	s.counts.Adopted += len(adopted)
	for round := range 1000 {
		if err := t.runner.Work(t.ctx, true, nil); err != nil {
			s.lockAndNote("I13", nil, "work: %v", err)
		}
		open, err := t.runner.List(t.ctx, engine.Query{Open: true})
		if err != nil {
			s.lockAndNote("I13", nil, "list: %v", err)
		}
		if len(open) == 0 || len(s.found) > 0 {
			return
		}
		for _, v := range open {
			if v.Waits[0].For != engine.WaitTurn { // the others follow when it has ended
				s.decideInCopy(t, v.Run, round)
			}
		}
	}
	s.lockAndNote("I13", nil, "the runs of the copy do not end")
}

// decideInCopy decides a run of an adopted copy. A person looks whether an uncertain step took
// effect.
func (s *simulation) decideInCopy(t *twin, id string, round int) {
	sub := s.byID[id]
	v, err := t.runner.Look(t.ctx, id)
	if err != nil {
		s.lockAndNote("I13", sub, "the run cannot be read: %v", err)
		return
	}
	if len(v.Asks) == 0 { // a person had stopped it
		s.resumeInCopy(t, sub)
		return
	}
	q := v.Asks[0]
	verdict := oneOf(roll(s.seed, "copy decides", sub.number, round), engine.VerdictRetry, engine.VerdictFail)
	switch {
	case q.Failure == nil:
		verdict = engine.VerdictApprove
	case sub.did(q.Step, -1, len(sub.entries)):
		verdict = engine.VerdictDone
	}
	err = t.runner.Decide(t.ctx, id, q.Step, engine.Decision{Verdict: verdict, By: engine.Person{Name: "somebody", Groups: []string{"lead"}}, Comment: fmt.Sprint("looked ", round)})
	if refusedFor(err, engine.RefusedLate) { // a person had stopped it while it asked
		s.resumeInCopy(t, sub)
	} else if err != nil {
		s.lockAndNote("I13", sub, "decide %s: %v", q.Step, err)
	}
}

func (s *simulation) resumeInCopy(t *twin, sub *subject) {
	if _, err := t.runner.Follow(t.ctx, sub.id, engine.Following{}); err != nil {
		s.lockAndNote("I13", sub, "resume: %v", err)
	}
}
