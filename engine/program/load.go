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

// A Loader reads and compiles a definition and the definitions that it calls.
type Loader struct {
	Registry *task.Registry

	// Find finds another definition by name. Its error says where Find looked. If Find is nil,
	// there are no others.
	Find func(name string) (file string, source []byte, err error)

	// Observe is called for each expression of the definition itself, but not for those of the
	// definitions that it calls. It may be nil.
	Observe Observer

	// Pinned says that a run has started with the definition. A rule of a task type that the type
	// has got since is then left to the call, and a new rule of the language is not applied.
	Pinned bool
}

// An Observer is called for each expression of a definition, with the names that the expression can
// use. The scope is valid only during the call.
type Observer func(e *definition.Expression, scope expression.Scope)

// Load reads and compiles a definition. The program is nil if a problem is an error.
func Load(file string, source []byte, registry *task.Registry) (*Program, []diag.Problem) {
	return Loader{Registry: registry}.Load(file, source)
}

// Load reads and compiles a definition, or a bundle of a definition and those that it calls, such
// as Program.Source. The program is nil if a problem is an error.
func (l Loader) Load(file string, source []byte) (*Program, []diag.Problem) {
	if main, parts, ok := unbundle(source); ok {
		l.Find = parts.find
		p, problems := l.Load(main.file, main.source)
		return p, problems
	}
	p, problems := l.loadOne(file, source)
	if l.Observe = nil; !l.Pinned {
		KeepCertain(source, problems, func(text []byte) []diag.Problem {
			_, left := l.loadOne(file, text)
			return left
		})
	}
	return p, problems
}

// loadOne is Load for a definition whose fixes are not tried.
func (l Loader) loadOne(file string, source []byte) (*Program, []diag.Problem) {
	u := &load{Loader: l, loaded: map[string]*Program{}, inputs: map[string][]string{}}
	return u.load(file, source)
}

// A load compiles one definition and all that it calls.
type load struct {
	Loader
	// names of the workflows that are being compiled; each is called by the one before
	calling []string
	loaded  map[string]*Program // by name
	parts   []part              // callees before their callers
	inputs  map[string][]string // the names of a workflow's inputs, for parametersOf; nil if it is not found
}

// errNoLibrary is the error if a definition is checked alone.
var errNoLibrary = errors.New("no folder of other workflows is known here")

func (u *load) load(file string, source []byte) (*Program, []diag.Problem) {
	d, problems := definition.Parser{Pinned: u.Pinned, Parameters: u.parametersOf}.Parse(file, source)
	u.calling = append(u.calling, d.Name.Value)
	own := u.Loader
	own.Observe = u.observer()
	p, more := compile(d, own, u.find, diag.HasErrors(problems))
	u.calling = u.calling[:len(u.calling)-1]
	problems = Silence(d.Allows, diag.Sort(append(problems, more...)))
	if diag.HasErrors(problems) {
		return nil, problems
	}
	if len(u.calling) == 0 && len(u.parts) > 0 {
		p.Source = bundle(part{file: file, source: source}, u.parts)
		p.Digest = digestOf(p.Source)
	}
	return p, problems
}

// parametersOf returns the parameters of a task type, or the inputs of a workflow. It does not compile the
// workflow, which may be one that calls this one.
func (u *load) parametersOf(form, callee string) ([]string, bool) {
	if form == definition.TaskForm {
		t, known := u.Registry.Lookup(callee)
		return t.Input.FieldNames(), known && !t.Input.AllowsMore()
	}
	names, known := u.inputs[callee]
	if known || u.Find == nil {
		return names, names != nil
	}
	if file, source, err := u.Find(callee); err == nil {
		d, _ := definition.Parse(file, source)
		names = make([]string, len(d.Inputs))
		for i, in := range d.Inputs {
			names[i] = in.Name.Value
		}
	}
	u.inputs[callee] = names
	return names, names != nil
}

// observer returns the callback for the definition that is being compiled, or nil.
func (u *load) observer() Observer {
	if len(u.calling) > 1 {
		return nil
	}
	return u.Observe
}

// find loads a workflow that another workflow calls.
func (u *load) find(name string) (*Program, error) {
	if at := slices.Index(u.calling, name); at >= 0 {
		cycle := append(slices.Clone(u.calling[at:]), name)
		return nil, fmt.Errorf("it calls itself: %s", strings.Join(cycle, " → "))
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
