package engine

import (
	"errors"
	"strconv"
	"strings"
	"sync"
)

// A Mark is how far a branch of a run was: what it had used and done until then.
type Mark struct {
	Branch string // BranchPath; "" for the main steps
	Used   int    // how many answers on record the branch had used
	Forks  int    // how often the branch had forked
	Told   int    // how many events the branch had emitted
}

// A Course is the way of a run that was interpreted to its end: where each step began, and where each
// branch stopped. A host notes it, and a retry reads it (RetryPlan). Its methods are safe for
// concurrent use.
type Course struct {
	mu       sync.Mutex
	begins   map[string]Mark   // by step
	causes   map[string]string // what a step failed of, if that is no step: the step
	branches map[string]*wayOf
	undoings []undoing
}

// A wayOf is the way of one branch.
type wayOf struct {
	open      []string  // the steps under way, the innermost last
	forks     []forking // in their order
	unjoined  bool      // the last thing was a fork, and not all of its branches succeeded
	stopped   bool      // the host returned ErrCancelled to the branch
	cancelled Mark      // if stopped: where
	end       error     // what the branch ended with
	undoing   int       // the index of the undo that is under way, counted from 1; 0: none
}

// A forking is a fork: where the branch was after it, and its number of branches.
type forking struct {
	Mark
	n int
}

// An undoing is the undo of one step.
type undoing struct {
	step     string
	from, to Mark // to is zero while the undo is under way
}

// way returns the way of a branch. The caller holds the mutex.
func (c *Course) way(branch string) *wayOf {
	if c.branches == nil {
		c.begins, c.causes, c.branches = map[string]Mark{}, map[string]string{}, map[string]*wayOf{}
	}
	w := c.branches[branch]
	if w == nil {
		w = &wayOf{}
		c.branches[branch] = w
	}
	return w
}

// Emit notes an event, and where its branch is before it.
func (c *Course) Emit(at Mark, e Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.way(at.Branch)
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

// closeUndo ends the undo that is under way if an event shows that another thing begins: a handler
// of a run, or the end of a step around.
func (c *Course) closeUndo(w *wayOf, at Mark, e Event) {
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

// Fork notes that a branch forks into n. at is where it is after that.
func (c *Course) Fork(at Mark, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.way(at.Branch)
	w.forks = append(w.forks, forking{at, n})
}

// End notes what a branch ended with.
func (c *Course) End(branch string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.way(branch).end = err
	if parent, _, ok := parentOf(branch); ok && err != nil {
		c.way(parent).unjoined = true
	}
}

// Cancel notes that the host returns ErrCancelled to a branch.
func (c *Course) Cancel(at Mark) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.way(at.Branch)
	if w.stopped {
		return
	}
	w.stopped, w.cancelled = true, at
	if n := len(w.forks); w.unjoined && n > 0 {
		w.cancelled = w.forks[n-1].Mark
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

// parentOf returns the branch that forked into a branch, and the number of that fork, counted from 0.
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
