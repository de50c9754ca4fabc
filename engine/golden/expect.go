package golden

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/schema"
)

// Expect is what a case requires of its run, besides the trace. Rewriting the trace does not change
// it. A member that is missing requires nothing.
type Expect struct {
	Status  engine.Status                `json:"status"`
	Failure *ExpectFailure               `json:"failure"`
	Outputs map[string]json.RawMessage   `json:"outputs"` // of the workflow
	Steps   map[string]engine.StepStatus `json:"steps"`   // by key; "not reached" is also a status here
}

func (e *Expect) isEmpty() bool {
	return e.Status == "" && e.Failure == nil && len(e.Outputs) == 0 && len(e.Steps) == 0
}

// ExpectFailure is what a case requires of the failure of its run.
type ExpectFailure struct {
	Step    string `json:"step"`
	Code    string `json:"code"`
	Message string `json:"message"` // a part of the message
}

const notReached engine.StepStatus = "not reached"

// Judge lists what is wrong with an outcome, each in one or more lines. The list is empty if the
// case passes.
func (c *Case) Judge(o Outcome) []string {
	wrong := slices.Clone(o.Wrong)
	if o.Unanswered {
		return wrong
	}
	if c.Expect != nil {
		wrong = append(wrong, c.Expect.judge(o.Result)...)
	}
	for _, part := range []struct{ name, made string }{{traceFile, o.Trace}, {afterwardsFile, o.Afterwards}} {
		want, ok := c.part(part.name)
		switch {
		case ok && string(want) != part.made:
			wrong = append(wrong, differs(part.name, string(want), part.made))
		case !ok && c.Expect == nil:
			wrong = append(wrong, fmt.Sprintf("it has no %s yet", part.name))
		}
	}
	return wrong
}

// Incomplete reports whether a case that has an outcome lacks a part that it is judged by. A run can
// write these parts.
func (c *Case) Incomplete(o Outcome) bool {
	_, trace := c.part(traceFile)
	_, afterwards := c.part(afterwardsFile)
	return !o.Unanswered && c.Expect == nil && !(trace && afterwards)
}

func (e *Expect) judge(r engine.Result) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if e.Status != "" && e.Status != r.Status {
		say("expected the status %s, but it is %s%s", e.Status, r.Status, whyEnded(r))
	}
	if f := e.Failure; f != nil {
		got := r.Failure
		switch {
		case got == nil:
			say("expected a failure, but there is none")
		case f.Step != "" && f.Step != got.Step:
			say("expected a failure at %s, but it is at %s", f.Step, got.Step)
		case f.Code != "" && f.Code != got.Code:
			say("expected the failure to have the code %s, but it has %s", f.Code, got.Code)
		case !strings.Contains(got.Message, f.Message):
			say("expected the message of the failure to contain %s, but it is %s", schema.Show(f.Message), schema.Show(got.Message))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Outputs)) {
		var want any
		if err := json.Unmarshal(e.Outputs[name], &want); err != nil {
			say("%v", err)
			continue
		}
		got, ok := r.Outputs[name]
		if !ok {
			say("expected the output %s, but there is none", name)
		} else if a, b := schema.Encode(want), schema.Encode(got); string(a) != string(b) {
			say("expected the output %s to be %s, but it is %s", name, a, b)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(e.Steps)) {
		got, why := notReached, ""
		for _, s := range r.Steps {
			if s.ID != key {
				continue
			}
			got = s.Status
			if message, ok := s.Outputs["result_message"].(string); ok && got == engine.StepFailed {
				why = ": " + message
			}
		}
		if got != e.Steps[key] {
			say("expected step %s to be %v, but it is %v%s", key, e.Steps[key], got, why)
		}
	}
	return wrong
}

// whyEnded returns where and why a run failed, or what it waits for, to follow its status.
func whyEnded(r engine.Result) string {
	if f := r.Failure; f != nil {
		return fmt.Sprintf(" at step %s: %s (%s)", f.Step, f.Message, f.Code)
	}
	var asked []string
	for _, s := range r.Steps {
		if s.Status == engine.StepWaiting {
			asked = append(asked, s.ID)
		}
	}
	if len(asked) > 0 && r.Status == engine.Waiting {
		return " for a person at step " + strings.Join(asked, ", ") + "; add the decision under decisions"
	}
	return ""
}

// differs returns the difference between two texts, with the step where it begins.
func differs(name, want, made string) string {
	difference := diag.Diff("expected", "now", []byte(want), []byte(made))
	_, hunks, _ := strings.Cut(difference, "@@")
	where := ""
	if step := firstStep(want, made); step != "" && name == traceFile {
		where = " at " + step
	}
	return fmt.Sprintf("the %s differs%s (- expected, + now):\n@@%s", name, where, strings.TrimSuffix(hunks, "\n"))
}

// firstStep returns the step that the first difference between two traces belongs to.
func firstStep(want, made string) string {
	a, b := strings.Split(want, "\n"), strings.Split(made, "\n")
	heading := ""
	for i := range min(len(a), len(b)) {
		if line := b[i]; line != "" && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "+") {
			heading, _, _ = strings.Cut(line, ": ")
		}
		if a[i] == b[i] {
			continue
		}
		if strings.HasPrefix(heading, "run ") {
			return "the run"
		}
		return "step " + heading
	}
	return ""
}
