package local

import (
	"errors"
	"sync"
	"time"

	"errand/engine"
)

// A crew is who of a run's branches is at work. Branches run in goroutines of their own while any of them has something to do: one that
// only waits stays beside the others until all do, and then all are left at once, so that a run that waits holds nothing.
//
// Before anything new is done each branch first comes to the end of what is on record. So a failure that is on record has cancelled the
// branches beside it before one of them acts.
type crew struct {
	cond      *sync.Cond              // over the ledger's mutex: told when live changes
	active    int                     // branches that are neither waiting nor held up by branches of their own
	edge      int                     // those of them that have come to the end of the record
	live      bool                    // all have
	waiting   map[*host]chan struct{} // closed when there is reason to look again
	unwinding bool                    // everybody gives up
}

func newCrew() crew { return crew{active: 1, waiting: map[*host]chan struct{}{}} }

// A fork is several branches of one host.
type fork struct{ failed bool }

// Fork implements engine.Host.
func (h *host) Fork(n int, branch func(i int, h engine.Host) error) error {
	h.mu.Lock()
	f := &fork{}
	branches := make([]*host, n)
	for i := range branches {
		path := engine.BranchPath(h.path, h.forked, i)
		branches[i] = &host{
			ledger: h.ledger, path: path, mine: h.branches[path], clock: h.clock, knows: h.knows,
			forks: append(append([]*fork{}, h.forks...), f), place: h.place.Forked(i),
		}
	}
	h.forked++
	h.active += n - 1
	h.mu.Unlock()

	var group sync.WaitGroup
	for i, b := range branches {
		group.Go(func() {
			fault := caught(func() {
				if err := branch(i, b); err != nil && b.halted == nil {
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
			if fault != nil || b.halted != nil && !b.resting {
				h.unwind()
			}
			if !b.resting {
				h.active--
			}
			h.changed()
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
	h.active++
	return nil
}

// worse is the error of two that says more: what went wrong before what is only to be continued.
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

// caught runs a function, and returns what it panicked with as an error: a fault in one branch is the fault of this run alone.
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

// changed looks what follows from who is at work.
func (l *ledger) changed() {
	if !l.live && l.edge >= l.active {
		l.live = true
		l.cond.Broadcast()
	}
	if l.active == 0 && len(l.waiting) > 0 {
		l.unwind()
	}
}

func (l *ledger) unwind() {
	l.unwinding = true
	l.wakeAll()
}

// wakeAll has everybody who waits look again. They count as active from now on.
func (l *ledger) wakeAll() {
	for h, told := range l.waiting {
		close(told)
		delete(l.waiting, h)
		l.active++
	}
}

// rest waits beside the other branches until a time (zero means for ever), or until there is reason to look again. It returns false where
// all branches wait, or give up for another reason: then so does this one.
func (h *host) rest(due time.Time) (stay bool, err error) {
	if h.unwinding || h.active == 1 {
		h.resting = true
		h.active--
		h.unwind()
		return false, nil
	}
	if len(h.news) > 0 { // the others may take long, and what was waited for must not be begun anew
		if err := h.commit(h.working(), h.me); err != nil {
			return true, err
		}
	}
	told := make(chan struct{})
	h.waiting[h] = told
	h.active--
	h.changed()
	h.mu.Unlock()
	var timer <-chan time.Time
	if !due.IsZero() {
		t := time.NewTimer(time.Until(due))
		defer t.Stop()
		timer = t.C
	}
	ends := h.ctx.Done()
	if h.ctx.Err() != nil {
		ends = nil // it knows: another branch is in the middle of a call, and its end is waited for
	}
	select {
	case <-told:
	case <-timer:
	case <-ends:
	}
	h.mu.Lock()
	if _, still := h.waiting[h]; still {
		delete(h.waiting, h)
		h.active++
	}
	if h.unwinding {
		h.resting = true
		h.active--
		return false, nil
	}
	return true, nil
}
