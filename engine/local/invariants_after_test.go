package local_test

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
)

// check checks all runs after the end of the simulation: I3, I4, and what the entries show of I2,
// I5 and I6.
func (s *simulation) check() {
	if len(s.found) > 0 {
		return // the simulation stopped at the first violation
	}
	all, _ := s.journal.List(context.Background(), journal.Query{})
	for _, run := range all {
		if sub := s.byID[run.ID]; sub == nil || sub.id != run.ID {
			s.note("I7", sub, "there is another run, %s", run.ID)
		}
	}
	for _, sub := range s.subjects {
		if sub.id == "" {
			s.note("I3", sub, "the order was not accepted")
			continue
		}
		if !sub.rests() && !s.isBehind(sub) || sub.busy > 0 {
			s.note("I3", sub, "the run is still %s, wakes at %s, waits for %v", sub.state.Status, sub.state.Wake, sub.state.Waits)
		}
		s.checkRun(sub)
	}
}

// A prefix is a journal that holds one run with the first of its entries.
type prefix struct {
	journal.Journal
	run     journal.Run
	entries []journal.Entry
}

// Load implements journal.Reader.
func (p *prefix) Load(context.Context, string) (journal.Run, []journal.Entry, error) {
	return p.run, p.entries, nil
}

// Messages implements journal.Inbox: the checks read only the entries.
func (p *prefix) Messages(context.Context, string) ([]journal.Message, error) { return nil, nil }

// checkRun checks a run as it was after each of its entries.
func (s *simulation) checkRun(sub *subject) {
	run, entries := s.stored(sub.id)
	s.counts.Entries += len(entries)
	if n := lastNumber(entries); n != len(sub.entries) {
		s.note("I1", sub, "%d entries were committed, and there are %d", len(sub.entries), n)
	}
	part := &prefix{run: run}
	part.run.State, part.run.Holder, part.run.Cancel = journal.State{Status: engine.Waiting}, "", false
	r := &local.Runner{Journal: part, Registry: simulated}
	for _, p := range s.programs {
		r.Keep(p.Program)
	}
	var before local.Look
	part.pin(sub.order.Program)
	for k := range len(entries) + 1 {
		if k < len(entries) && isStoredWithTheOneBefore(entries[k]) {
			continue
		}
		part.entries, part.run.Next = entries[:k:k], k
		retried := lastRetried(entries[:k])
		if retried >= 0 && entries[retried].Digest != "" {
			s.repin(sub, part, entries[retried].Digest)
		}
		v, err := r.Look(context.Background(), sub.id)
		if err != nil {
			s.note("I4", sub, "after entry %d of %d: %v", k-1, len(entries), err)
			return
		}
		if k > 0 {
			s.checkEvents(sub, before, v, keptEvents(entries[:k], retried), k)
		}
		if k == len(entries) || entries[k].Kind == journal.Retried {
			s.checkWaits(sub, v)
			s.checkTimeouts(sub, v)
			s.checkUndo(sub, v)
			s.checkReported(sub, v, entries[:k])
		}
		before = v
	}
	if v := before; run.Ended.IsZero() {
		if v.Result.Status != run.Status {
			s.note("I6", sub, "the run is %s, and by its entries it is %s", run.Status, v.Result.Status)
		}
	} else if data, err := json.Marshal(v.Result); err != nil || !bytes.Equal(data, run.Result) {
		s.note("I6", sub, "the result on record is\n\t%s\nby the entries it is\n\t%s", run.Result, data)
	}
}

// isStoredWithTheOneBefore reports whether no commit ends before an entry: that a branch goes on after
// a retry, and that its turn has come, is said for all branches at once.
func isStoredWithTheOneBefore(e journal.Entry) bool {
	return e.Kind == journal.Continued || e.Kind == journal.Began && e.Branch != ""
}

func (p *prefix) pin(by *program.Program) {
	p.run.Source, p.run.File, p.run.Digest = by.Source, by.File, by.Digest
}

// repin pins a prefix to the definition that has a digest.
func (s *simulation) repin(sub *subject, p *prefix, digest string) {
	for _, c := range append(sub.corrected, sub.order.Program) {
		if c.Digest == digest {
			p.pin(c)
			return
		}
	}
	s.note("I4", sub, "there is no definition with the digest %s", digest)
}

// lastRetried returns the index of the last entry that retried the run, or -1.
func lastRetried(entries []journal.Entry) int {
	for i, e := range slices.Backward(entries) {
		if e.Kind == journal.Retried {
			return i
		}
	}
	return -1
}

// keptEvents returns how many events of a branch an entry must not change: all of them, or if the
// last entries retried the run, those before the place where the branch goes on. Of a branch whose
// fork is made again it returns 0.
func keptEvents(entries []journal.Entry, retried int) func(branch string, told int) int {
	cuts := map[string]int{}
	if retried < 0 || slices.ContainsFunc(entries[retried+1:], func(e journal.Entry) bool { return e.Kind != journal.Continued }) {
		return func(_ string, told int) int { return told }
	}
	again := entries[retried]
	for i, e := range entries[:retried] {
		if !journal.Has(again.Keep, lastNumber(entries[:i+1])) {
			cuts[e.Branch] = 0
		}
	}
	cuts[""] = again.Told
	for _, e := range entries[retried+1:] {
		cuts[e.Branch] = e.Told
	}
	return func(branch string, told int) int {
		if cut, is := cuts[branch]; is {
			return cut
		}
		if !slices.ContainsFunc(entries[:retried], func(e journal.Entry) bool { return e.Branch == branch }) {
			return 0 // nothing on record shows whether its fork stays
		}
		return told
	}
}

// checkEvents is I4, for the events of a run before and after an entry. The order of events is
// checked within each branch: the events of parallel branches have no order among each other.
func (s *simulation) checkEvents(sub *subject, before, after local.Look, keeps func(branch string, told int) int, k int) {
	now := byBranch(after.Events)
	for branch, kept := range byBranch(before.Events) {
		kept = kept[:keeps(branch, len(kept))]
		for i, event := range kept {
			if i >= len(now[branch]) {
				s.note("I4", sub, "after entry %d there is no event %q", k-1, event)
				return
			}
			if !sameEvent(event, now[branch][i]) {
				s.note("I4", sub, "entry %d changes the event\n\t%q\nto\n\t%q", k-1, event, now[branch][i])
				return
			}
		}
	}
}

func byBranch(events []engine.Event) map[string][]engine.Event {
	branches := map[string][]engine.Event{}
	for _, e := range events {
		branches[e.Branch] = append(branches[e.Branch], e)
	}
	return branches
}

// sameEvent reports whether two events are equal. It ignores how much time there is for a decision,
// because a retry moves the time-out of the workflow.
func sameEvent(a, b engine.Event) bool {
	if a.Kind == engine.EventStepAsks {
		a.Wait, b.Wait = 0, 0
	}
	return a.At.Equal(b.At) && reflect.DeepEqual(a, b)
}

// checkWaits is I5: each wait on record is one that the interpreter asked for. In each branch one
// wait may be missing: a cancellation may come before the wait is on record. In undo and finally,
// the rest of a wait follows after a cancellation; none is left if the wait was over.
func (s *simulation) checkWaits(sub *subject, v local.Look) {
	asked, skipped := byBranch(v.Events), map[string]bool{}
	last, cut := map[string]time.Time{}, map[string]bool{} // by branch: the last wait, and whether it was cancelled
	for _, e := range v.Entries {
		if e.Kind == journal.Stopped || e.Kind == journal.Resumed {
			continue
		}
		goesOn := cut[e.Branch] && e.Kind == journal.Slept && (e.Due.Equal(last[e.Branch]) || e.Due.Equal(e.At) && e.At.After(last[e.Branch]))
		cut[e.Branch] = e.Kind == journal.Cancelled
		if e.Kind != journal.Slept || goesOn || e.Due.IsZero() {
			continue
		}
		last[e.Branch] = e.Due
		events := asked[e.Branch]
		for ; ; events = events[1:] {
			if len(events) == 0 {
				s.note("I5", sub, "the interpreter did not ask for a wait until %s", e.Due)
				return
			}
			w := events[0]
			if w.Wait == 0 || w.Kind != engine.EventStepWaits && w.Kind != engine.EventStepRetries {
				continue
			}
			if w.At.Add(w.Wait).Equal(e.Due) {
				break
			}
			if skipped[e.Branch] {
				s.note("I5", sub, "the interpreter asked for a wait until %s, and on record is a wait until %s", w.At.Add(w.Wait), e.Due)
				return
			}
			skipped[e.Branch] = true
		}
		asked[e.Branch] = events[1:]
	}
}

// checkReported is the second half of I2. A step that succeeded has had its effect. A step that can
// be neither repeated nor looked up did not fail if it had its effect, unless an entry of the run
// says so.
func (s *simulation) checkReported(sub *subject, v local.Look, entries []journal.Entry) {
	for _, step := range v.Result.Steps {
		switch {
		case step.Status == engine.StepSucceeded && acts(step.Task) && !sub.did(step.ID, 0, lastNumber(entries)):
			s.note("I2", sub, "%s succeeded, and its effect did not happen", step.ID)
		case step.Status == engine.StepFailed && !repeatable(step.Task) && sub.did(step.ID, settledAt(step.ID, entries), lastNumber(entries)):
			s.note("I2", sub, "%s failed, and its effect happened", step.ID)
		}
	}
}
