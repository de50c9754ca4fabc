package local_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
)

// asks puts an order, one way or another, until it is known to be accepted. Then others ask for the same, and somebody may cancel it.
func (s *simulation) asks(sub *subject) {
	d := roll(s.seed, "asks", sub.number)
	time.Sleep(d.between(0, 5*time.Minute))
	how := d.IntN(10)
	if sub.order.Request != "" && d.percent(20) {
		s.later(sub, d.between(0, oneOf(d, 5*time.Millisecond, time.Minute)), func() { s.asksAgain(sub) })
	}
	for try := 0; !s.isOver(); try++ {
		p, own := s.reach(d, fmt.Sprintf("requester %d.%d", sub.number, try), how < 5 && !(how == 0 && s.mixed))
		var err error
		if how < 3 {
			s.count(func(c *tally) { c.Started++ })
			s.later(sub, 0, func() {
				result, err := p.runner.Start(p.ctx, sub.order)
				s.expected(sub, "start", err)
				s.returned(sub, result)
				p.started.Done()
				own.quit()
			})
			time.Sleep(d.between(time.Second, 20*time.Second)) // then it is asked for once more, to be sure
			how = 9
			continue
		}
		var id string
		var existed bool
		id, existed, err = p.runner.Accept(p.ctx, sub.order)
		p.started.Done()
		own.quit()
		if err == nil {
			s.accepted(sub, id, existed)
			break
		}
		s.expected(sub, "accept", err)
		if sub.order.Request == "" && s.idOf(sub) != "" { // it has no request to be found by
			s.accepted(sub, sub.order.Run, true)
			break
		}
		time.Sleep(d.between(time.Millisecond, 10*time.Second))
	}
	if d.percent(20) {
		s.later(sub, d.between(0, oneOf(d, 5*time.Second, time.Minute, 10*time.Minute)), func() { s.cancels(sub, d) })
	}
}

// reach is the process through which a person asks: one of those that work, or one of their own.
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

// later has a person do something after a while.
func (s *simulation) later(sub *subject, after time.Duration, do func()) {
	s.mu.Lock()
	s.attend(sub, after, do)
	s.mu.Unlock()
}

// attend is later with simulation.mu held.
func (s *simulation) attend(sub *subject, after time.Duration, do func()) {
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

// asksAgain asks for the same under another id, and once for the same request with other inputs.
func (s *simulation) asksAgain(sub *subject) {
	again := sub.order
	again.Run += "again"
	s.mu.Lock()
	s.byID[again.Run] = sub
	s.mu.Unlock()
	d := roll(s.seed, "again", sub.number)
	s.insists(sub, d, again.Run, func(r *local.Runner, p *process) error {
		id, existed, err := r.Accept(p.ctx, again)
		if err == nil {
			s.accepted(sub, id, existed)
			s.count(func(c *tally) { c.Duplicates++ })
		}
		return err
	})
	other := again
	other.Inputs = maps.Clone(again.Inputs)
	other.Inputs["who"] = "somebody else"
	s.insists(sub, d, again.Run+" other", func(r *local.Runner, p *process) error {
		_, _, err := r.Accept(p.ctx, other)
		if conflict, ok := errors.AsType[*local.ConflictError](err); ok && conflict.Run == s.idOf(sub) {
			return nil
		}
		if err == nil {
			s.violated("I7", sub, "the request was accepted with other inputs")
		}
		return err
	})
}

func (s *simulation) idOf(sub *subject) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sub.id
}

// insists tries until something was done, or cannot be done: each time through another process, which is the person's own or not.
func (s *simulation) insists(sub *subject, d dice, name string, do func(*local.Runner, *process) error) {
	s.insistsOn(sub, d, name, false, do)
}

func (s *simulation) insistsOn(sub *subject, d dice, name string, alone bool, do func(*local.Runner, *process) error) {
	for try := 0; ; try++ {
		p, own := s.reach(d, fmt.Sprintf("%s, try %d", name, try), alone || d.once(2))
		err := do(p.runner, p)
		p.started.Done()
		own.quit()
		s.expected(sub, name, err)
		_, refused := errors.AsType[*local.RefusedError](err)
		if err == nil || refused || s.isOver() {
			return
		}
		time.Sleep(d.between(time.Second, 20*time.Second))
	}
}

// expected makes sure that an error is one of those that a person may see.
func (s *simulation) expected(sub *subject, doing string, err error) {
	_, refused := errors.AsType[*local.RefusedError](err)
	_, held := errors.AsType[*local.HeldError](err)
	_, store := errors.AsType[*journal.StoreError](err)
	switch {
	case err == nil, refused, held, store, errors.Is(err, errDead), errors.Is(err, journal.ErrMoved), errors.Is(err, journal.ErrNotFound),
		errors.Is(err, journal.ErrCancel), errors.Is(err, local.ErrBusy):
		return
	}
	s.violated("I3", sub, "%s: %v", doing, err)
}

// cancels has the run stop.
func (s *simulation) cancels(sub *subject, d dice) {
	id := s.idOf(sub)
	s.insists(sub, d, "canceller of "+id, func(r *local.Runner, p *process) error {
		err := r.Cancel(p.ctx, id)
		if err == nil {
			s.count(func(c *tally) { c.CancelsAsked++ })
		}
		return err
	})
}

// resolves has a person look into the world, and say what became of a step that is uncertain.
func (s *simulation) resolves(sub *subject) {
	s.mu.Lock()
	d := roll(s.seed, "resolves", sub.number, sub.commits)
	if !d.percent(90) {
		sub.unresolved = true
		s.mu.Unlock()
		s.attendedTo(sub)
		return
	}
	s.mu.Unlock()
	id := s.idOf(sub)
	s.insists(sub, d, "resolver of "+id, func(r *local.Runner, p *process) error {
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
		case sub.did(q.Step, settledAt(q.Step, sub.entries), len(sub.entries)):
			verdict = engine.VerdictDone
		}
		s.mu.Unlock()
		err = r.Resolve(p.ctx, id, q.Step, local.Person{Name: "somebody", Roles: []string{"lead"}}, verdict, "looked")
		if err == nil && q.Failure == nil {
			s.count(func(c *tally) { c.Approved++ })
		} else if err == nil {
			s.count(func(c *tally) { c.Resolved++ })
		}
		return err
	})
	s.attendedTo(sub)
}

// retries has a run that failed or was cancelled go on, at times with a corrected definition.
func (s *simulation) retries(sub *subject) {
	id := s.idOf(sub)
	d := roll(s.seed, "retries", sub.number, sub.endings)
	from, corrected, changed := d.IntN(5), d.once(4), d.once(2)
	s.insists(sub, d, "retrier of "+id, func(r *local.Runner, p *process) error {
		v, err := r.Look(p.ctx, id)
		if err != nil || v.Run.Ended.IsZero() {
			return err
		}
		step := ""
		if n := len(v.Result.Steps); n > 0 && from > 0 {
			step = v.Result.Steps[from%n].ID
		}
		var with *program.Program
		if corrected {
			with = s.correct(sub, v.Program, changed)
		}
		err = r.Retry(p.ctx, id, step, "somebody", with)
		if err == nil {
			s.count(func(c *tally) { c.Retried++ })
		}
		if refused, ok := errors.AsType[*local.RefusedError](err); ok && !(corrected && changed) && !explained(refused, v) {
			s.violated("I4", sub, "retry from %q: %s", step, refused.Reason)
		}
		return err
	})
	s.attendedTo(sub)
}

// explained tells whether a retry with the same definition may be refused: where the run as a whole cannot be done again from there,
// or a step that would stay was ended by the workflow's time-out, which then would have been later.
func explained(refused *local.RefusedError, v local.View) bool {
	return strings.HasPrefix(refused.Reason, "run ") || strings.Contains(refused.Reason, " was undone when the run failed") || slices.ContainsFunc(v.Events, func(e engine.Event) bool {
		return e.Kind == engine.EventStepFailed && (strings.HasPrefix(e.Failure.Message, "the workflow was not done within") ||
			strings.HasPrefix(e.Failure.Message, "nobody decided before the time"))
	})
}

// resumes goes on with a run that a person had stopped.
func (s *simulation) resumes(sub *subject) {
	id := s.idOf(sub)
	d := roll(s.seed, "resumes", sub.number, sub.commits)
	s.insistsOn(sub, d, "resumer of "+id, !s.mixed, func(r *local.Runner, p *process) error {
		s.count(func(c *tally) { c.Resumed++ })
		result, err := r.Resume(p.ctx, id)
		s.returned(sub, result)
		return err
	})
	s.attendedTo(sub)
}

// correct compiles a corrected definition.
func (s *simulation) correct(sub *subject, p *program.Program, changed bool) *program.Program {
	corrected := load(s.t, correct(mainOf(p.Source), changed), sub.definition.written)
	s.mu.Lock()
	defer s.mu.Unlock()
	sub.corrected = append(sub.corrected, corrected)
	return corrected
}
