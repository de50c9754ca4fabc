package engine

import (
	"context"
	"time"
)

// A Counter counts runs.
type Counter interface {
	// Count returns how many runs there are. Its work grows with the number of runs.
	Count(ctx context.Context) (Counts, error)
}

// Counts says how many runs there are. The zero Counts has none.
type Counts struct {
	Runs    map[RunGroup]int
	Waiting map[WaitFor]int // open runs by what they wait for; a run may wait for several things

	// Due is how many runs are due and have no process that works on them: they queue for a place.
	// DueSince is when the first of them became due; zero if there is none.
	Due      int
	DueSince time.Time
}

// A RunGroup is all runs of a workflow with a status.
type RunGroup struct {
	Workflow string
	Status   Status
}

// Add adds n runs of a group.
func (c *Counts) Add(g RunGroup, n int) {
	if c.Runs == nil {
		c.Runs = map[RunGroup]int{}
	}
	c.Runs[g] += n
}

// AddOpen adds a run that has not ended. changed is when it was last changed: a run that a person
// made due is due since then.
func (c *Counts) AddOpen(v View, changed, now time.Time) {
	c.Add(RunGroup{v.Workflow, v.Status}, 1)
	if c.Waiting == nil {
		c.Waiting = map[WaitFor]int{}
	}
	counted := map[WaitFor]bool{}
	for _, w := range v.Waits {
		if !counted[w.For] {
			counted[w.For] = true
			c.Waiting[w.For]++
		}
	}
	if v.Process != "" || v.Due.IsZero() || v.Due.After(now) {
		return
	}
	since := v.Due
	if changed.After(since) {
		since = changed
	}
	c.Due++
	if c.DueSince.IsZero() || since.Before(c.DueSince) {
		c.DueSince = since
	}
}
