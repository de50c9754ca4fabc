package local_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/task"
)

// What holds of every run, whatever fails and whoever dies:
//
//	I1  No effect without an earlier intent: when the world performs one, the last entry of the run's journal, or of the branch of
//	    the run, is an intent with that very call, and the process that acts holds the run.
//	I2  No effect twice, and none told of wrongly: what is reported as done was done, and what can be neither repeated nor looked
//	    up is not reported as failed when it was done. Of a task that can be repeated a step has one effect in all,
//	    also when the run is done again from an earlier step. Of one that cannot, it has another only where the outcome of the
//	    one before is known and the run was done again, or where the designer's `retry` stands for not knowing. The steps of
//	    on_failure and finally may act once each time that the run ends. All calls of a step have the same bytes.
//	I3  Every run that was accepted ends, or is left uncertain by people; none is quarantined.
//	I4  Every prefix of a run's entries can be looked at, and its events are the beginning of those of a longer one. Where the
//	    run is done again from a step, they agree up to that step.
//	I5  A wait ends no earlier than it was due, is due when the interpreter asked for, and is never moved. No time-out is early,
//	    and the times of a step that is done again count from then on.
//	I6  A run is worked on by one process at a time. Its result is that of its entries, and who waited for it is given that.
//	I7  A request that is accepted again has the same run.
//	I8  A run that is to be cancelled has no further effect before its journal says that it was told so.
//	I9  Who watches the runs of a process hears how those end that it carries to their end.
//	I10 What succeeded and can be undone is undone once where the run did not succeed, the last first.
//	I11 An approval is decided once.
//
// Here is what is checked while the runs are carried out; afterwards_test.go and simulation_timeouts_test.go have what is checked then.
// Where an honest exception has to be made it is said there.

// A violation is one of the invariants that does not hold.
type violation struct {
	invariant string
	sub       *subject // nil: no run in particular
	message   string
}

// broken notes a violation. simulation.mu is held.
func (s *simulation) broken(invariant string, sub *subject, format string, of ...any) {
	s.found = append(s.found, violation{invariant, sub, fmt.Sprintf("+%s: ", time.Since(s.start)) + fmt.Sprintf(format, of...)})
}

// violated is broken for who does not hold simulation.mu.
func (s *simulation) violated(invariant string, sub *subject, format string, of ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken(invariant, sub, format, of...)
}

// announced is I1. It returns the place of the intent.
func (s *simulation) announced(sub *subject, c task.Call, entries []journal.Entry) int {
	at := len(entries) - 1
	for at >= 0 && !(entries[at].Kind == journal.Intent && entries[at].Step == c.Step) {
		at--
	}
	if at < 0 || !sameCall(*entries[at].Call, c) {
		s.broken("I1", sub, "%s is called without an intent: %+v", c.Step, c)
		return max(at, 0)
	}
	for _, later := range entries[at+1:] {
		if later.Branch == entries[at].Branch {
			s.broken("I1", sub, "%s is called without an intent: %+v\n\tafter an earlier one there is a %s of %s", c.Step, c, later.Kind, later.Step)
			break
		}
	}
	if now, due := time.Now(), sub.due[entries[at].Branch]; now.Before(due) {
		s.broken("I5", sub, "%s is called at %s, and its branch waits until %s", c.Step, now.UTC(), due)
	}
	return at
}

// sameCall tells whether two calls are equal in all that is on record.
func sameCall(a, b task.Call) bool {
	return a.Run == b.Run && a.Step == b.Step && a.Type == b.Type && a.Credential == b.Credential && bytes.Equal(a.Input, b.Input) &&
		a.Attempt == b.Attempt && a.Started.Equal(b.Started) && a.Now.Equal(b.Now) && a.Deadline.Equal(b.Deadline) && a.Note == b.Note &&
		a.Recover == b.Recover && a.Settled == b.Settled && a.Round == b.Round
}

// A sent is what a step's calls are given.
type sent struct {
	retried int // how often the run had been done again
	input   string
}

// sameBytes is the end of I2: until the run is done again, when a step may be given something else.
func (s *simulation) sameBytes(sub *subject, c task.Call) {
	now := sent{retriedIn(sub.entries), string(c.Input)}
	if before, known := sub.sent[c.Step]; known && before.retried == now.retried && before.input != now.input {
		s.broken("I2", sub, "%s is called with %s, and before with %s", c.Step, now.input, before.input)
	}
	sub.sent[c.Step] = now
}

func retriedIn(entries []journal.Entry) (n int) {
	for _, e := range entries {
		if e.Kind == journal.Retried {
			n++
		}
	}
	return n
}

// allowed is I2, before an effect.
func (s *simulation) allowed(v *visit, entries []journal.Entry) {
	var last *deed
	for _, d := range v.sub.deeds {
		if d.call.Step == v.call.Step {
			last = d
		}
	}
	if v.call.Settled {
		s.broken("I2", v.sub, "%s acts, and was told that its effect is settled", v.call.Step)
	}
	if last == nil {
		return
	}
	between := entries[min(last.entry+1, len(entries)-1) : len(entries)-1] // the last one is the intent of this effect
	isKnown, isUnknown := false, false
	for _, e := range between {
		if e.Step == v.call.Step {
			isKnown = isKnown || settles(e)
			isUnknown = isUnknown || e.Kind == journal.Replied && e.Reply.Failure != nil && e.Reply.Failure.Unknown
		}
	}
	again := retriedIn(between) > 0
	step, handler := find(v.sub.order.Program, v.call.Step)
	switch {
	case again && handler, v.effect == task.Once && again && isKnown, v.effect == task.Once && step.Retry.Stated && isUnknown && !isKnown:
	default:
		s.broken("I2", v.sub, "%s has another effect:\n\tbefore %+v\n\tnow    %+v", v.call.Step, last.call, v.call)
	}
}

// calledInTime is I5, before a call.
func (s *simulation) calledInTime(sub *subject, c task.Call) {
	if now, due := time.Now(), sub.due[""]; now.Before(due) {
		s.broken("I5", sub, "%s is called at %s, and the run waits until %s", c.Step, now.UTC(), due)
	}
	for _, e := range sub.entries {
		if e.Kind == journal.Retried && c.Started.Before(e.At) {
			s.broken("I5", sub, "%s is done again from %s on, and its times count from %s", c.Step, e.At, c.Started)
		}
	}
}

// takesOver is I6, before a change: nobody takes a run from another process that is alive.
func (s *simulation) takesOver(p *process, sub *subject, c journal.Change) {
	if c.From == "" {
		return
	}
	for _, session := range p.sessions {
		if session.ID() == c.From {
			return
		}
	}
	if about, alive := s.journal.Alive(c.From); alive {
		s.broken("I6", sub, "%s takes the run from %s", p.name, about)
	}
}

// ends is I9. A process is excused that told what it could not store, and was to store something else later.
func (s *simulation) ends(p *process, sub *subject, c journal.Change) {
	if c.State.Ended.IsZero() || p.failed[c.Run] {
		return
	}
	if last := p.heard[c.Run]; last.Kind != engine.EventRunEnded || last.Status != c.State.Status || !last.At.Equal(c.State.Ended) {
		s.broken("I9", sub, "the run %s, and who watches %s hears %q last", c.State.Status, p.name, last)
	}
}

// committed follows a run through its changes, and has people look after it. It holds I5 for the times that are on record.
func (s *simulation) committed(sub *subject, c journal.Change) {
	if c.Create != nil {
		if sub.id != "" {
			s.broken("I7", sub, "the request has the run %s, and now %s", sub.id, c.Run)
		}
		sub.id, sub.started = c.Run, c.Holder != ""
	}
	for _, e := range c.Entries {
		switch e.Kind {
		case journal.Slept:
			sub.due[e.Branch] = e.Due
			continue
		case journal.Woke:
			if due := sub.due[e.Branch]; e.At.Before(due) {
				s.broken("I5", sub, "a wait until %s ended at %s", due, e.At)
			}
		case journal.Resumed:
			s.counts.Resumes++
			continue
		case journal.Cancelled:
			sub.toCancel = false
		case journal.Retried:
			sub.toCancel = false
			clear(sub.due)
			clear(sub.decided)
		case journal.Decided:
			s.decidedOnce(sub, e)
		case journal.Intent:
			if sub.toCancel {
				s.broken("I8", sub, "%s is to be called, and the run to be cancelled", e.Step)
			}
		case journal.Stopped:
			continue
		}
		delete(sub.due, e.Branch)
	}
	var due time.Time // the first of them
	for _, d := range sub.due {
		if due.IsZero() || d.Before(due) {
			due = d
		}
	}
	wake := c.State.Wake
	early := wake.Before(due) && !c.Knows && !s.wide                                       // in a run with branches another one may have been left with something to do
	expires := s.wide && slices.ContainsFunc(c.State.Waits, forPerson) && wake.Before(due) // an approval in another branch
	if !due.IsZero() && c.Holder == "" && !wake.IsZero() && !wake.Equal(due) && !expires && (early || wake.After(time.Now())) {
		s.broken("I5", sub, "the run waits until %s, and is to be worked on at %s", due, wake)
	}
	sub.state, sub.holder, sub.entries = c.State, c.Holder, append(sub.entries, c.Entries...)
	s.needs(sub)
}

// accepted is I7: who accepts a request is told of the one run, and one of them that it is new.
func (s *simulation) accepted(sub *subject, receipt engine.Receipt) {
	id, existed := receipt.Run, receipt.Existed
	s.mu.Lock()
	defer s.mu.Unlock()
	if id != sub.id {
		s.broken("I7", sub, "the request has the run %s, and somebody is told of %s", sub.id, id)
	}
	if !existed && (sub.told || sub.started) {
		s.broken("I7", sub, "the run is said to be new, and is not")
	}
	sub.told = sub.told || !existed
}

// cancelled asks the journal itself that a run be cancelled. simulation.mu is held.
func (s *simulation) cancelled(ctx context.Context, run string) error {
	err := s.journal.Cancel(ctx, run)
	if stored, _ := s.stored(run); err == nil && stored.Cancel {
		s.byID[run].toCancel = true
	}
	return err
}

// put puts a person's decision into the inbox itself.
func (s *simulation) put(ctx context.Context, run string, m journal.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.journal.Put(ctx, run, m)
	if stored, _ := s.stored(run); err == nil && stored.Holder == "" {
		s.byID[run].state = stored.State
	}
	return err
}

// returned is I6, for what somebody is given who waited until the run's end.
func (s *simulation) returned(sub *subject, result engine.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if result.Ended.IsZero() || sub.id == "" {
		return
	}
	run, _ := s.stored(sub.id)
	if run.Ended.Equal(result.Ended) && encoded(result) != string(run.Result) {
		s.broken("I6", sub, "the result that is returned is\n\t%s\nand on record is\n\t%s", encoded(result), run.Result)
	}
}

// needs has a person look after a run that needs one, after a while.
func (s *simulation) needs(sub *subject) {
	d := roll(s.seed, "needs", sub.number, sub.commits)
	state := sub.state
	switch {
	case len(state.Waits) > 0 && state.Waits[0].For == engine.WaitTrouble:
		s.broken("I3", sub, "%s", state.Waits[0].Reason)
	case sub.attended:
	case !state.Ended.IsZero():
		sub.endings++
		if again := roll(s.seed, "again?", sub.number, sub.endings); state.Status != "succeeded" && sub.endings < 4 && again.percent(35) {
			sub.attended = true
			s.attend(sub, d.between(0, 10*time.Minute), func() { s.retries(sub) })
		}
	case slices.ContainsFunc(state.Waits, forPerson) && !sub.unresolved:
		sub.attended = true
		s.attend(sub, d.between(0, 10*time.Minute), func() { s.resolves(sub) })
	case state.Wake.IsZero() && slices.ContainsFunc(state.Waits, forProcess):
		sub.attended = true
		s.attend(sub, d.between(0, 10*time.Minute), func() { s.resumes(sub) })
	}
}

func forPerson(w engine.Wait) bool  { return w.For == engine.WaitPerson }
func forProcess(w engine.Wait) bool { return w.For == engine.WaitProcess }

// attendedTo ends a person's care for a run, unless it needs somebody again.
func (s *simulation) attendedTo(sub *subject) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub.attended = false
	if sub.state.Ended.IsZero() {
		s.needs(sub)
	}
}
