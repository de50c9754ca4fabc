// Package diag is about problems in a definition: each has a position, the rule that found it, and
// a hint on what to do about it. The package does not depend on workflows.
//
// Reading order: problem.go (the value), rule.go (a kind of problem), nearest.go (did you mean)
// with confusable.go (words that only look alike); render.go (output for a terminal) with width.go (how wide
// a text is there), json.go (for programs), sarif.go (for tools that collect the results of many checks);
// fix.go (applies one fix to a text), mend.go (applies all that help), diff.go (what they changed).
package diag

import (
	"cmp"
	"fmt"
	"slices"
)

// A Severity is an error, which stops a definition from running, or a warning, which does not.
type Severity string

// The severities.
const (
	Error   Severity = "error"   // the definition cannot run
	Warning Severity = "warning" // it can, but a person should look at the problem
)

// A Position is a place in a text file. Line and Column count from 1; Column counts characters
// (Unicode code points), not bytes.
type Position struct{ Line, Column int }

// A Range is the text from Start up to, but not including, End. A zero Start means the file as a
// whole.
type Range struct {
	File       string
	Start, End Position
}

// A Problem describes one cause, its place and what to do about it.
type Problem struct {
	Rule     string   // the rule's name, such as "unknown-output"
	Severity Severity // defaults to Error
	Message  string   // lower case, no full stop, quotes what the user wrote
	Range    Range    // the text that is wrong
	Hidden   bool     // the text in Range is a secret and must not be shown
	Label    string   // a few words next to the text that is wrong; may be empty
	Help     string   // what to do, shown on a separate line; may be empty
	Notes    []string // further facts
	Fix      *Fix     // an edit that is certainly what the author meant; may be nil
}

// A Fix is an edit that removes a problem: Text replaces the text in Range.
type Fix struct {
	Title string
	Range Range
	Text  string
}

// Error returns the position and the message, on one line.
func (p Problem) Error() string {
	if p.Range.Start.Line == 0 {
		return p.Range.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.Range.File, p.Range.Start.Line, p.Range.Start.Column, p.Message)
}

// IsError reports whether the problem prevents the definition from running.
func (p Problem) IsError() bool { return p.Severity != Warning }

// Sort sorts problems by file and position, in place. Problems of a file as a whole come first. Of
// problems with the same rule, start and message it keeps the first.
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

// HasErrors reports whether any of the problems is more than a warning.
func HasErrors(problems []Problem) bool { return slices.ContainsFunc(problems, Problem.IsError) }
