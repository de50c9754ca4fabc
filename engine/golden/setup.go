package golden

import (
	"cmp"
	"context"
	"errors"
	"time"

	"errand/engine"
	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
	"errand/tasks/sandbox"
)

// A setup is what one run of a case acts on: the sandbox, mocks, or both.
type setup struct {
	of       *Case
	asked    map[string]askCount // by step
	registry *task.Registry
	box      *sandbox.Sandbox // may be nil
	mocks    *mockSet
	calls    func(task.Call) // is called before each call; may be nil
	program  *program.Program
	inputs   map[string]any

	replies *crashReplies // nil in a run without crashes
}

// setup makes the setup of a case. The sandbox takes the time from now.
func (b Bench) setup(c *Case, now func() time.Time) (*setup, error) {
	s := &setup{of: c, asked: map[string]askCount{}, mocks: newMockSet(c)}
	var environment task.Environment
	if c.world != nil || c.mocks == nil {
		world := c.world
		if world == nil {
			world = sandbox.DefaultWorld()
		}
		var err error
		if s.box, err = sandbox.New(world, now); err != nil {
			return nil, c.worldFault(err)
		}
		environment = task.Environment{Credentials: sandbox.Credentials{EvidenceDelay: b.evidenceDelay}, Transport: s.box.Transport()}
	}
	connectors := b.Connectors(environment)
	for i := range connectors {
		connectors[i] = s.mocked(connectors[i])
	}
	s.registry = task.NewRegistry(connectors...)
	if m, err := s.mocks.check(s.registry); err != nil {
		return nil, c.fault(m.line, "%s: %v", mocksFile, err)
	}
	var err error
	if s.program = b.program; s.program == nil {
		if s.program, err = b.load(c, s.registry); err != nil {
			return nil, err
		}
	}
	if s.inputs, err = c.inputs(s.program); err != nil {
		return nil, err
	}
	if _, err := s.program.ConcurrencyKey(c.Request, s.inputs); err != nil { // no other run can have the turn, but a real one needs its key
		return nil, c.about.fault(c.about.at("inputs"), "the concurrency key cannot be made: %v", err)
	}
	return s, nil
}

// worldFault returns the error for the problems of a world, each with its line.
func (c *Case) worldFault(err error) error {
	var faults []error
	for _, p := range sandbox.Problems(err) {
		faults = append(faults, c.placed.fault(p.Offset, "%v", p))
	}
	if len(faults) == 0 {
		return c.fault(c.first(worldFile), "%s: %v", worldFile, err)
	}
	return errors.Join(faults...)
}

// mocked returns a connector whose task types ask the mocks first.
func (s *setup) mocked(c task.Connector) task.Connector {
	types := make([]task.Type, len(c.Types))
	for i, t := range c.Types {
		types[i] = t.WithRun(func(ctx context.Context, call task.Call) task.Reply {
			if s.calls != nil {
				s.calls(call)
			}
			if t.Effect == task.Pure {
				defer s.replies.computed(call.Step)
			}
			return s.answer(ctx, t, call)
		})
	}
	c.Types = types
	return c
}

// answer returns the reply to a call: the one from before a crash, that of a mock, or that of the
// sandbox. A task that only computes runs if no mock answers.
func (s *setup) answer(ctx context.Context, t task.Type, call task.Call) task.Reply {
	look := call.Recover && t.Effect == task.Evident
	if reply, ok := s.replies.repeated(call.Step, look); ok {
		return reply
	}
	if reply, ok := s.mocks.answer(t, call); ok {
		s.replies.note(call.Step, keptReply{Reply: reply, look: look, mocked: true})
		return reply
	}
	if t.Effect == task.Pure {
		return t.Run(ctx, call)
	}
	if s.box == nil {
		return s.mocks.missing(t, call)
	}
	reply := t.Run(ctx, call)
	s.replies.note(call.Step, keptReply{Reply: reply, look: look})
	return reply
}

// somebody is the person who decides if a case names nobody: a decision in time is always that of a person.
const somebody = "somebody"

// decide returns the decision that the case has for a question. A question that is asked again
// after a crash is the same question.
func (s *setup) decide(q engine.Question) (engine.Decision, time.Duration, bool) {
	at := s.asked[q.Step]
	if position, ok := s.replies.position(q.Step); !ok || at.times == 0 || position != at.position {
		at = askCount{at.times + 1, position}
		s.asked[q.Step] = at
	}
	d, ok := s.of.Decisions[q.Step]
	if !ok || at.times > 1+len(d.Then) {
		return engine.Decision{}, 0, false
	}
	if at.times > 1 {
		d = d.Then[at.times-2]
	}
	return engine.Decision{Verdict: d.Verdict, By: engine.Person{Name: cmp.Or(d.By, somebody), EnteredBy: d.Entered}, Comment: d.Comment}, time.Duration(d.After), true
}

// An askCount is how often a step has asked a person, and the position of its last question.
type askCount struct{ times, position int }

// span formats a duration for people.
func span(d time.Duration) string { return schema.FormatDuration(d) }
