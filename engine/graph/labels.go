package graph

import (
	"fmt"
	"strings"
	"time"

	"errand/engine/program"
	"errand/engine/schema"
)

const (
	standInHeading  = "instead, if it fails"
	continueHeading = "if it fails, the run continues"
	undoHeading     = "undo, if the run fails later"
)

// The task types of the shipped timer. A picture shows what they wait for; it shows no other input of
// a task.
const (
	delayType = "timer.delay"
	untilType = "timer.until"
)

func (b *builder) taskLines(s *program.Step, t *program.Task) []Line {
	lines := []Line{{Style: Title, Text: clean(s.Label())}}
	if lines[0].Text != t.Type.Name {
		lines = append(lines, Line{Style: Code, Text: t.Type.Name})
	}
	if t.Type.Name == delayType {
		if d := b.source.parameter(s.Key, "duration"); d != "" {
			lines = append(lines, Line{Note, Clock, "waits " + d})
		}
	}
	if t.Type.Name == untilType {
		if at := b.source.parameter(s.Key, "at"); at != "" {
			lines = append(lines, Line{Note, Clock, "waits until " + at})
		}
	}
	if t.Until != nil {
		text := "every " + schema.FormatDuration(t.Every) + " until " + clean(t.Until.Source())
		if t.For > 0 {
			text += ", for " + schema.FormatDuration(t.For) + " at most"
		}
		lines = append(lines, Line{Note, Poll, text})
	}
	return lines
}

// formHeading returns the heading of a form: the name of the step with the word of the form below
// it, or the word alone.
func formHeading(s *program.Step) []Line {
	if name := clean(s.Name); name != "" {
		return []Line{{Style: Title, Text: name}, {Style: Code, Text: s.Form()}}
	}
	return []Line{{Style: Title, Text: s.Form()}}
}

func (b *builder) forEachLines(s *program.Step, f *program.ForEach) []Line {
	text, mark := "for each "+f.As+" in "+b.source.items(s.Key)+", one at a time", InTurn
	if f.Limit > 1 {
		text, mark = fmt.Sprintf("for each %s in %s, %d at a time", f.As, b.source.items(s.Key), f.Limit), Several
	}
	if name := clean(s.Name); name != "" {
		return []Line{{Style: Title, Text: name}, {Note, mark, text}}
	}
	return []Line{{Title, mark, text}}
}

// groupLines returns the heading of a group. It is empty if the group has no name.
func groupLines(s *program.Step) []Line {
	if name := clean(s.Name); name != "" {
		return []Line{{Style: Title, Text: name}}
	}
	return []Line{{Style: Note, Text: "in order"}}
}

func (b *builder) failLines(s *program.Step, f *program.Fail) []Line {
	lines := []Line{{Style: Code, Text: "fails: " + f.Code}}
	message, name := b.source.failure(s.Key), clean(s.Name)
	if message != "" {
		lines = append([]Line{{Style: Note, Text: message}}, lines...)
	}
	if name != "" {
		lines = append([]Line{{Style: Title, Text: name}}, lines...)
	}
	return lines
}

func subworkflowLines(s *program.Step, c *program.Subworkflow) []Line {
	called := clean(c.Program.Title)
	if called == "" {
		called = c.Program.Name
	}
	name := clean(s.Name)
	if name == "" || name == called {
		return []Line{{Style: Title, Text: called}, {Style: Code, Text: s.Form()}}
	}
	return []Line{{Style: Title, Text: name}, {Style: Note, Text: called}, {Style: Code, Text: s.Form()}}
}

func (b *builder) approvalLines(s *program.Step, a *program.Approval) []Line {
	var lines []Line
	ask := b.source.ask(s.Key)
	switch name := clean(s.Name); {
	case name != "" && ask != "":
		lines = []Line{{Style: Title, Text: name}, {Style: Note, Text: ask}}
	case name+ask != "":
		lines = []Line{{Style: Title, Text: name + ask}}
	default:
		lines = formHeading(s)
	}
	by := make([]string, len(a.By))
	for i, who := range a.By {
		by[i] = clean(who)
	}
	who := "decided by " + strings.Join(by, " or ")
	if a.AllowRequester {
		who += ", or by the requester"
	}
	return append(lines, Line{Note, Person, who}, Line{Note, Clock, noDecisionText(s.Timeout, a)})
}

// noDecisionText returns what happens if nobody decides. The step's time-out also ends the wait;
// the step then fails.
func noDecisionText(timeout time.Duration, a *program.Approval) string {
	limit, then := a.Within, "it counts as rejected"
	switch a.Otherwise {
	case program.OtherwiseApprove:
		then = "it counts as approved"
	case program.OtherwiseFail:
		then = "the step fails"
	}
	if timeout > 0 && (limit == 0 || timeout < limit) {
		limit, then = timeout, "the step fails"
	}
	if limit == 0 {
		return "waits without a limit"
	}
	return "after " + schema.FormatDuration(limit) + " without a decision, " + then
}
