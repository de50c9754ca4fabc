package local_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/task"
)

// These invariants hold for every run, whatever fails and whichever process dies:
//
//	I1  No effect without an earlier intent: when the world performs an effect, the last entry of the
//	    run, or of the branch of the run, is an intent with exactly that call, and the process that
//	    acts holds the run.
//	I2  No effect twice, and none reported wrongly. A step that is reported as done was done. A step
//	    that can be neither repeated nor looked up is not reported as failed if it was done. A step
//	    whose task can be repeated has one effect in all, also if the run is retried from an earlier
//	    step. A step whose task cannot be repeated has another effect only if the outcome of the
//	    effect before is known and the run was retried, or if the outcome is unknown and the step
//	    itself says `retry`. The steps of on_failure and finally may act once each time that the run
//	    ends. All calls of a step have the same input, byte for byte.
//	    A step that was undone may act again after a retry, and then with another key. So may a step
//	    whose input differs because another step was undone, or because of another definition.
//	I3  Every run that was accepted ends, or people leave it uncertain. None is quarantined.
//	I4  Every prefix of a run's entries can be replayed, and its events are the beginning of the
//	    events of a longer prefix. After a retry from a step, the events agree up to that step.
//	I5  A wait ends no earlier than it is due. It is due when the interpreter asked for, and that time
//	    never changes. No time-out comes early. A retry restarts the times of its step.
//	I6  One process at a time works on a run. The run's result is that of its entries, and whoever
//	    waited for the run receives that result.
//	I7  A request that is accepted again has the same run.
//	I8  After Cancel a run has no effect until its journal says that it acknowledged the cancellation.
//	I9  The watch of a process receives the end of each run that the process carries to its end.
//	I10 If a run does not succeed, each step that succeeded and can be undone is undone once, the last
//	    one first.
//	I11 An approval is decided once.
//	I12 A run that failed or was cancelled can be retried.
//
// simulation_copies_test.go has I13, and simulation_turns_test.go has I14. This file has what is checked
// while the runs are carried out. invariants_after_test.go, simulation_timeouts_test.go and
// simulation_undo_test.go have what is checked afterwards. A comment there explains each exception.

// A violation is a case in which an invariant does not hold.
type violation struct {
	invariant string
	sub       *subject // nil: no run in particular
	message   string
}

// note records a violation. The caller holds simulation.mu.
func (s *simulation) note(invariant string, sub *subject, format string, of ...any) {
	s.found = append(s.found, violation{invariant, sub, fmt.Sprintf("+%s: ", time.Since(s.start)) + fmt.Sprintf(format, of...)})
}

// lockAndNote is note for a caller that does not hold simulation.mu.
func (s *simulation) lockAndNote(invariant string, sub *subject, format string, of ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.note(invariant, sub, format, of...)
}

// checkIntent is I1. It returns the index of the intent.
func (s *simulation) checkIntent(sub *subject, c task.Call, entries []journal.Entry) int {
	at := len(entries) - 1
	for at >= 0 && !(entries[at].Kind == journal.Intent && entries[at].Step == c.Step) {
		at--
	}
	if at < 0 || !sameCall(*entries[at].Call, c) {
		s.note("I1", sub, "%s is called without an intent: %+v", c.Step, c)
		return max(at, 0)
	}
	for _, later := range entries[at+1:] {
		if later.Branch == entries[at].Branch {
			s.note("I1", sub, "%s is called without an intent: %+v\n\tthe entry after the last intent is %s of %s", c.Step, c, later.Kind, later.Step)
			break
		}
	}
	if now, due := time.Now(), sub.due[entries[at].Branch]; now.Before(due) {
		s.note("I5", sub, "%s is called at %s, and its branch waits until %s", c.Step, now.UTC(), due)
	}
	return at
}

// sameCall reports whether two calls are equal in everything that is on record.
func sameCall(a, b task.Call) bool {
	return a.Run == b.Run && a.Step == b.Step && a.Type == b.Type && a.Credential == b.Credential && bytes.Equal(a.Input, b.Input) &&
		a.Attempt == b.Attempt && a.Started.Equal(b.Started) && a.Now.Equal(b.Now) && a.Deadline.Equal(b.Deadline) && a.Note == b.Note &&
		a.Recover == b.Recover && a.Settled == b.Settled && a.Round == b.Round
}

// checkDue is I5, before a call. A cancellation ends a wait, and is stored with the next commit: a
// call that only reads may come before that.
func (s *simulation) checkDue(sub *subject, c task.Call) {
	if now, due := time.Now(), sub.due[""]; now.Before(due) && !sub.toCancel {
		s.note("I5", sub, "%s is called at %s, and the run waits until %s", c.Step, now.UTC(), due)
	}
	for _, e := range sub.entries {
		if e.Kind == journal.Retried && c.Started.Before(e.At) {
			s.note("I5", sub, "%s was retried at %s, and its times count from %s", c.Step, e.At, c.Started)
		}
	}
}

// checkTakeover is I6, before a change: a process does not take a run from another one that is alive.
func (s *simulation) checkTakeover(p *process, sub *subject, c journal.Change) {
	if c.From == "" {
		return
	}
	for _, session := range p.sessions {
		if session.ID() == c.From {
			return
		}
	}
	if about, alive := s.journal.Alive(c.From); alive {
		s.note("I6", sub, "%s takes the run from %s", p.name, about)
	}
}

// checkLastEvent is I9. It excuses a process that reported an end which it could not store, and
// later had to store another one.
func (s *simulation) checkLastEvent(p *process, sub *subject, c journal.Change) {
	if c.State.Ended.IsZero() || p.failed[c.Run] || c.Create != nil { // nobody knows of a run before it is stored
		return
	}
	if last := p.lastEvent[c.Run]; last.Kind != engine.EventRunEnded || last.Status != c.State.Status || !last.At.Equal(c.State.Ended) {
		s.note("I9", sub, "the run %s, and the last event in the watch of %s is %q", c.State.Status, p.name, last)
	}
}

// hasIntent reports whether a step was called since the last retry.
func (sub *subject) hasIntent(step string) bool {
	for _, e := range slices.Backward(sub.entries) {
		if e.Kind == journal.Retried {
			break
		}
		if e.Kind == journal.Intent && e.Step == step {
			return true
		}
	}
	return false
}

// forgetDecisions forgets the approvals that a retry does not keep.
func (sub *subject) forgetDecisions(retried journal.Entry) {
	stay := map[string]engine.Verdict{}
	for i, e := range sub.entries {
		if verdict, is := sub.decided[e.Step]; is && e.Kind == journal.Decided && journal.Has(retried.Keep, i+1) {
			stay[e.Step] = verdict
		}
	}
	sub.decided = stay
}

// afterCommit updates what the simulation knows of a run, checks I5 for the times on record, and
// sends a person to a run that needs one.
func (s *simulation) afterCommit(sub *subject, c journal.Change) {
	if c.Create != nil {
		if sub.id != "" {
			s.note("I7", sub, "the request has the run %s, and now also %s", sub.id, c.Run)
		}
		sub.id, sub.started = c.Run, c.Holder != ""
	}
	for _, e := range c.Entries {
		switch e.Kind {
		case journal.Slept:
			if sub.due[e.Branch] = e.Due; e.Due.IsZero() { // the wait has no end of its own
				delete(sub.due, e.Branch)
			}
			continue
		case journal.Replied:
			if again := e.Reply.Again; again != nil && again.Settled && retriedIn(sub.entries) > 0 && !sub.hasIntent(e.Step) {
				s.counts.GoneOn++
			}
		case journal.Woke:
			if due := sub.due[e.Branch]; e.At.Before(due) {
				s.note("I5", sub, "a wait until %s ended at %s", due, e.At)
			}
		case journal.Resumed:
			s.counts.Resumes++
			continue
		case journal.Cancelled:
			sub.toCancel = false
			sub.stopped[e.Branch] = true
		case journal.Continued:
			s.counts.Inside++
			continue
		case journal.Retried:
			sub.named = append(sub.named, sub.naming)
			s.counts.UndoneAgain += len(e.Undone)
			sub.toCancel = false
			clear(sub.stopped)
			clear(sub.due)
			sub.forgetDecisions(e)
		case journal.Decided:
			s.checkDecidedOnce(sub, e)
		case journal.Intent:
			if sub.toCancel && !sub.cleansUp(e.Branch) {
				s.note("I8", sub, "%s has an intent, although the run is to be cancelled", e.Step)
			}
		case journal.Stopped:
			continue
		}
		delete(sub.due, e.Branch)
	}
	var due time.Time // the earliest of them
	for _, d := range sub.due {
		if due.IsZero() || d.Before(due) {
			due = d
		}
	}
	wake := c.State.Wake
	early := wake.Before(due) && !c.Knows && !s.wide                                       // another branch may have something to do
	expires := s.wide && slices.ContainsFunc(c.State.Waits, forPerson) && wake.Before(due) // an approval in another branch
	if !due.IsZero() && c.Holder == "" && !wake.IsZero() && !wake.Equal(due) && !expires && (early || wake.After(time.Now())) {
		s.note("I5", sub, "the run waits until %s, and is due at %s", due, wake)
	}
	sub.state, sub.holder, sub.entries = c.State, c.Holder, append(sub.entries, c.Entries...)
	s.readStates(sub)
	s.sendPerson(sub)
}

// cleansUp reports whether a branch, or one that it belongs to, was cancelled before, because a
// branch beside it failed. It only cleans up after that, and a cancellation of the run does not
// stop it.
func (sub *subject) cleansUp(branch string) bool {
	for path := range sub.stopped {
		if path == "" || path == branch || strings.HasPrefix(branch, path+"/") {
			return true
		}
	}
	return false
}

// checkReceipt is I7: every receipt of a request names the one run, and one of them says that it is
// new.
func (s *simulation) checkReceipt(sub *subject, receipt engine.Receipt) {
	id, existed := receipt.Run, receipt.Existed
	s.mu.Lock()
	defer s.mu.Unlock()
	if id != sub.id {
		s.note("I7", sub, "the request has the run %s, and a receipt names %s", sub.id, id)
	}
	if !existed && (sub.claimed || sub.started) {
		s.note("I7", sub, "a second receipt says that the run is new")
	}
	sub.claimed = sub.claimed || !existed
}

// requestCancel cancels a run in the journal. The caller holds simulation.mu.
func (s *simulation) requestCancel(ctx context.Context, run string, m journal.Message) error {
	err := s.journal.Cancel(ctx, run, m)
	if stored, _ := s.stored(run); err == nil && stored.Cancel {
		s.byID[run].toCancel = true
	}
	return err
}

// put stores a message in the inbox of a run.
func (s *simulation) put(ctx context.Context, run string, m journal.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.journal.Put(ctx, run, m)
	if stored, _ := s.stored(run); err == nil && stored.Holder == "" {
		s.byID[run].state = stored.State
	}
	return err
}

// checkResult is I6, for the result that a caller receives who waited until the end of the run.
func (s *simulation) checkResult(sub *subject, result engine.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if result.Ended.IsZero() || sub.id == "" {
		return
	}
	run, _ := s.stored(sub.id)
	if run.Ended.Equal(result.Ended) && encoded(result) != string(run.Result) {
		s.note("I6", sub, "the result that is returned is\n\t%s\nthe one on record is\n\t%s", encoded(result), run.Result)
	}
}

// sendPerson lets a person look after a run that needs one, after a while.
func (s *simulation) sendPerson(sub *subject) {
	d := roll(s.seed, "needs", sub.number, sub.commits)
	state := sub.state
	switch {
	case slices.ContainsFunc(state.Waits, forDamage):
		s.note("I3", sub, "%s", state.Waits[0].Reason)
	case sub.attended:
	case !state.Ended.IsZero():
		sub.endings++
		if again := roll(s.seed, "again?", sub.number, sub.endings); state.Status != "succeeded" && sub.endings < 4 && again.percent(35) {
			sub.attended = true
			s.laterLocked(sub, d.between(0, 10*time.Minute), func() { s.retryRun(sub) })
		}
	case state.Wake.IsZero() && (slices.ContainsFunc(state.Waits, forProcess) || slices.ContainsFunc(state.Waits, forTrouble)):
		sub.attended = true
		s.laterLocked(sub, d.between(0, 10*time.Minute), func() { s.resumeRun(sub) })
	case slices.ContainsFunc(state.Waits, forPerson) && !sub.unresolved:
		sub.attended = true
		s.laterLocked(sub, d.between(0, 10*time.Minute), func() { s.decideRun(sub) })
	}
}

func forPerson(w engine.Wait) bool  { return w.For == engine.WaitPerson }
func forTrouble(w engine.Wait) bool { return w.For == engine.WaitTrouble }
func forDamage(w engine.Wait) bool  { return forTrouble(w) && w.Trouble == engine.TroubleDamaged }
func forProcess(w engine.Wait) bool { return w.For == engine.WaitProcess }

// endCare ends a person's care for a run, and sends another one if the run needs it.
func (s *simulation) endCare(sub *subject) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub.attended = false
	if sub.state.Ended.IsZero() {
		s.sendPerson(sub)
	}
}
