package golden

import (
	"context"
	"errors"
	"time"

	"errand/engine"
	"errand/engine/program"
	"errand/engine/virtual"
	"errand/tasks/sandbox"
)

// An Outcome is the result of running a case.
type Outcome struct {
	Program    *program.Program
	Result     engine.Result
	Events     []engine.Event
	Trace      string
	Afterwards string
	Wrong      []string       // calls that no mock answers, or mocks that were not needed
	State      *sandbox.State // what the sandbox holds at the end; nil without a sandbox
	Unanswered bool           // a call got no reply; what the run did after it means nothing
}

// Run runs a case. Its error says why the case cannot be run. It is a *DefinitionError if the
// definition has problems.
func (b Bench) Run(ctx context.Context, c *Case) (Outcome, error) {
	if c.broken != nil {
		return Outcome{}, c.broken
	}
	clock := virtual.NewClock(c.Start)
	s, err := b.setup(c, clock.Now)
	if err != nil {
		return Outcome{}, err
	}
	o := Outcome{Program: s.program}
	t := &trace{start: c.Start, clock: clock.Now}
	s.calls = t.call
	if s.box != nil {
		s.box.Observe(t.exchange)
	}
	host := &virtual.Host{
		Context: ctx, Clock: clock, Registry: s.registry, Cancel: c.cancelled(), Took: s.mocks.took,
		Answer: func(q engine.Question) (engine.Decision, time.Duration, bool) { t.asked(q); return s.decide(q) },
		Watch:  func(e engine.Event) { o.Events = append(o.Events, e); t.event(e) },
	}
	o.Result, err = b.run(host, engine.Request{Run: c.Run, Request: c.Request, URL: c.URL, Inputs: s.inputs}, s.program)
	if err != nil && !errors.Is(err, engine.ErrUndecided) {
		return Outcome{}, err
	}
	o.State = s.state()
	o.Trace, o.Afterwards, o.Wrong = inPart(t.String()), afterwards(o.Result, o.State), s.mocks.wrong()
	if o.Unanswered = s.mocks.unanswered(); !o.Unanswered {
		o.Wrong = append(o.Wrong, s.unused()...)
	}
	return o, nil
}

// cancelled returns when a person cancels the run. It is zero if nobody does.
func (c *Case) cancelled() time.Time {
	if c.Cancel == nil {
		return time.Time{}
	}
	return c.Start.Add(time.Duration(c.Cancel.After))
}
