package runnertest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"regexp"
	"slices"

	"errand/engine"
	"errand/engine/program"
)

// A Part is one kind of what came of a run, as a text.
type Part struct{ Name, Text string }

// Parts returns how a run stands and what happened in it, for comparison with the same run of another
// runner. Times are left out. If the run has branches side by side, the parts do not say what one branch did
// before another, nor how often a branch looked.
func Parts(v engine.View, events []engine.Event) ([]Part, error) {
	beside := HasBranches(events)
	if beside {
		v.Steps = slices.Clone(v.Steps)
		slices.SortFunc(v.Steps, func(a, b engine.StepResult) int { return cmp.Compare(a.ID, b.ID) })
		for i := range v.Steps {
			if looks(v.Program, v.Steps[i].ID) {
				v.Steps[i].Attempts = 0
			}
		}
	}
	view, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return nil, err
	}
	for _, q := range v.Questions {
		question, err := json.Marshal(q)
		if err != nil {
			return nil, err
		}
		view = append(append(view, "\nquestion "...), question...)
	}
	if v.Trouble != nil {
		view = append(view, "\ntrouble "+v.Trouble.Error()...)
	}
	view = append(append(view, "\ninputs "...), v.Inputs...)
	happened, err := eventsText(events, beside)
	return []Part{{"view", Timeless(string(view) + "\n")}, {"events", Timeless(happened)}}, err
}

// HasBranches reports whether a run with these events had branches side by side.
func HasBranches(events []engine.Event) bool {
	return slices.ContainsFunc(events, func(e engine.Event) bool { return e.Branch != "" })
}

// looks reports whether a step looks until a condition holds.
func looks(p *program.Program, step string) bool {
	if p == nil {
		return false
	}
	for s := range p.AllPlaces() {
		if t, ok := s.Action.(*program.Task); ok && t.Until != nil && s.Key.Matches(program.Key(step)) {
			return true
		}
	}
	return false
}

// eventsText returns events, one a line; branch by branch if there are branches.
func eventsText(events []engine.Event, beside bool) (string, error) {
	events = slices.Clone(events)
	if beside {
		events = slices.DeleteFunc(events, func(e engine.Event) bool { return e.Kind == engine.EventStepWaits })
		slices.SortStableFunc(events, func(a, b engine.Event) int { return cmp.Compare(a.Branch, b.Branch) })
	}
	var b bytes.Buffer
	for _, e := range events {
		if beside {
			e.ID = engine.EventID{}
		}
		line, err := json.Marshal(e)
		if err != nil {
			return "", err
		}
		b.Write(append(line, '\n'))
	}
	return b.String(), nil
}

var timesInTexts = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| UTC)?`)

// Timeless returns a text in which all times are the same.
func Timeless(text string) string { return timesInTexts.ReplaceAllString(text, "TIME") }
