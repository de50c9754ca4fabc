package main_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/diag"
)

// times are those in texts, and in attributes of ISM. They differ between two runs.
var times = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| UTC)?|\b1[78]\d{8}\b`)

// requests are the identifiers that the sandbox gives to requests, in their order.
var requests = regexp.MustCompile(`0fa11bac-0000-4000-8000-\d{12}`)

// timeless returns a text in which all times are the same.
func timeless(text string) string { return times.ReplaceAllString(text, "TIME") }

// A part is one kind of what came of a course, as a text.
type part struct{ name, text string }

// parts returns what came of a course, for comparison with another runner's. In a run with branches side
// by side, what one of them did before another is not compared, nor how often a branch looked.
func (o outcome) parts(t testing.TB) []part {
	t.Helper()
	beside := o.hasBranches()
	return []part{
		{"effects", o.effects(beside)},
		{"state", timeless(indented(t, o.state))},
		{"view", o.viewText(t, beside)},
		{"events", o.eventText(t, beside)},
	}
}

// differences lists the parts in which two outcomes differ.
func differences(t testing.TB, locally, onTemporal outcome) (all []string) {
	t.Helper()
	a, b := locally.parts(t), onTemporal.parts(t)
	for i := range a {
		if a[i].text != b[i].text {
			all = append(all, fmt.Sprintf("the %s differ:\n%s", a[i].name, diag.Diff("local", "temporal", []byte(a[i].text), []byte(b[i].text))))
		}
	}
	return all
}

func (o outcome) hasBranches() bool {
	return slices.ContainsFunc(o.events, func(e engine.Event) bool { return e.Branch != "" })
}

// effects returns the requests that change something, with their answers. If branches are side by side,
// they are sorted; otherwise the requests that only read are there too.
func (o outcome) effects(beside bool) string {
	var lines []string
	for _, e := range o.exchanges {
		if beside && isRead(e.Request) {
			continue
		}
		lines = append(lines, timeless(e.System+" "+e.Request+" -> "+e.Answer))
	}
	if beside {
		slices.Sort(lines)
	}
	return strings.Join(lines, "\n") + "\n"
}

// isRead reports whether a request only reads.
func isRead(request string) bool {
	return strings.HasPrefix(request, "GET ") || strings.HasPrefix(request, "Describe")
}

// viewText returns how the run stands.
func (o outcome) viewText(t testing.TB, beside bool) string {
	t.Helper()
	v := o.view
	if beside {
		v.Steps = slices.Clone(v.Steps)
		slices.SortFunc(v.Steps, func(a, b engine.StepResult) int { return cmp.Compare(a.ID, b.ID) })
	}
	text := indented(t, v) + "inputs " + string(v.Inputs) + "\n"
	for _, q := range v.Questions {
		text += "question " + indented(t, q)
	}
	if v.Trouble != nil {
		text += "trouble " + v.Trouble.Error() + "\n"
	}
	return orderless(timeless(text), beside)
}

// orderless returns a text in which all identifiers of requests are the same if branches are side by side.
func orderless(text string, beside bool) string {
	if beside {
		return requests.ReplaceAllString(text, "REQUEST")
	}
	return text
}

// eventText returns what happened, branch by branch.
func (o outcome) eventText(t testing.TB, beside bool) string {
	t.Helper()
	events := slices.Clone(o.events)
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
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	return orderless(timeless(b.String()), beside)
}

func indented(t testing.TB, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}
