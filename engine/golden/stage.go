package golden

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
	"errand/tasks/sandbox"
)

// A Bench is what cases are run with.
type Bench struct {
	// Connectors makes the connectors for an environment.
	Connectors func(task.Environment) []task.Connector

	// Find finds a definition that a case names, or that a definition calls. Its error says where it was looked for.
	Find func(c *Case, name string) (file string, text []byte, err error)

	text []byte // not nil: the definition of every case, as a file or as Program.Source
}

// A stage is what one run of a case acts on: the sandbox, mocks, or both.
type stage struct {
	of       *Case
	now      func() time.Time
	asked    map[string]asking // by step
	registry *task.Registry
	box      *sandbox.Sandbox // nil: there is none
	cast     *cast
	calls    func(task.Call) // hears of each call before it is made; may be nil
	program  *program.Program
	inputs   map[string]any

	mu       sync.Mutex
	failures map[string]task.Reply // of calls that failed: see steady
}

// stage makes a stage whose systems live by a clock.
func (b Bench) stage(c *Case, now func() time.Time) (*stage, error) {
	s := &stage{of: c, now: now, asked: map[string]asking{}, cast: newCast(c.mocks)}
	var environment task.Environment
	if c.world != nil || c.mocks == nil {
		world, err := c.worldOver(sandbox.DefaultWorld())
		if err != nil {
			return nil, err
		}
		if s.box, err = sandbox.New(world, now); err != nil {
			return nil, c.fault(c.line(worldFile, ""), "%s: %v", worldFile, err)
		}
		environment = task.Environment{Credentials: sandbox.Credentials{}, Transport: s.box.Transport()}
	}
	connectors := b.Connectors(environment)
	for i := range connectors {
		connectors[i] = s.played(connectors[i])
	}
	s.registry = task.NewRegistry(connectors...)
	err := s.cast.check(s.registry)
	if err != nil {
		return nil, c.fault(c.line(mocksFile, ""), "%v", err)
	}
	if s.program, err = b.load(c, s.registry); err != nil {
		return nil, err
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
		return b.Find(c, name)
	}
	file, text := c.Workflow+".yaml", b.text
	if text == nil {
		var err error
		if file, text, err = find(c.Workflow); err != nil {
			return nil, c.fault(c.line(caseFile, "workflow"), "%v", err)
		}
	}
	p, problems := program.Loader{Registry: registry, Find: find}.Load(file, text)
	if diag.HasErrors(problems) {
		return nil, &DefinitionError{File: file, Text: text, Problems: problems}
	}
	return p, nil
}

// A DefinitionError says that the definition of a case has problems.
type DefinitionError struct {
	File     string
	Text     []byte
	Problems []diag.Problem
}

func (e *DefinitionError) Error() string {
	return fmt.Sprintf("%s has %s", e.File, diag.Count(e.Problems))
}

// played is a connector whose task types are answered by mocks first. What only computes does so itself.
func (s *stage) played(c task.Connector) task.Connector {
	types := make([]task.Type, len(c.Types))
	for i, t := range c.Types {
		types[i] = t.Answered(func(ctx context.Context, call task.Call) task.Reply {
			if s.calls != nil {
				s.calls(call)
			}
			if reply, ok := s.cast.answer(t, call); ok {
				return reply
			}
			if t.Effect == task.Pure || s.box != nil {
				return t.Run(ctx, call)
			}
			return s.cast.missing(call)
		})
	}
	c.Types = types
	return c
}

// decide decides as the case says. Asked again at the same time, as after a crash, it is the same question.
func (s *stage) decide(q engine.Question) (engine.Decision, time.Duration, bool) {
	at := s.asked[q.Step]
	if now := s.now(); !at.last.Equal(now) {
		at = asking{at.times + 1, now}
		s.asked[q.Step] = at
	}
	all := s.of.Decisions[q.Step]
	if at.times > len(all) {
		return engine.Decision{}, 0, false
	}
	d := all[at.times-1]
	return engine.Decision{Verdict: d.Verdict, By: d.By, Comment: d.Comment}, time.Duration(d.After), true
}

// An asking is how often a step asked a person, and when it last did.
type asking struct {
	times int
	last  time.Time
}

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
		return nil, c.fault(c.line(worldFile, ""), "%s: %v", worldFile, err)
	}
	maps.Copy(all, over)
	return json.Marshal(all)
}

// span is a duration for people.
func span(d time.Duration) string { return schema.FormatDuration(d) }
