package local_test

import (
	"fmt"
	"slices"
	"strings"

	"errand/engine"
	"errand/engine/journal"
)

// Some definitions have a concurrency key, which they share with others. Then this holds too:
//
//	I14 Of the runs with one key, one at a time works, from its start or a retry to its end. Only a
//	    run that is to be cancelled acts without its turn. A run that waits for its turn has no
//	    entry that says it has begun, and somebody has the turn.

// withKey gives a definition a concurrency key, or none.
func withKey(source string, d dice) string {
	if !d.once(3) || strings.Contains(source, "\nconcurrency:\n") {
		return source
	}
	key := oneOf(d, "first", "second", "${{ len(inputs.who) > 3 ? 'first' : '' }}")
	return strings.Replace(source, "\nsteps:\n", fmt.Sprintf("\nconcurrency: {key: %q}\nsteps:\n", key), 1)
}

// checkTurn is I14, before a call. The caller holds simulation.mu.
func (s *simulation) checkTurn(sub *subject) {
	run, _ := s.stored(sub.id)
	if run.Key == "" || run.Cancel {
		return
	}
	if run.Turn != run.ID {
		s.note("I14", sub, "it works, and run %s has the turn", run.Turn)
	}
	for _, other := range s.subjects {
		if other == sub || other.id == "" || !other.begun() {
			continue
		}
		if o, _ := s.stored(other.id); o.Key == run.Key && o.Ended.IsZero() && !o.Cancel {
			s.note("I14", sub, "it works with the key %s, and run %s has not ended", run.Key, o.ID)
		}
	}
}

// begun reports whether a run with a key has had its turn since its start or its last retry.
func (sub *subject) begun() bool {
	for _, e := range slices.Backward(sub.entries) {
		if e.Kind == journal.Began || e.Kind == journal.Retried {
			return e.Kind == journal.Began
		}
	}
	return false
}

// readStates reads the states of a run with a key and of those that may have its turn after a
// commit. The journal decides about them.
func (s *simulation) readStates(sub *subject) {
	run, _ := s.stored(sub.id)
	if run.Key == "" {
		return
	}
	if sub.state = run.State; sub.waitsForTurn() {
		s.counts.Queued++
	}
	for _, other := range s.subjects {
		if other.id == "" || other == sub || !other.waitsForTurn() {
			continue
		}
		if o, _ := s.stored(other.id); o.Key == run.Key {
			other.state = o.State
		}
	}
}

func (sub *subject) waitsForTurn() bool {
	return slices.ContainsFunc(sub.state.Waits, func(w engine.Wait) bool { return w.For == engine.WaitTurn })
}

// isBehind reports whether a run waits for the turn of a run that rests without an end: a person
// leaves it so. The caller holds simulation.mu.
func (s *simulation) isBehind(sub *subject) bool {
	if !sub.waitsForTurn() || !sub.state.Wake.IsZero() {
		return false
	}
	run, _ := s.stored(sub.id)
	first := s.byID[run.Turn]
	switch {
	case run.Turn == run.ID || first == nil || sub.begun():
		s.note("I14", sub, "it waits for its turn, which run %s has", run.Turn)
	case first.state.Ended.IsZero():
		return first.rests()
	}
	return false
}
