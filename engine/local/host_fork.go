package local

import (
	"errors"
	"strings"
	"sync"

	"errand/engine"
)

// A crew counts which branches of a run are at work. A branch runs in its own goroutine as long as
// any branch has something to do. A branch that only waits stays beside the others until all of
// them wait. Then the run waits in memory, or all branches are left at once and the run is parked.
//
// Before a branch does anything new, every branch first reaches the end of the record. So a failure
// that is on record cancels the other branches before one of them acts.
type crew struct {
	cond      *sync.Cond        // over the ledger's mutex: signalled when live changes
	active    int               // branches that neither wait nor are waiting for branches that they forked
	edge      int               // how many of the active have come to the end of the record
	live      bool              // all of them have
	waiting   map[*host]resting // the branches that wait
	unwinding bool              // every branch gives up
}

// A resting is a branch that waits.
type resting struct {
	wait engine.Wait
	told chan struct{} // closed when the branch has a reason to look again
}

func newCrew() crew { return crew{active: 1, waiting: map[*host]resting{}} }

// A fork is a set of branches of one host.
type fork struct {
	failed bool // one of them has failed
	left   int  // how many have not ended
	halted bool // one of them gave up before its end
}

// Fork implements engine.Host.
func (h *host) Fork(n int, branch func(i int, h engine.Host) error) error {
	h.mu.Lock()
	f := &fork{left: n}
	branches := h.branchOff(n, f)
	h.active += n - 1
	h.mu.Unlock()

	var group sync.WaitGroup
	for i, b := range branches {
		group.Go(func() {
			fault := caught(func() {
				err := branch(i, b)
				h.course.End(b.path, err)
				if err != nil && b.halted == nil {
					h.mu.Lock()
					defer h.mu.Unlock()
					f.failed = true
					h.wakeAll()
				}
			})
			h.mu.Lock()
			defer h.mu.Unlock()
			if fault != nil {
				b.halted = fault
			}
			h.ended(b, f, fault)
		})
	}
	group.Wait()

	h.mu.Lock()
	defer h.mu.Unlock()
	ends := make([]engine.Place, n)
	for i, b := range branches {
		if b.clock.After(h.clock) {
			h.clock = b.clock
		}
		h.halted = worse(h.halted, b.halted)
		ends[i] = b.place
	}
	h.place = h.place.Joined(ends)
	if h.halted != nil {
		h.resting = true
		return h.halted
	}
	return nil
}

// hasEntries reports whether entries of a branch, or of those that it forks, are in force.
func (l *ledger) hasEntries(branch string) bool {
	for path, entries := range l.branches {
		if len(entries) > 0 && (path == branch || strings.HasPrefix(path, branch+"/")) {
			return true
		}
	}
	return false
}

// branchOff returns the hosts of n branches. If the run is retried from this fork, each branch
// finds by itself where it goes on.
func (h *host) branchOff(n int, f *fork) []*host {
	place, clock := h.place, h.clock
	h.takeRetries("")
	branches := make([]*host, n)
	for i := range branches {
		path := engine.BranchPath(h.path, h.forked, i)
		branches[i] = &host{
			ledger: h.ledger, path: path, mine: h.branches[path], clock: clock, knows: h.knows,
			unbegun: h.unbegun && !h.hasEntries(path),
			forks:   append(append([]*fork{}, h.forks...), f), place: place.Forked(i),
		}
	}
	h.forked++
	h.course.Fork(h.position(), n)
	return branches
}

// ended counts the end of a branch of a fork of h. After the last one h goes on, unless a branch
// gave up before its end.
func (h *host) ended(b *host, f *fork, fault error) {
	if fault != nil || b.halted != nil && !b.resting {
		h.unwind()
	}
	if !b.resting {
		h.active--
	}
	f.left--
	f.halted = f.halted || b.halted != nil
	if f.left == 0 && !f.halted {
		h.active++
	}
	h.changed()
}

// worse returns the error of two that matters more: a fault, rather than an error after which the
// run can go on later.
func worse(a, b error) error {
	for _, err := range []error{a, b} {
		if err != nil && !isUnwound(err) && !errors.Is(err, errLooking) {
			return err
		}
	}
	if a == nil {
		return b
	}
	return a
}

// caught runs a function and returns what it panicked with as an error. A fault in one branch
// concerns this run only.
func caught(do func()) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = faultOf(fault)
		}
	}()
	do()
	return nil
}

// reach waits until every branch has come to the end of the record.
func (h *host) reach() {
	if h.live || h.reached {
		return
	}
	h.reached = true
	h.edge++
	h.changed()
	for !h.live {
		h.cond.Wait()
	}
}

// changed acts on a change of the counts: the run goes live, or all branches wait. Then the run
// waits in memory, or is parked.
func (l *ledger) changed() {
	if !l.live && l.edge >= l.active {
		l.live = true
		l.cond.Broadcast()
	}
	if l.active == 0 && len(l.waiting) > 0 && !l.waitInMemory() {
		l.unwind()
	}
}

func (l *ledger) unwind() {
	l.unwinding = true
	l.wakeAll()
}

// wakeAll makes every waiting branch look again. They count as active from now on.
func (l *ledger) wakeAll() {
	for h, r := range l.waiting {
		close(r.told)
		delete(l.waiting, h)
		l.active++
	}
}
