package journal

import (
	"slices"
	"time"

	"errand/engine"
	"errand/engine/program"
)

// A Numbered is an entry with its number, counted from 1.
type Numbered struct {
	Entry
	Seq int
}

// InForce returns the entries of a run that count, and what retries left of the others. p is the
// run's program.
func InForce(entries []Entry, p *program.Program) ([]Numbered, engine.Rounds) {
	force := make([]Numbered, 0, len(entries))
	var past engine.Rounds
	Numbers(entries, func(number int, e Entry) {
		if e.Kind == Retried {
			var kept []Numbered
			what := engine.Replaced{Undone: e.Undone}
			for _, f := range force {
				if Has(e.Keep, f.Seq) {
					kept = append(kept, f)
					continue
				}
				m, ok := f.Moment()
				if ok {
					what.Moments = append(what.Moments, m)
				}
				if ok && Has(e.Done, f.Seq) {
					what.Done = append(what.Done, m.Step)
				}
			}
			past.Replace(what, p)
			force = kept
		}
		force = append(force, Numbered{Entry: e, Seq: number})
	})
	return force, past
}

// Moment returns what the entry says of the run's course. ok is false for an entry that answers
// nothing. That another process went on with the run is no moment: the time around it belongs to what
// was under way.
func (e Entry) Moment() (m engine.Moment, ok bool) {
	m = engine.Moment{At: e.At, Branch: e.Branch, Step: e.Step}
	switch e.Kind {
	case Resumed, Stopped, Adoption, Retried, Continued, Began:
		return m, false
	case Intent:
		m.Call = e.Call
	case Replied:
		m.Reply = e.Reply
	case Decided:
		d := e.Decision()
		m.Decision = &d
	case Cancelled:
		m.Cancelled = true
	}
	return m, true
}

// Decision returns the decision that a Decided records.
func (e Entry) Decision() engine.Decision {
	return engine.Decision{Verdict: e.Verdict, By: e.Person(), Comment: e.Comment}
}

// Person returns the person that the entry names, or nobody.
func (e Entry) Person() engine.Person {
	if e.By == nil {
		return engine.Person{}
	}
	return *e.By
}

// Beginnings returns the entries by which a run with a key begins, or goes on after a retry. There
// are none if it has begun.
func Beginnings(entries []Entry, at time.Time) []Entry {
	branches := []string{""}
	for _, e := range slices.Backward(entries) {
		switch e.Kind {
		case Began:
			return nil
		case Continued:
			branches = append(branches, e.Branch)
			continue
		case Retried:
		default:
			continue
		}
		break
	}
	began := make([]Entry, len(branches))
	for i, branch := range branches {
		began[i] = Entry{Kind: Began, At: at, Branch: branch}
	}
	return began
}
