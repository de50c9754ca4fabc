package plan

import (
	"fmt"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/task"
)

const (
	step  = 2 // the indentation of the steps of a group
	notes = 4 // the indentation of the description of a step
)

// measure sets the widths of the columns.
func (t *text) measure(indent int, steps []Step) {
	for _, s := range steps {
		t.id, t.task = max(t.id, indent+diag.Width(s.Label)), max(t.task, diag.Width(s.column()))
		for _, g := range s.Groups {
			t.measure(indent+notes+step, g.Steps)
		}
	}
}

func (t *text) steps(indent int, steps []Step) {
	for _, s := range steps {
		pad := func(words string, width int) string {
			return words + strings.Repeat(" ", max(0, width-diag.Width(words))) + "  "
		}
		t.line(0, pad(strings.Repeat(" ", indent)+s.Label, t.id)+pad(s.column(), t.task)+s.Name)
		t.step(indent+notes, s)
	}
}

// column returns what the second column has: the task type or form, if it is not the label.
func (s Step) column() string {
	if s.Label == s.Task {
		return ""
	}
	return s.Task
}

// step writes the description of a step. Its handlers are kept for later.
func (t *text) step(indent int, s Step) {
	if s.Skipped != "" {
		t.line(indent, "skipped, because this does not hold: "+s.Skipped)
		return
	}
	if s.If != "" {
		t.line(indent, "only if "+s.If)
	}
	t.members(indent, s.Input)
	for _, line := range s.words() {
		t.line(indent, line)
	}
	for _, g := range s.Groups {
		t.group(indent, s, g)
	}
	if len(s.Undo) > 0 {
		t.undo = append(t.undo, s)
	}
	if len(s.OnFailure) > 0 {
		t.later = append(t.later, laterSteps{"instead of " + s.Label + ", if it fails", s.OnFailure})
	}
}

func (t *text) group(indent int, s Step, g Group) {
	switch g.Kind {
	case branchGroup:
		t.line(indent, "branch "+g.Label)
	case itemGroup:
		t.line(indent, "for "+g.Label)
	case itemsGroup:
		t.line(indent, "for each item of "+g.Label)
	case caseGroup:
		t.line(indent, "if "+g.If)
	case elseGroup:
		words := "else"
		if len(s.Groups) == 1 {
			words = "because no case holds"
		}
		t.line(indent, words)
	case onFailureGroup:
		t.later = append(t.later, laterSteps{"if " + s.Label + " fails", g.Steps})
		return
	case finallyGroup:
		t.later = append(t.later, laterSteps{"always, at the end of " + s.Label, g.Steps})
		return
	case stepsGroup:
		if s.Task == definition.SwitchForm {
			t.line(indent, "because "+g.Label)
		}
	}
	t.steps(indent+step, g.Steps)
}

// words returns the description of a step without its input.
func (s Step) words() (lines []string) {
	add := func(given bool, format string, words ...any) {
		if given {
			lines = append(lines, fmt.Sprintf(format, words...))
		}
	}
	if a := s.Approval; a != nil {
		lines = append(lines, "asks: "+a.Ask, "decided by "+decidedBy(a))
	}
	if f := s.Fail; f != nil {
		lines = append(lines, "fails with the code "+f.Code+": "+f.Message)
	}
	add(s.Delay != "", "waits %s", s.Delay)
	if p := s.Poll; p != nil {
		most := ""
		if p.For != "" {
			most = ", for " + p.For + " at most"
		}
		lines = append(lines, "repeats every "+p.Every+most+", until "+p.Until)
	}
	many := len(s.Groups) > 1 || len(s.Groups) == 1 && s.Groups[0].Kind == itemsGroup
	add(s.Limit > 1 && many, "%d at a time", s.Limit)
	add(s.Limit > 0 && len(s.Groups) == 0 && s.Fault == "", "there are no items")
	add(s.Task == definition.SwitchForm && len(s.Groups) == 0 && s.Fault == "", "no case holds")
	add(s.Retry != nil, "%s", retryText(s.Retry))
	add(s.Timeout != "", "within %s", s.Timeout)
	add(s.Read != "", "now: %s", s.Read)
	add(s.Unread != "", "not read: %s", s.Unread)
	lines = append(lines, permitLines(s.Permits)...)
	add(s.Fault != "", "would fail: %s", s.Fault)
	add(s.Continue, "if it fails, the run continues")
	return lines
}

func retryText(r *Retry) string {
	switch {
	case r == nil:
		return ""
	case r.Attempts == 1:
		return "tried once"
	}
	words := fmt.Sprintf("tried up to %d times, with pauses of up to %s", r.Attempts, r.Shortest)
	if r.Longest != r.Shortest {
		words += " at first, and of up to " + r.Longest + " later"
	}
	if r.For != "" {
		words += ", for " + r.For + " at most"
	}
	return words
}

func decidedBy(a *Approval) string {
	words := strings.Join(a.By, " or ")
	if a.AllowRequester {
		words += ", or by the requester,"
	}
	if a.Within == "" {
		return strings.TrimSuffix(words, ",") + ", without a limit"
	}
	then := map[string]string{
		program.OtherwiseReject: "it counts as rejected", program.OtherwiseApprove: "it counts as approved", program.OtherwiseFail: "the step fails",
	}[a.Otherwise]
	return words + " within " + a.Within + "; otherwise " + then
}

// permitLines returns the permissions: all that are granted in one line, and the reason for each
// other.
func permitLines(permits []task.Permit) (lines []string) {
	var permitted []string
	for _, p := range permits {
		if p.Verdict == task.Permitted {
			permitted = append(permitted, p.Action)
		}
	}
	if permitted != nil {
		lines = append(lines, "permitted: "+strings.Join(permitted, ", "))
	}
	told := map[string]bool{}
	for _, p := range permits {
		var actions []string // actions with the same answer
		for _, q := range permits {
			if q.Verdict == p.Verdict && q.Reason == p.Reason {
				actions = append(actions, q.Action)
			}
		}
		words := "not permitted: " + strings.Join(actions, ", ") + ": " + p.Reason
		switch p.Verdict {
		case task.NotKnown:
			words = "not known whether permitted: " + strings.Join(actions, ", ") + ", because " + p.Reason
		case task.Unprovided:
			words = "not known whether permitted: " + strings.Join(actions, ", ") + ", because " + unusable
		}
		if p.Verdict != task.Permitted && !told[words] {
			lines = append(lines, words)
		}
		told[words] = true
	}
	return lines
}
