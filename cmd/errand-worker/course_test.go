package main_test

import (
	"context"
	"errors"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/tasks/sandbox"
)

// A course is a run with what persons do about it.
type course struct {
	run, request string
	url          string
	program      *program.Program
	inputs       map[string]any
	world        []byte // of the sandbox, as JSON
	refuses      bool   // the world refuses connections
	start        time.Time
	cancel       time.Duration         // when a person cancels the run, after its start; 0 means never
	decisions    map[string][]decision // by step
	expires      bool                  // nobody decides, and the time for a decision passes
	retries      []string              // after the run has ended: the steps from which it is retried, one after the other
}

// A decision is that of a person about a step.
type decision struct {
	engine.Decision
	after time.Duration // the question
}

// longest is how long a course may take.
const longest = 3 * time.Minute

// recorded is after what time a wait that has begun is on record, with some time to spare. A cancellation
// before that has another place in the record.
const recorded = 500 * time.Millisecond

// An outcome is what came of a course.
type outcome struct {
	view      engine.View
	events    []engine.Event
	exchanges []sandbox.Exchange
	state     sandbox.State
}

// site makes what a run of the course acts on.
func (c *course) site() (*site, error) {
	s, err := newSite(c.world, c.start, c.refuses)
	if err == nil && c.cancel > 0 {
		s.cancel = c.start.Add(c.cancel)
	}
	return s, err
}

// locally carries the course out with a runner of package local.
func (c *course) locally(ctx context.Context) (outcome, error) {
	s, err := c.site()
	if err != nil {
		return outcome{}, err
	}
	defer s.close()
	r := &local.Runner{Journal: journal.NewMemory(), Registry: registry(func(string) *site { return s }), About: "the test"}
	defer func() { _ = r.Close() }()
	return c.carryOut(ctx, r, s, true)
}

// on carries the course out on Temporal.
func (c *course) on(ctx context.Context, at *lane) (outcome, error) {
	s, err := c.site()
	if err != nil {
		return outcome{}, err
	}
	defer s.close()
	at.all.add(c.run, s)
	stop := at.work(ctx)
	o, err := c.carryOut(ctx, at.runner, s, false)
	return o, errors.Join(err, stop())
}

// carryOut carries the course out until nobody has anything to do about the run. watched says that the
// site receives the events from Follow, which passes all of them on each time.
func (c *course) carryOut(ctx context.Context, r engine.Runner, s *site, watched bool) (o outcome, err error) {
	ctx, stop := context.WithTimeout(ctx, longest)
	defer stop()
	s.cancels = func() {
		time.Sleep(recorded)
		s.refused <- r.Cancel(ctx, c.run, kim)
	}
	order := engine.Order{Run: c.run, Request: c.request, URL: c.url, Inputs: c.inputs, Program: c.program, Again: true}
	if _, err := r.Accept(ctx, order); err != nil {
		return o, err
	}
	p := &persons{course: c, runner: r, site: s, decided: map[string]int{}}
	passed := 0
	for goesOn := true; goesOn; {
		var watch engine.Watch
		if seen := 0; watched {
			watch = func(e engine.Event) {
				if seen++; seen > passed {
					passed = seen
					s.watch(e)
				}
			}
		}
		if _, err = r.Follow(ctx, c.run, engine.Following{Watch: watch, Stay: c.expires}); err == nil {
			goesOn, err = p.act(ctx)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return o, err
		}
	}
	select {
	case err := <-s.refused:
		if err != nil {
			return o, err
		}
	default:
	}
	if o.view, err = r.Read(ctx, c.run); err != nil {
		return o, err
	}
	o.events, err = r.Events(ctx, c.run, engine.EventID{})
	o.exchanges, o.state = s.exchanges(), s.box.State()
	return o, err
}
