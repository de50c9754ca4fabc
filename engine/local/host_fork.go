package local

import (
	"errors"
	"sync"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// A crew counts which branches of a run are at work. A branch runs in its own goroutine as long as
// any branch has something to do. A branch that only waits stays beside the others until all of
// them wait; then all are left at once, so that a run that waits holds nothing.
//
// Before a branch does anything new, every branch first reaches the end of the record. So a failure
// that is on record cancels the other branches before one of them acts.
type crew struct {
	cond      *sync.Cond              // over the ledger's mutex: signalled when live changes
	active    int                     // branches that neither wait nor are waiting for branches that they forked
	edge      int                     // how many of the active have come to the end of the record
	live      bool                    // all of them have
	waiting   map[*host]chan struct{} // closed when the branch has a reason to look again
	unwinding bool                    // every branch gives up
}

func newCrew() crew { return crew{active: 1, waiting: map[*host]chan struct{}{}} }

// A fork is a set of branches of one host.
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

// changed acts on a change of the counts: the run goes live, or all branches wait.
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

// wakeAll makes every waiting branch look again. They count as active from now on.
func (l *ledger) wakeAll() {
	for h, told := range l.waiting {
		close(told)
		delete(l.waiting, h)
		l.active++
	}
}

// rest waits beside the other branches until a time (zero means without a limit), or until there is
// a reason to look again. It returns false if all branches wait, or give up for another reason:
// then this branch gives up too. A branch that asks a person a question also reads the run's inbox.
func (h *host) rest(due time.Time, q *engine.Question) (stay bool, err error) {
	if h.unwinding || h.active == 1 {
		h.resting = true
		h.active--
		h.unwind()
		return false, nil
	}
	if len(h.news) > 0 { // the others may take long, and the wait must not start again after a crash
		if err := h.commitRest(q); err != nil {
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
		ends = nil // known already: this branch waits for the end of a call in another one
	}
	var mail []journal.Message
	for waits := true; waits; {
		poked, again := h.looks(q != nil)
		select {
		case <-told:
			waits = false
		case <-timer:
			waits = false
		case <-ends:
			waits = false
		case <-poked:
		case <-again:
		}
		if waits {
			mail, waits = h.noMail()
		}
	}
	h.mu.Lock()
	if len(mail) > len(h.inbox) {
		h.inbox = mail
	}
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

// commitRest commits what is new before the branch waits. A question about an unknown outcome stays
// if the run is cancelled.
func (h *host) commitRest(q *engine.Question) error {
	if q != nil && q.Failure != nil {
		return h.store(h.working(), h.me, true)
	}
	return h.commit(h.working(), h.me)
}

// looks returns when a branch that asks a person has to read the inbox: after a poke in this process,
// and after a while. A branch that does not ask never has to.
func (h *host) looks(asks bool) (poked <-chan struct{}, again <-chan time.Time) {
	if !asks {
		return nil, nil
	}
	return h.r.pokes(), time.After(h.r.poll())
}

// newMail reads the inbox, with the ledger unlocked meanwhile, and reports whether it has something
// new.
func (h *host) newMail() bool {
	h.mu.Unlock()
	mail, none := h.noMail()
	h.mu.Lock()
	if !none {
		h.inbox = mail
	}
	return !none
}

// noMail reads the inbox, and reports whether it has nothing new. The ledger is unlocked.
func (h *host) noMail() (mail []journal.Message, none bool) {
	mail, err := h.r.Journal.Messages(background, h.run.ID)
	h.mu.Lock()
	defer h.mu.Unlock()
	return mail, err != nil || len(mail) <= len(h.inbox)
}
