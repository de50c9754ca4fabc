package main_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/runnertest"
)

// seconds are times in attributes of ISM.
var seconds = regexp.MustCompile(`\b1[78]\d{8}\b`)

// timeless returns a text in which all times are the same.
func timeless(text string) string {
	return seconds.ReplaceAllString(runnertest.Timeless(text), "TIME")
}

// parts returns what came of a course, for comparison with another runner's.
func (o outcome) parts() ([]runnertest.Part, error) {
	beside := runnertest.HasBranches(o.events)
	parts, err := runnertest.Parts(o.view, o.events)
	if err != nil {
		return nil, err
	}
	state, err := json.MarshalIndent(o.state, "", " ")
	parts = append(parts, runnertest.Part{Name: "state", Text: string(state) + "\n"}, runnertest.Part{Name: "effects", Text: o.effects(beside)})
	for i := range parts {
		parts[i].Text = orderless(timeless(parts[i].Text), beside)
	}
	return parts, err
}

// differences lists the parts in which two outcomes differ.
func differences(locally, onTemporal outcome) (all []string, err error) {
	a, err := locally.parts()
	if err != nil {
		return nil, err
	}
	b, err := onTemporal.parts()
	for i := range b {
		if a[i].Text != b[i].Text {
			all = append(all, fmt.Sprintf("the %s differ:\n%s", a[i].Name, diag.Diff("local", "temporal", []byte(a[i].Text), []byte(b[i].Text))))
		}
	}
	return all, err
}

// interruptions returns how many calls have no answer, although nobody killed a process.
func (o outcome) interruptions() (n int) {
	for _, e := range o.events {
		if e.Kind == engine.EventStepInterrupted {
			n++
		}
	}
	return n
}

// effects returns the requests that change something, with their answers. If branches are side by side,
// they are sorted; otherwise the requests that only read are there too.
func (o outcome) effects(beside bool) string {
	var lines []string
	for _, e := range o.exchanges {
		if beside && isRead(e.Request) {
			continue
		}
		lines = append(lines, e.System+" "+e.Request+" -> "+e.Answer)
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

// requests are the identifiers that the sandbox gives to requests, in their order.
var requests = regexp.MustCompile(`0fa11bac-0000-4000-8000-\d{12}`)

// orderless returns a text in which all identifiers of requests are the same if branches are side by side.
func orderless(text string, beside bool) string {
	if beside {
		return requests.ReplaceAllString(text, "REQUEST")
	}
	return text
}
