package engine

import (
	"errors"
	"strconv"
	"strings"
	"sync"
)

// A Position is how far a branch of a run has come.
type Position struct {
	Branch string // BranchPath; "" for the main steps
	Used   int    // how many answers on record the branch has used
	Forks  int    // how often the branch has forked
	Told   int    // how many events the branch has emitted
}

// A Course is what happened where in a run: where each step began, and where each branch stopped. A
// host notes it while the run is interpreted, and PlanRetry reads it. Its methods are safe for
// concurrent use.
type Course struct {
	mu       sync.Mutex
	begins   map[string]Position // by step
	causes   map[string]string   // the Cause of a failure → the step that failed because of it
	branches map[string]*branchCourse
	undoings []undoing
}

// A branchCourse is the course of one branch.
type branchCourse struct {
	open      []string  // the steps that have not ended, the innermost last
	forks     []forking // in the order in which they happened
	unjoined  bool      // no event followed the last fork, and not all of its branches succeeded
	stopped   bool      // the host returned ErrCancelled to the branch
	cancelled Position  // of stopped: where the branch goes on if the run is retried
	end       error     // what the branch ended with
	undoing   int       // the number of the undo that has not ended, counted from 1; 0: none
}

// A forking is one fork of a branch.
type forking struct {
	Position     // after the fork
	n        int // how many branches it has
}

// An undoing is the undo of one step.
type undoing struct {
	step     string
	from, to Position // to is zero if the undo did not end
}

// branch returns the course of a branch. The caller holds the mutex.
func (c *Course) branch(branch string) *branchCourse {
	if c.branches == nil {
		c.begins, c.causes, c.branches = map[string]Position{}, map[string]string{}, map[string]*branchCourse{}
	}
	w := c.branches[branch]
	if w == nil {
		w = &branchCourse{}
		c.branches[branch] = w
	}
	return w
}

// Emit notes an event. at is the position of its branch before the event.
func (c *Course) Emit(at Position, e Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.branch(at.Branch)
	w.unjoined = false
	c.closeUndo(w, at, e)
	if e.Step == "" {
		return
	}
	if _, known := c.begins[e.Step]; !known {
		c.begins[e.Step] = at
	}
	switch e.Kind {
	case EventStepStarted:
		w.open = append(w.open, e.Step)
	case EventStepSucceeded, EventStepFailed:
		if n := len(w.open); n > 0 && w.open[n-1] == e.Step {
			w.open = w.open[:n-1]
		}
		if _, known := c.causes[e.Cause]; e.Cause != "" && !known {
			c.causes[e.Cause] = e.Step
		}
	case EventHandlerBegins:
		if e.Handler == HandlerUndo {
			c.undoings = append(c.undoings, undoing{step: e.Step, from: at})
			w.undoing = len(c.undoings)
		}
	}
}

// closeUndo ends the undo of a branch if an event does not belong to it: another handler begins, or
// a step around the undo ends.
func (c *Course) closeUndo(w *branchCourse, at Position, e Event) {
	if w.undoing == 0 {
		return
	}
	u := &c.undoings[w.undoing-1]
	began, known := c.begins[e.Step]
	inside := known && began.Told >= u.from.Told || !known && e.Step != ""
	if !inside || e.Kind == EventHandlerBegins && e.Handler == HandlerUndo {
		u.to, w.undoing = at, 0
	}
}

// Fork notes that a branch forks into n branches. at is its position after that.
func (c *Course) Fork(at Position, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.branch(at.Branch)
	w.forks = append(w.forks, forking{at, n})
}

// End notes what a branch ended with.
func (c *Course) End(branch string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.branch(branch).end = err
	if parent, _, ok := parentOf(branch); ok && err != nil {
		c.branch(parent).unjoined = true
	}
}

// Cancel notes that the host returns ErrCancelled to a branch.
func (c *Course) Cancel(at Position) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.branch(at.Branch)
	if w.stopped {
		return
	}
	w.stopped, w.cancelled = true, at
	if n := len(w.forks); w.unjoined && n > 0 {
		w.cancelled = w.forks[n-1].Position
	} else if n := len(w.open); n > 0 {
		w.cancelled = c.begins[w.open[n-1]]
	}
}

// Began reports whether a step began.
func (c *Course) Began(step string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, known := c.begins[step]
	return known
}

// parentOf returns the branch that forked into a branch, and the number of that fork, counted from
// 0.
func parentOf(branch string) (parent string, fork int, ok bool) {
	if branch == "" {
		return "", 0, false
	}
	at := strings.LastIndexByte(branch, '/')
	number, _, _ := strings.Cut(branch[at+1:], ".")
	fork, _ = strconv.Atoi(number) // BranchPath wrote it
	return branch[:max(at, 0)], fork, true
}

// A stop is where a branch did not go on.
type stop struct {
	step string // the step that failed; "" if the branch was cancelled
	fail bool
}

func stopOf(err error) (s stop, stopped bool) {
	if f, ok := errors.AsType[*stepFailure](err); ok {
		return stop{step: f.Step, fail: true}, true
	}
	return stop{}, err != nil
}
