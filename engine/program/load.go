package program

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/task"
)

// A Loader reads and compiles definitions, and those that they call.
type Loader struct {
	Registry *task.Registry

	// Find finds another definition by name. Its error says where it was looked for. nil: there are no others.
	Find func(name string) (file string, source []byte, err error)

	// Seen is told of the expressions of the definition itself, and not of those that it calls. nil: nobody asks.
	Seen Seen
}

// Seen is told of each expression that the check comes to, and what it may name there. The scope is good for as long as the call lasts.
type Seen func(e *definition.Expression, scope expression.Scope)

// Load reads and compiles a definition. The program is nil where a problem is an error.
func Load(file string, source []byte, registry *task.Registry) (*Program, []diag.Problem) {
	return Loader{Registry: registry}.Load(file, source)
}

// Load reads and compiles a definition, or a bundle of one and those that it calls, as Program.Source is. The program is nil where a
// problem is an error.
func (l Loader) Load(file string, source []byte) (*Program, []diag.Problem) {
	if main, parts, ok := unbundle(source); ok {
		l.Find = parts.find
		p, problems := l.Load(main.file, main.source)
		return p, problems
	}
	u := &load{Loader: l, loaded: map[string]*Program{}}
	return u.load(file, source)
}

// A load is one definition with all that it calls.
type load struct {
	Loader
	calling []string            // the workflows that are being compiled, each called by the one before
	loaded  map[string]*Program // by name
	parts   []part              // in the order in which they were first called
}

// errNoLibrary is the error where a definition stands alone.
var errNoLibrary = errors.New("other workflows cannot be found from here")

func (u *load) load(file string, source []byte) (*Program, []diag.Problem) {
	d, problems := definition.Parse(file, source)
	u.calling = append(u.calling, d.Name.Value)
	p, more := compile(d, u.Registry, u.find, diag.HasErrors(problems), u.seen())
	u.calling = u.calling[:len(u.calling)-1]
	problems = silence(d, diag.Sort(append(problems, more...)))
	if diag.HasErrors(problems) {
		return nil, problems
	}
	if len(u.calling) == 0 && len(u.parts) > 0 {
		p.Source = bundle(part{file: file, source: source}, u.parts)
		p.Digest = digestOf(p.Source)
	}
	return p, problems
}

// seen is who is told of the expressions of the definition that is compiled now.
func (u *load) seen() Seen {
	if len(u.calling) > 1 {
		return nil
	}
	return u.Seen
}

// find loads a workflow that another calls.
func (u *load) find(name string) (*Program, error) {
	if at := slices.Index(u.calling, name); at >= 0 {
		cycle := append(slices.Clone(u.calling[at:]), name)
		return nil, fmt.Errorf("it would call itself: %s", strings.Join(cycle, " → "))
	}
	if p := u.loaded[name]; p != nil {
		return p, nil
	}
	if u.Find == nil {
		return nil, errNoLibrary
	}
	file, source, err := u.Find(name)
	if err != nil {
		return nil, err
	}
	p, problems := u.load(file, source)
	if p == nil {
		first := problems[slices.IndexFunc(problems, diag.Problem.IsError)]
		return nil, fmt.Errorf("it has %s, the first in %s, line %d: %s", diag.Summary(problems), file, first.Range.Start.Line, first.Message)
	}
	u.loaded[name] = p
	u.parts = append(u.parts, part{name: name, file: file, source: source})
	return p, nil
}
