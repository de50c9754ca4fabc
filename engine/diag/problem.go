// Package diag holds what is said to a designer about a definition: problems with a position, the rule that found them, and
// what to do about them. It knows nothing of workflows.
//
// In reading order: problem.go (the value), rule.go (a kind of problem), nearest.go (did you mean); render.go (for a terminal), json.go
// (for programs), sarif.go (for tools that gather the results of many checks); fix.go (a fix applied to a text), mend.go (all that help),
// unified.go (what they changed).
package diag

import (
	"cmp"
	"fmt"
	"slices"
)

// A Severity says whether a definition with the problem may run.
type Severity string

// The severities.
const (
	Error   Severity = "error"   // the definition may not run
	Warning Severity = "warning" // it may, but a person should look
)

// A Position is a place in a text file. Both numbers count from 1; Column counts characters (Unicode code points), not bytes.
type Position struct{ Line, Column int }

// A Range is the text from Start up to, and without, End. A zero Start means the file as a whole.
type Range struct {
	File       string
	Start, End Position
}

// A Problem names one cause, where it is and what to do about it.
type Problem struct {
	Rule     string   // the rule's name, such as "unknown-output"
	Severity Severity // Error where it is empty
	Message  string   // lower case, no full stop, quotes what the user wrote
	Range    Range    // the text that is wrong
	Hidden   bool     // that text is a secret: it is not shown
	Label    string   // a few words beside the text that is wrong; may be empty
	Help     string   // what to do, on a line of its own; may be empty
	Notes    []string // further facts
	Fix      *Fix     // an edit that is certain to be meant; may be nil
}

// A Fix is an edit that would remove a problem: the text in Range becomes Text.
type Fix struct {
	Title string
	Range Range
	Text  string
}

// Error is the problem on one line: where it is, and the message.
func (p Problem) Error() string {
	if p.Range.Start.Line == 0 {
		return p.Range.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.Range.File, p.Range.Start.Line, p.Range.Start.Column, p.Message)
}

// IsError tells whether the problem keeps the definition from running.
func (p Problem) IsError() bool { return p.Severity != Warning }

// Sort puts problems in the order of the text, those of a file as a whole first, each once: of those with the same rule, start and
// message the first is kept. It works in the slice that it is given.
func Sort(problems []Problem) []Problem {
	slices.SortStableFunc(problems, compare)
	return slices.CompactFunc(problems, func(a, b Problem) bool { return compare(a, b) == 0 })
}

func compare(a, b Problem) int {
	return cmp.Or(
		cmp.Compare(a.Range.File, b.Range.File),
		cmp.Compare(a.Range.Start.Line, b.Range.Start.Line),
		cmp.Compare(a.Range.Start.Column, b.Range.Start.Column),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Message, b.Message),
	)
}

// HasErrors tells whether any of the problems is more than a warning.
func HasErrors(problems []Problem) bool { return slices.ContainsFunc(problems, Problem.IsError) }
