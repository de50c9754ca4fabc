package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// fork carries out lists of steps side by side, each in a run that starts with a copy of what this one
// knows, and takes over their results. It returns the earliest failure. The host stops the other
// lists before their next effect.
func (x *run) fork(n int, list func(i int, y *run) error) error {
	runs, ends := make([]*run, n), make([]error, n)
	err := x.h.Fork(n, func(i int, h Host) error {
		runs[i] = x.branch(h)
		ends[i] = list(i, runs[i])
		return ends[i]
	})
	x.join(runs)
	if err != nil {
		return err
	}
	x.skip(longestEnd(runs))
	var first *stepFailure
	var cancelled error
	var at int
	for i, end := range ends {
		f, failed := errors.AsType[*stepFailure](end)
		switch {
		case failed && (first == nil || runs[i].failedBefore(runs[at])):
			first, at = f, i
		case !failed && end != nil:
			cancelled = end
		}
	}
	if first != nil {
		return first
	}
	if cancelled != nil {
		return x.acknowledgeCancel(cancelled)
	}
	return nil
}

// longestEnd returns how long the branch that ended first had been over when the retry began.
func longestEnd(branches []*run) (d time.Duration) {
	for _, y := range branches {
		if y != nil {
			d = max(d, y.ended)
		}
	}
	return d
}

// acknowledgeCancel consumes the host's one-time ErrCancelled, so that cleanup steps do not receive it.
func (x *run) acknowledgeCancel(cancelled error) error {
	if err := x.h.Sleep(0); err != nil {
		return err
	}
	return cancelled
}

// branch returns a run that starts with a copy of what this one knows.
func (x *run) branch(h Host) *run {
	y := &run{
		h: h, p: x.p, id: x.id, url: x.url, in: x.in, deadline: x.deadline, limit: x.limit,
		env: maps.Clone(x.env), steps: maps.Clone(x.steps), withoutDoubt: x.withoutDoubt, around: x,
	}
	y.env["steps"] = y.steps
	y.result.Steps = []StepResult{}
	return y
}

// join takes over the results of branches. Branches that never began are nil.
func (x *run) join(branches []*run) {
	for _, y := range branches {
		if y == nil {
			continue
		}
		x.result.Steps = append(x.result.Steps, y.result.Steps...)
		x.result.Undone = append(x.result.Undone, y.result.Undone...)
		for id, outputs := range y.steps {
			if outputs != nil {
				x.steps[id] = outputs
			}
		}
		x.undos = append(x.undos, y.undos...)
		x.changes = append(x.changes, y.changes...)
		if x.uncertain == nil {
			x.uncertain = y.uncertain
		}
	}
	if len(branches) == 1 {
		return // in the order of completion already
	}
	slices.SortStableFunc(x.undos, func(a, b undo) int { return a.done.Compare(b.done) })
	slices.SortStableFunc(x.changes, func(a, b change) int { return a.at.Compare(b.at) })
}

// failedBefore reports whether x failed before y.
func (x *run) failedBefore(y *run) bool { return x.lastEnd().Before(y.lastEnd()) }

// BranchPath names a branch by the path of the host that forked, how often that host had forked
// before, and the index of the branch. Every host uses it.
func BranchPath(of string, forked, i int) string {
	path := fmt.Sprintf("%d.%d", forked, i)
	if of != "" {
		path = of + "/" + path
	}
	return path
}
