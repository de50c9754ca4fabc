package intake

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/library"
	"errand/engine/program"
	"errand/engine/task"
)

// A Loader reads and checks intake files.
type Loader struct {
	Registry *task.Registry
	Library  library.Library // finds the workflows that rules start

	// Observe is called for each expression of the file. It may be nil.
	Observe program.Observer
}

// Load reads and checks an intake file. The source is nil if a problem is an error. A problem may be
// in the file with the schema of a webhook's payload.
func (l Loader) Load(file string, text []byte) (*Source, []diag.Problem) {
	s, problems := l.load(file, text)
	l.Observe = nil
	program.KeepCertain(text, problems, func(text []byte) []diag.Problem {
		_, left := l.load(file, text)
		return left
	})
	return s, problems
}

// load is Load without a trial of the fixes.
func (l Loader) load(file string, text []byte) (*Source, []diag.Problem) {
	tree, problems := definition.ParseIntake(file, text)
	c := &check{Loader: l, tree: tree, text: text, programs: map[string]*program.Program{}, faults: map[string]error{}}
	s := c.source()
	s.digest = fmt.Sprintf("%x", sha256.Sum256(text))
	problems = program.Silence(tree.Allows, diag.Sort(append(problems, c.problems...)))
	if diag.HasErrors(problems) {
		return nil, problems
	}
	return s, problems
}

// source makes the source. It is complete only if there is no problem.
func (c *check) source() *Source {
	s := &Source{File: filepath.ToSlash(c.tree.File), Name: c.tree.Name.Value}
	if s.IsDesk() {
		s.Every, s.Statuses = DefaultEvery, slices.Clone(DefaultStatuses)
		if c.tree.Every != nil {
			s.Every = c.tree.Every.Value
		}
		if c.tree.Statuses != nil {
			s.Statuses = nil
			for _, status := range c.tree.Statuses {
				s.Statuses = append(s.Statuses, status.Value)
			}
		}
	} else {
		s.Payload = c.payload()
	}
	c.sameSource()
	c.rules(s)
	return s
}
