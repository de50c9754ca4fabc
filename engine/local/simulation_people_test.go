package local_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
)

// placeOrder places an order, through Start or Accept, until a receipt or the journal shows that it
// was accepted. Then others may place the same order, and somebody may cancel the run.
func (s *simulation) placeOrder(sub *subject) {
	d := roll(s.seed, "asks", sub.number)
	time.Sleep(d.between(0, 5*time.Minute))
	how := d.IntN(10)
	if sub.order.Request != "" && d.percent(20) {
		s.later(sub, d.between(0, oneOf(d, 5*time.Millisecond, time.Minute)), func() { s.repeatOrder(sub) })
	}
	for try := 0; !s.isOver(); try++ {
		p, own := s.reach(d, fmt.Sprintf("requester %d.%d", sub.number, try), how < 5 && !(how == 0 && s.mixed))
		var err error
		if how < 3 {
			s.count(func(c *tally) { c.Started++ })
			s.later(sub, 0, func() {
				result, err := p.runner.Start(p.ctx, sub.order, p.following())
				s.checkError(sub, "start", err)
				s.checkResult(sub, result.Result)
				p.started.Done()
				own.quit()
			})
			time.Sleep(d.between(time.Second, 20*time.Second)) // then Accept returns the run if it was accepted
			how = 9
			continue
		}
		var receipt engine.Receipt
		receipt, err = p.runner.Accept(p.ctx, sub.order)
		p.started.Done()
		own.quit()
		if err == nil {
			s.checkReceipt(sub, receipt)
			break
		}
		s.checkError(sub, "accept", err)
		if sub.order.Request == "" && s.idOf(sub) != "" { // without a request, Accept does not find it
			s.checkReceipt(sub, engine.Receipt{Run: sub.order.Run, Existed: true})
			break
		}
		time.Sleep(d.between(time.Millisecond, 10*time.Second))
	}
	if d.percent(20) {
		s.later(sub, d.between(0, oneOf(d, 5*time.Second, time.Minute, 10*time.Minute)), func() { s.cancelRun(sub, d) })
	}
}

// reach returns the process through which a person acts: one of those at work, or a new one, which
// it also returns as own.
func (s *simulation) reach(d dice, name string, alone bool) (p, own *process) {
	s.mu.Lock()
	p = s.working[d.IntN(len(s.working))]
	if p != nil && !p.dead && p.ctx.Err() == nil && !alone {
		p.started.Add(1)
		s.mu.Unlock()
		return p, nil
	}
	s.mu.Unlock()
	p = s.newProcess(name)
	p.started.Add(1)
	return p, p
}

// later lets a person do something after a while.
func (s *simulation) later(sub *subject, after time.Duration, do func()) {
	s.mu.Lock()
	s.laterLocked(sub, after, do)
	s.mu.Unlock()
}

// laterLocked is later for a caller that holds simulation.mu.
func (s *simulation) laterLocked(sub *subject, after time.Duration, do func()) {
	sub.busy++
	s.care.Go(func() {
		time.Sleep(after)
		if !s.isOver() {
			do()
		}
		s.mu.Lock()
		sub.busy--
		s.mu.Unlock()
	})
}

// repeatOrder places the same order with another id, and once more with other inputs.
func (s *simulation) repeatOrder(sub *subject) {
	again := sub.order
	again.Run += "again"
	s.mu.Lock()
	s.byID[again.Run] = sub
	s.mu.Unlock()
	d := roll(s.seed, "again", sub.number)
	s.insist(sub, d, again.Run, func(r *local.Runner, p *process) error {
		receipt, err := r.Accept(p.ctx, again)
		if err == nil {
			s.checkReceipt(sub, receipt)
			s.count(func(c *tally) { c.Duplicates++ })
		}
		return err
	})
	other := again
	other.Inputs = maps.Clone(again.Inputs)
	other.Inputs["who"] = "somebody else"
	s.insist(sub, d, again.Run+" other", func(r *local.Runner, p *process) error {
		_, err := r.Accept(p.ctx, other)
		if conflict, ok := errors.AsType[*engine.Refusal](err); ok && conflict.Code == engine.RefusedConflict && conflict.Run == s.idOf(sub) {
			return nil
		}
		if err == nil {
			s.lockAndNote("I7", sub, "the request was accepted with other inputs")
		}
		return err
	})
}

func (s *simulation) idOf(sub *subject) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sub.id
}

// insist tries until something was done, or is refused for good. Each try is through another
// process, either one at work or a new one.
func (s *simulation) insist(sub *subject, d dice, name string, do func(*local.Runner, *process) error) {
	s.insistThrough(sub, d, name, false, do)
}

// insistThrough is insist; if alone is true, every try is through a new process.
func (s *simulation) insistThrough(sub *subject, d dice, name string, alone bool, do func(*local.Runner, *process) error) {
	for try := 0; ; try++ {
		p, own := s.reach(d, fmt.Sprintf("%s, try %d", name, try), alone || d.once(2))
		err := do(p.runner, p)
		p.started.Done()
		own.quit()
		s.checkError(sub, name, err)
		if err == nil || final(err) || s.isOver() {
			return
		}
		time.Sleep(d.between(time.Second, 20*time.Second))
	}
}

// final reports whether a refusal stays the same if the person tries again later.
func final(err error) bool {
	_, refused := errors.AsType[*engine.Refusal](err)
	return refused && !refusedFor(err, engine.RefusedHeld, engine.RefusedBusy, engine.RefusedMoved, engine.RefusedNotFound)
}

// checkError checks that an error is one that a person may see.
func (s *simulation) checkError(sub *subject, doing string, err error) {
	_, refused := errors.AsType[*engine.Refusal](err)
	_, store := errors.AsType[*journal.StoreError](err)
	switch {
	case err == nil, refused, store, errors.Is(err, errDead), errors.Is(err, journal.ErrCancel), errors.Is(err, context.Canceled):
		return
	}
	s.lockAndNote("I3", sub, "%s: %v", doing, err)
}

// cancelRun cancels the run.
func (s *simulation) cancelRun(sub *subject, d dice) {
	id := s.idOf(sub)
	s.insist(sub, d, "canceller of "+id, func(r *local.Runner, p *process) error {
		err := r.Cancel(p.ctx, id, engine.Person{})
		if err == nil {
			s.count(func(c *tally) { c.CancelsAsked++ })
		}
		return err
	})
}

// decideRun decides the open question of a run. For an uncertain step, the person looks into the
// world to see whether the step took effect.
func (s *simulation) decideRun(sub *subject) {
	s.mu.Lock()
	d := roll(s.seed, "resolves", sub.number, sub.commits)
	if !d.percent(90) {
		sub.unresolved = true
		s.mu.Unlock()
		s.endCare(sub)
		return
	}
	s.mu.Unlock()
	id := s.idOf(sub)
	s.insist(sub, d, "resolver of "+id, func(r *local.Runner, p *process) error {
		v, err := r.Look(p.ctx, id)
		if err != nil || len(v.Asks) == 0 {
			return err
		}
		q := v.Asks[0]
		verdict := oneOf(d, engine.VerdictRetry, engine.VerdictRetry, engine.VerdictFail)
		s.mu.Lock()
		switch {
		case q.Failure == nil:
			verdict = oneOf(d, engine.VerdictApprove, engine.VerdictReject)
		case sub.did(q.Step, settledAt(q.Step, sub.entries), len(sub.entries)), sub.leftEvidence(q.Step):
			verdict = engine.VerdictDone
		}
		s.mu.Unlock()
		err = r.Decide(p.ctx, id, q.Step, engine.Decision{Verdict: verdict, By: engine.Person{Name: "somebody", Groups: []string{"lead"}}, Comment: "looked"})
		if err == nil && q.Failure == nil {
			s.count(func(c *tally) { c.Approved++ })
		} else if err == nil {
			s.count(func(c *tally) { c.Resolved++ })
		}
		return err
	})
	s.endCare(sub)
}

// retryRun retries a run that failed or was cancelled, sometimes with a corrected definition.
func (s *simulation) retryRun(sub *subject) {
	id := s.idOf(sub)
	d := roll(s.seed, "retries", sub.number, sub.endings)
	names, from, corrected, changed := d.once(2), d.IntN(20), d.once(4), d.once(2)
	s.insist(sub, d, "retrier of "+id, func(r *local.Runner, p *process) error {
		v, err := r.Look(p.ctx, id)
		if err != nil || v.Run.Ended.IsZero() {
			return err
		}
		step := ""
		if n := len(v.Result.Steps); n > 0 && names {
			step = v.Result.Steps[from%n].ID
		}
		var with *program.Program
		if corrected {
			with = s.correct(sub, v.Program, changed)
		}
		s.mu.Lock()
		sub.naming = step != ""
		s.mu.Unlock()
		err = r.Retry(p.ctx, id, engine.Retry{From: step, By: engine.Person{Name: "somebody"}, Program: with})
		if err == nil {
			s.count(func(c *tally) { c.Retried++ })
		}
		if refused, ok := errors.AsType[*engine.Refusal](err); ok && !(corrected && changed) && !mayRefuse(refused, step, v) {
			s.lockAndNote("I12", sub, "retry from %q: %s: %s", step, refused.Code, refused.Reason)
		}
		return err
	})
	s.endCare(sub)
}

// mayRefuse reports whether a retry with the same definition may be refused: if somebody was
// faster, if the person named a step of a handler, or if no step failed, but an output of the
// workflow.
func mayRefuse(refused *engine.Refusal, step string, v local.Look) bool {
	switch refused.Code {
	case engine.RefusedDefinition:
		return false
	case engine.RefusedStep:
		return step != "" || v.Result.Failure != nil && strings.HasPrefix(v.Result.Failure.Step, "outputs.")
	}
	return true
}

// resumeRun resumes a run that a person stopped.
func (s *simulation) resumeRun(sub *subject) {
	id := s.idOf(sub)
	d := roll(s.seed, "resumes", sub.number, sub.commits)
	s.insistThrough(sub, d, "resumer of "+id, !s.mixed, func(r *local.Runner, p *process) error {
		s.count(func(c *tally) { c.Resumed++ })
		result, err := r.Follow(p.ctx, id, p.following())
		s.checkResult(sub, result.Result)
		return err
	})
	s.endCare(sub)
}

// correct returns a corrected definition, compiled.
func (s *simulation) correct(sub *subject, p *program.Program, changed bool) *program.Program {
	corrected := load(s.t, correct(mainOf(p.Source), changed), sub.definition.written)
	s.mu.Lock()
	defer s.mu.Unlock()
	sub.corrected = append(sub.corrected, corrected)
	return corrected
}
