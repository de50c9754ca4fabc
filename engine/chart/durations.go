package chart

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/program"
)

// StepDurations is how long the executions of a step took. All items of a loop count as one step.
type StepDurations struct {
	Step       program.Key // with [] for each item, as fleet[].restart
	Executions []Execution // at least one, in the order of their start
	Failed     int         // how many of them failed
	Median     time.Duration
	P90        time.Duration // 9 of 10 executions took at most as long
	Longest    time.Duration
}

// An Execution is one execution of a step that succeeded or failed.
type Execution struct {
	Run     string
	Step    program.Key // with the number of each item
	Started time.Time
	Took    time.Duration
	Failed  bool
}

// NewDurations returns how long the steps of ended runs took. The runs must be of one workflow and may
// have any order; others than ended ones are ignored, and so are runs without steps, such as pruned
// ones. The result has the order in which the steps start.
//
// The program of a view, if not nil, says which steps have no id. Without it, such steps in two
// groups may count as one step: see program.Key.Shape.
func NewDurations(views []engine.View) []StepDurations {
	f := foldingOf(views)
	var order []program.Key
	of := map[program.Key]*StepDurations{}
	for _, v := range views {
		if v.Ended.IsZero() {
			continue
		}
		at := 0 // where a new step belongs: after the one before it
		for _, s := range v.Steps {
			e, ok := execution(v.Run, s)
			if !ok {
				continue
			}
			step := f.fold(e.Step)
			d := of[step]
			if d == nil {
				d = &StepDurations{Step: step}
				of[step] = d
				order = slices.Insert(order, at, step)
			}
			if at = at + 1; at > len(order) || order[at-1] != step {
				at = slices.Index(order, step) + 1
			}
			d.Executions = append(d.Executions, e)
		}
	}
	var all []StepDurations
	for _, step := range order {
		of[step].summarize()
		all = append(all, *of[step])
	}
	return all
}

func execution(run string, s engine.StepResult) (e Execution, ok bool) {
	if s.Started.IsZero() || s.Ended.IsZero() || s.Status != engine.StepSucceeded && s.Status != engine.StepFailed {
		return e, false
	}
	// A clock that was set back would make it negative.
	return Execution{run, program.Key(s.ID), s.Started, max(0, s.Ended.Sub(s.Started)), s.Status == engine.StepFailed}, true
}

// A folding has the patterns for the keys of all steps that are known, by their shape.
type folding map[program.Key][]program.Key

func foldingOf(views []engine.View) folding {
	f := folding{}
	seen := map[*program.Program]bool{nil: true}
	for _, v := range views {
		if seen[v.Program] {
			continue
		}
		seen[v.Program] = true
		for place := range v.Program.AllPlaces() {
			if shape := place.Key.Shape(); !slices.Contains(f[shape], place.Key) {
				f[shape] = append(f[shape], place.Key)
			}
		}
	}
	return f
}

// fold returns the key with [] in place of each item's number.
func (f folding) fold(key program.Key) program.Key {
	shape := key.Shape()
	for _, pattern := range f[shape] {
		if pattern.Matches(key) {
			return pattern
		}
	}
	return shape
}

// summarize sorts the executions and computes the rest from them.
func (s *StepDurations) summarize() {
	slices.SortStableFunc(s.Executions, func(a, b Execution) int {
		return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.Took, b.Took), cmp.Compare(a.Run, b.Run), cmp.Compare(a.Step, b.Step))
	})
	took := make([]time.Duration, len(s.Executions))
	for i, e := range s.Executions {
		took[i] = e.Took
		if e.Failed {
			s.Failed++
		}
	}
	slices.Sort(took)
	n := len(took)
	low := took[(n-1)/2]
	s.Median = low + (took[n/2]-low)/2
	s.P90 = took[(9*n+9)/10-1]
	s.Longest = took[n-1]
}

// Last returns the execution that started last.
func (s StepDurations) Last() Execution { return s.Executions[len(s.Executions)-1] }

// Words returns the durations in words: "median 12 s, 9 of 10 within 40 s, last 14 s". Fewer than
// ten executions have a longest one instead of nine of ten.
func (s StepDurations) Words() string {
	last := s.Last()
	if len(s.Executions) == 1 {
		said := "1 execution, " + spanWords(last.Took)
		if last.Failed {
			said += ", failed"
		}
		return said
	}
	var b strings.Builder
	switch n := len(s.Executions); {
	case s.Longest < time.Millisecond:
		fmt.Fprintf(&b, "%d executions, each less than 1 ms", n)
	case n < 10:
		fmt.Fprintf(&b, "median %s, longest %s, last %s", spanWords(s.Median), spanWords(s.Longest), spanWords(last.Took))
	default:
		fmt.Fprintf(&b, "median %s, 9 of 10 within %s, last %s", spanWords(s.Median), spanWords(s.P90), spanWords(last.Took))
	}
	if last.Failed {
		b.WriteString(" (failed)")
	}
	if s.Failed > 0 {
		fmt.Fprintf(&b, ", %d of %d failed", s.Failed, len(s.Executions))
	}
	return b.String()
}
