package golden

import (
	"errors"
	"fmt"
	"time"

	"errand/engine/diag"
)

// A Fault is a reason why a case cannot be run, at a line of its document.
type Fault struct {
	File    string // the case
	Line    int    // counts from 1; 0 for the document as a whole
	Message string
}

// Error returns the place and the message, on one line.
func (f *Fault) Error() string {
	if f.Line == 0 {
		return f.File + ": " + f.Message
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message)
}

// fault returns an error at a line of the document. If the line is 0, the error has no line.
func (c *Case) fault(line int, format string, args ...any) error {
	return &Fault{File: c.File, Line: line, Message: fmt.Sprintf(format, args...)}
}

// Problems returns the reasons why a document cannot be run as a case, each at the start of a line, and
// the names of the workflows that the case needs. It does not run the case. A document that is no case
// has no problems.
func (b Bench) Problems(file string, document []byte) (problems []diag.Problem, workflows []string) {
	if !isCase(document) {
		return nil, nil
	}
	b.visit = func(name string) { workflows = append(workflows, name) }
	c, err := Parse(file, document)
	if err == nil {
		_, err = b.setup(c, time.Now)
	}
	for _, one := range split(err) {
		if bad, ok := errors.AsType[*DefinitionError](one); ok {
			problems = append(problems, c.definitionProblems(bad)...)
			continue
		}
		f, ok := errors.AsType[*Fault](one)
		if !ok {
			f = &Fault{File: file, Message: one.Error()}
		}
		problems = append(problems, f.problem())
	}
	return problems, workflows
}

func (f *Fault) problem() diag.Problem {
	at := diag.Position{Line: f.Line, Column: 1}
	return diag.Problem{Rule: "test-case", Message: f.Message, Range: diag.Range{File: f.File, Start: at, End: at}}
}

// definitionProblems returns a problem for each error in a part of the document, and one for all errors
// in other files.
func (c *Case) definitionProblems(bad *DefinitionError) []diag.Problem {
	var problems []diag.Problem
	outside := false
	for _, p := range bad.Problems {
		switch {
		case !p.IsError():
		case c.has(p.Range.File):
			line := c.first(p.Range.File) + max(p.Range.Start.Line, 1) - 1
			f := Fault{File: c.File, Line: line, Message: p.Range.File + ": " + helped(p.Message, p.Help)}
			problems = append(problems, f.problem())
		case !outside:
			outside = true
			f := Fault{File: c.File, Line: c.about.line(c.about.at("workflow")), Message: fmt.Sprintf("%v; errand check shows them", bad)}
			problems = append(problems, f.problem())
		}
	}
	return problems
}

// split returns the errors that an error joins.
func split(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, one := range joined.Unwrap() {
		all = append(all, split(one)...)
	}
	return all
}
