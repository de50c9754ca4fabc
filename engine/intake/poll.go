package intake

import (
	"context"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/program"
	"errand/engine/task"
)

// A Taker puts on record what intake does. A runner that is an engine.Adopter is asked whether its
// home is a copy.
type Taker interface {
	engine.Intaker
	engine.IntakeReader
}

// Pauses says what is paused.
type Pauses interface {
	Paused(ctx context.Context) ([]access.Pause, error)
}

// A Clerk starts the runs of tickets. It is safe for concurrent use. Any number of them, in this
// process and in others, may work on the same sources: a ticket is started once.
type Clerk struct {
	Taker  Taker
	Pauses Pauses
	Note   *program.Program // NoteProgram
	NewRun func() string    // returns the id of a new run
	Watch  Watch

	PublicURL string // where people reach the web console; "" means that run.url is null
}

const (
	// sweepEvery is how often all tickets are read, and not only those that changed. It finds what a
	// cursor misses: a desk whose clock was put back, or one that shows a change much later.
	sweepEvery = 15 * time.Minute
	// idle is how long Work waits if there is no source.
	idle = time.Second
)

// Work asks a desk for tickets and starts their runs, until ctx ends. It begins at once. feed returns
// the source as it is now, or false if there is none; it is called before each pass over the tickets.
//
// After each failure the time until the next question doubles, or is what the desk asks for: see
// task.Pause. The Watch is told once that the desk cannot be read, and once that it can be read again.
func (c *Clerk) Work(ctx context.Context, feed func() (Feed, bool)) {
	p := poll{clerk: c}
	failures := 0
	for ctx.Err() == nil {
		f, ok := feed()
		if !ok {
			task.Wait(ctx, idle)
			continue
		}
		err := p.pass(ctx, f)
		if ctx.Err() != nil {
			return
		}
		switch {
		case err == nil && failures > 0:
			c.Watch.outage(Outage{Source: f.Name})
			failures = 0
		case err != nil && failures == 0:
			c.Watch.outage(Outage{Source: f.Name, Err: err})
		}
		if err != nil {
			failures++
		}
		task.Wait(ctx, task.Pause(f.Every, failures, err))
	}
}

// paused returns the names of what is paused.
func (c *Clerk) paused(ctx context.Context) (map[string]bool, error) {
	all, err := c.Pauses.Paused(ctx)
	names := map[string]bool{}
	for _, p := range all {
		names[p.Name] = true
	}
	return names, err
}

// isCopy reports whether the home is a copy, which starts nothing.
func (c *Clerk) isCopy(ctx context.Context) (bool, error) {
	a, ok := c.Taker.(engine.Adopter)
	if !ok {
		return false, nil
	}
	return a.IsCopy(ctx)
}

// order returns the order of a ruling's run.
func (c *Clerk) order(r Ruling) engine.Order {
	run := c.NewRun()
	return engine.Order{
		Run: run, Request: r.Request, StartedBy: engine.StartedByIntake, Inputs: r.Inputs, Program: r.Workflow,
		Requesters: r.Requesters, Owners: engine.Owners("", r.Requesters...), URL: engine.RunURL(c.PublicURL, run),
	}
}

// noteOrder returns the order of a note about a ticket. It is for operators, so no requester owns the
// run. The ticket's record keeps it from having two, so the request's runs do not count.
func (c *Clerk) noteOrder(r Ruling, text string) engine.Order {
	run := c.NewRun()
	return engine.Order{
		Run: run, Request: r.Request, StartedBy: engine.StartedByIntake, Inputs: map[string]any{"text": text}, Program: c.Note, Again: true,
		URL: engine.RunURL(c.PublicURL, run),
	}
}
