package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// fork carries out lists of steps side by side, each in a run of its own that begins with what this one knows, and takes over what they
// came to. What they failed with is returned, the earliest failure first; the host has the others stop before their next effect.
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
		return x.told(cancelled)
	}
	return nil
}

// told hears from the host what its branches heard, that the run is cancelled, so that it is not the first effect of tidying up that does.
func (x *run) told(cancelled error) error {
	if err := x.h.Sleep(0); err != nil {
		return err
	}
	return cancelled
}

// branch is a run that knows what this one knows, and leaves it as it is.
func (x *run) branch(h Host) *run {
	y := &run{h: h, p: x.p, id: x.id, in: x.in, deadline: x.deadline, limit: x.limit, env: maps.Clone(x.env), steps: maps.Clone(x.steps), withoutDoubt: x.withoutDoubt}
	y.env["steps"] = y.steps
	y.result.Steps = []StepResult{}
	return y
}

// join takes over what branches came to. Those that never began are nil.
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
		if x.uncertain == nil {
			x.uncertain = y.uncertain
		}
	}
	slices.SortStableFunc(x.undos, func(a, b undo) int { return a.done.Compare(b.done) })
}

// failedBefore compares when two runs ended that failed.
func (x *run) failedBefore(y *run) bool { return x.lastEnd().Before(y.lastEnd()) }

// BranchPath names a branch: the path of the host that forked, how often it had forked before, and the branch's place. Every host
// names them alike.
func BranchPath(of string, forked, i int) string {
	path := fmt.Sprintf("%d.%d", forked, i)
	if of != "" {
		path = of + "/" + path
	}
	return path
}

// BranchFork tells which of the forks of the main steps a branch belongs to, as BranchPath counts them.
func BranchFork(path string) int {
	first, _, _ := strings.Cut(path, ".")
	n, _ := strconv.Atoi(first)
	return n
}
