package local_test

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
)

// check looks at all runs after the end. It holds what remains of the invariants: I3, I4, and of I2, I5 and I6 what the entries tell.
func (s *simulation) check() {
	if len(s.found) > 0 {
		return // it was not carried on to its end
	}
	all, _ := s.journal.List(context.Background(), journal.Query{})
	for _, run := range all {
		if sub := s.byID[run.ID]; sub == nil || sub.id != run.ID {
			s.broken("I7", sub, "there is another run, %s", run.ID)
		}
	}
	for _, sub := range s.subjects {
		if sub.id == "" {
			s.broken("I3", sub, "the order was not accepted")
			continue
		}
		if !sub.rests() || sub.busy > 0 {
			s.broken("I3", sub, "the run is %s still, wakes at %s, %s", sub.state.Status, sub.state.Wake, sub.state.Waits)
		}
		s.checkRun(sub)
	}
}

// A prefix is a journal that holds the beginning of one run's entries.
type prefix struct {
	journal.Journal
	run     journal.Run
	entries []journal.Entry
}

// Load implements journal.Reader.
func (p *prefix) Load(context.Context, string) (journal.Run, []journal.Entry, error) {
	return p.run, p.entries, nil
}

// Messages implements journal.Inbox: what counts here are the entries.
func (p *prefix) Messages(context.Context, string) ([]journal.Message, error) { return nil, nil }

// checkRun looks at a run as it stood after each of its entries.
func (s *simulation) checkRun(sub *subject) {
	run, entries := s.stored(sub.id)
	s.counts.Entries += len(entries)
	if len(entries) != len(sub.entries) {
		s.broken("I1", sub, "%d entries were committed, and there are %d", len(sub.entries), len(entries))
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
		part.entries, part.run.Next = entries[:k:k], k
		if k > 0 && entries[k-1].Digest != "" {
			s.repin(sub, part, entries[k-1].Digest)
		}
		v, err := r.Look(context.Background(), sub.id)
		if err != nil {
			s.broken("I4", sub, "after entry %d of %d: %v", k-1, len(entries), err)
			return
		}
		if k > 0 {
			s.follows(sub, before, v, entries[k-1], k)
		}
		if k == len(entries) || entries[k].Kind == journal.Retried {
			s.waits(sub, v)
			s.timeouts(sub, v)
			s.undone(sub, v)
			s.told(sub, v, entries[:k])
		}
		before = v
	}
	if v := before; run.Ended.IsZero() {
		if v.Result.Status != run.Status {
			s.broken("I6", sub, "the run is %s, and its entries say %s", run.Status, v.Result.Status)
		}
	} else if data, err := json.Marshal(v.Result); err != nil || !bytes.Equal(data, run.Result) {
		s.broken("I6", sub, "the result on record is\n\t%s\nand its entries say\n\t%s", run.Result, data)
	}
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
	s.broken("I4", sub, "the definition %s is not known", digest)
}

// follows is I4, for a run before and after an entry. Events of branches side by side come in any order; those of one branch do not.
func (s *simulation) follows(sub *subject, before, after local.Look, e journal.Entry, k int) {
	now := byBranch(after.Events)
	for branch, kept := range byBranch(before.Events) {
		if e.Kind == journal.Retried {
			if branch != "" {
				continue // its fork may be one of those that are done again
			}
			for i, event := range kept {
				if event.Step == e.Step && event.Kind != engine.EventRunRetried {
					kept = kept[:i]
					break
				}
			}
		}
		for i, event := range kept {
			if i >= len(now[branch]) {
				s.broken("I4", sub, "entry %d takes back the event %q", k-1, event)
				return
			}
			if !sameEvent(event, now[branch][i]) {
				s.broken("I4", sub, "entry %d makes of the event %q\n\t%q", k-1, event, now[branch][i])
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

// sameEvent compares what is told, but for how long there is to decide: the workflow's time moves when the run is done again.
func sameEvent(a, b engine.Event) bool {
	if a.Kind == engine.EventStepAsks {
		a.Wait, b.Wait = 0, 0
	}
	return a.At.Equal(b.At) && reflect.DeepEqual(a, b)
}

// waits is I5: the waits on record are those that the interpreter asked for, but for one in each branch that a cancellation took the
// place of.
func (s *simulation) waits(sub *subject, v local.Look) {
	asked, skipped := byBranch(v.Events), map[string]bool{}
	for _, e := range v.Entries {
		if e.Kind != journal.Slept {
			continue
		}
		events := asked[e.Branch]
		for ; ; events = events[1:] {
			if len(events) == 0 {
				s.broken("I5", sub, "nobody asked for a wait until %s", e.Due)
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
				s.broken("I5", sub, "a wait until %s was asked for, and is until %s", w.At.Add(w.Wait), e.Due)
				return
			}
			skipped[e.Branch] = true
		}
		asked[e.Branch] = events[1:]
	}
}

// told is the other half of I2. What a run says to have done was done; and what can be neither repeated nor looked up did not fail
// when it had its effect, unless the run knows of that.
func (s *simulation) told(sub *subject, v local.Look, entries []journal.Entry) {
	for _, step := range v.Result.Steps {
		switch {
		case step.Status == engine.StepSucceeded && acts(step.Task) && !sub.did(step.ID, -1, len(entries)):
			s.broken("I2", sub, "%s is said to be done, and was not", step.ID)
		case step.Status == engine.StepFailed && !repeatable(step.Task) && sub.did(step.ID, settledAt(step.ID, entries), len(entries)):
			s.broken("I2", sub, "%s is said to have failed, and was done", step.ID)
		}
	}
}
