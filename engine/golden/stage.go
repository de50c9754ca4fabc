package golden

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/library"
	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
	"errand/tasks/sandbox"
)

// A Bench is what cases are run with.
type Bench struct {
	// Connectors makes the connectors for an environment.
	Connectors func(task.Environment) []task.Connector

	// Library finds the definitions that cases name and that definitions call, after those in the
	// folder of the case and in the folder above it.
	Library library.Library

	// Definition is the definition of every case, as a file or as Program.Source. If nil, each case
	// names its own.
	Definition []byte

	beside  string           // if not empty, callees are found beside this file, not beside the case
	program *program.Program // if not nil, the case's definition, compiled already

	wrap func(engine.Host) engine.Host // if not nil, wraps the host of every run; for tests
}

// run carries a program out on a host.
func (b Bench) run(h engine.Host, request engine.Request, p *program.Program) (engine.Result, error) {
	if b.wrap != nil {
		h = b.wrap(h)
	}
	return engine.Run(h, request, p)
}

// A stage is what one run of a case acts on: the sandbox, mocks, or both.
type stage struct {
	of       *Case
	asked    map[string]asking // by step
	registry *task.Registry
	box      *sandbox.Sandbox // nil: there is none
	cast     *cast
	calls    func(task.Call) // hears of each call before it is made; may be nil
	program  *program.Program
	inputs   map[string]any

	steady *steady // nil where there are no crashes
}

// stage makes a stage whose systems live by a clock.
func (b Bench) stage(c *Case, now func() time.Time) (*stage, error) {
	s := &stage{of: c, asked: map[string]asking{}, cast: newCast(c)}
	var environment task.Environment
	if c.world != nil || c.mocks == nil {
		world, err := c.worldOver(sandbox.DefaultWorld())
		if err != nil {
			return nil, err
		}
		if s.box, err = sandbox.New(world, now); err != nil {
			return nil, c.fault(c.first(worldFile), "%s: %v", worldFile, err)
		}
		environment = task.Environment{Credentials: sandbox.Credentials{}, Transport: s.box.Transport()}
	}
	connectors := b.Connectors(environment)
	for i := range connectors {
		connectors[i] = s.played(connectors[i])
	}
	s.registry = task.NewRegistry(connectors...)
	if m, err := s.cast.check(s.registry); err != nil {
		return nil, c.fault(m.line, "%s: %v", mocksFile, err)
	}
	var err error
	if s.program = b.program; s.program == nil {
		if s.program, err = b.load(c, s.registry); err != nil {
			return nil, err
		}
	}
	s.inputs, err = c.inputs(s.program)
	return s, err
}

// load compiles the case's definition.
func (b Bench) load(c *Case, registry *task.Registry) (*program.Program, error) {
	find := func(name string) (string, []byte, error) {
		if text, ok := c.part(name + ".yaml"); ok {
			return name + ".yaml", text, nil
		}
		return b.find(c, name)
	}
	file, text := c.Workflow+".yaml", b.Definition
	if text == nil {
		var err error
		if file, text, err = find(c.Workflow); err != nil {
			return nil, c.about.fault(c.about.key("workflow"), "%v", err)
		}
	}
	p, problems := program.Loader{Registry: registry, Find: find}.Load(file, text)
	if diag.HasErrors(problems) {
		return nil, &DefinitionError{File: file, Text: text, Problems: problems}
	}
	return p, nil
}

// find finds a definition that neither the case nor the bench has.
func (b Bench) find(c *Case, name string) (string, []byte, error) {
	folder := filepath.Dir(filepath.FromSlash(cmp.Or(b.beside, c.File)))
	found, err := b.Library.Find(name, folder, filepath.Join(folder, ".."))
	if errors.Is(err, library.ErrNotFound) {
		err = fmt.Errorf("there is no workflow %q: neither beside the case, nor in the folder above, nor among the shipped ones", name)
	}
	return found.File, found.Text, err
}

// A DefinitionError says that the definition of a case has problems.
type DefinitionError struct {
	File     string
	Text     []byte
	Problems []diag.Problem
}

func (e *DefinitionError) Error() string {
	return fmt.Sprintf("%s has %s", e.File, diag.Summary(e.Problems))
}

// played is a connector whose task types are answered by mocks first. What only computes does so itself.
func (s *stage) played(c task.Connector) task.Connector {
	types := make([]task.Type, len(c.Types))
	for i, t := range c.Types {
		types[i] = t.Answered(func(ctx context.Context, call task.Call) task.Reply {
			if s.calls != nil {
				s.calls(call)
			}
			if t.Effect == task.Pure {
				defer s.steady.computed(call.Step)
			}
			return s.answer(ctx, t, call)
		})
	}
	c.Types = types
	return c
}

// answer is what a call is answered: what it was before a crash, what a mock says, or what the sandbox does.
func (s *stage) answer(ctx context.Context, t task.Type, call task.Call) task.Reply {
	if reply, ok := s.steady.again(call.Step); ok {
		return reply
	}
	if reply, ok := s.cast.answer(t, call); ok {
		s.steady.answered(call.Step, reply)
		return reply
	}
	if t.Effect == task.Pure {
		return t.Run(ctx, call)
	}
	if s.box == nil {
		return s.cast.missing(t, call)
	}
	reply := t.Run(ctx, call)
	if reply.Output == nil {
		s.steady.answered(call.Step, reply)
	}
	return reply
}

// decide decides as the case says. Asked again after a crash it is the same question.
func (s *stage) decide(q engine.Question) (engine.Decision, time.Duration, bool) {
	at := s.asked[q.Step]
	if place, again := s.steady.place(q.Step); !again || at.times == 0 || place != at.place {
		at = asking{at.times + 1, place}
		s.asked[q.Step] = at
	}
	d, ok := s.of.Decisions[q.Step]
	if !ok || at.times > 1+len(d.Then) {
		return engine.Decision{}, 0, false
	}
	if at.times > 1 {
		d = d.Then[at.times-2]
	}
	return engine.Decision{Verdict: d.Verdict, By: engine.Person{Name: d.By}, Comment: d.Comment}, time.Duration(d.After), true
}

// An asking is how often a step asked a person, and the place of the last question among what the step was answered.
type asking struct{ times, place int }

// worldOver is a world with the case's keys over it.
func (c *Case) worldOver(world []byte) ([]byte, error) {
	if c.world == nil {
		return world, nil
	}
	var all, over map[string]json.RawMessage
	if err := json.Unmarshal(world, &all); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(c.world, &over); err != nil {
		return nil, c.fault(c.first(worldFile), "%s: %v", worldFile, err)
	}
	maps.Copy(all, over)
	return json.Marshal(all)
}

// span is a duration for people.
func span(d time.Duration) string { return schema.FormatDuration(d) }
