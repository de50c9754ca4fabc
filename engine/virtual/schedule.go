package virtual

import (
	"context"
	"sync"
	"time"

	"errand/engine"
)

// A schedule lets the branches of a run take turns. One branch works at a time, until it sleeps or
// ends. Then the branch that is due first is next; of those due at the same time, the one that began
// to wait first. The clock moves to its time. So what happens depends on the clock only.
type schedule struct {
	clock   *Clock
	waiting []*turn
	work    context.Context // of a Runner; nil if waits take no time
	over    error           // why all branches give up; nil if they do not
}

// A turn is waited for by one branch.
type turn struct {
	host  *Host
	due   time.Time
	comes chan struct{}
}

// wait gives the turn up until a time.
func (s *schedule) wait(h *Host, due time.Time) {
	t := s.queue(h, due)
	s.next()
	<-t.comes
}

func (s *schedule) queue(h *Host, due time.Time) *turn {
	t := &turn{host: h, due: due, comes: make(chan struct{}, 1)}
	s.waiting = append(s.waiting, t)
	return t
}

// next passes the turn to the branch that is due first. A branch that must be cancelled is due at
// once, unless it is in the middle of a call.
func (s *schedule) next() {
	first := -1
	for i, t := range s.waiting {
		if !t.host.calling && t.host.toCancel() {
			t.due = s.clock.Now()
		}
		if first < 0 || t.due.Before(s.waiting[first].due) {
			first = i
		}
	}
	t := s.waiting[first]
	if s.parks() && s.over == nil && t.due.After(s.clock.Now()) {
		s.over = errParked
	}
	s.waiting = append(s.waiting[:first], s.waiting[first+1:]...)
	if wait := t.due.Sub(s.clock.Now()); wait > 0 && s.over == nil {
		s.clock.Advance(wait)
	}
	t.comes <- struct{}{}
}

// A fork is several branches of one host.
type fork struct {
	failed  bool // the others are to be cancelled
	running int
	over    chan struct{}
}

// Fork implements engine.Host.
func (h *Host) Fork(n int, branch func(i int, h engine.Host) error) error {
	if h.schedule == nil {
		h.schedule = &schedule{clock: h.Clock}
	}
	f := &fork{running: n, over: make(chan struct{})}
	hosts := make([]*Host, n)
	var group sync.WaitGroup
	for i := range n {
		b := &Host{
			Context: h.Context, Clock: h.Clock, Registry: h.Registry, Watch: h.Watch, Answer: h.Answer,
			Took: h.Took, Cancel: h.Cancel, cancelled: h.cancelled, schedule: h.schedule, forks: append(append([]*fork{}, h.forks...), f),
			path: engine.BranchPath(h.path, h.forked, i),
		}
		hosts[i] = b
		begins := h.schedule.queue(b, h.Now())
		group.Go(func() {
			<-begins.comes
			if err := branch(i, b); err != nil && b.halted == nil {
				f.failed = true
			}
			if f.running--; f.running == 0 {
				close(f.over)
			} else {
				h.schedule.next()
			}
		})
	}
	h.forked++
	h.schedule.next()
	<-f.over
	group.Wait()
	for _, b := range hosts {
		if b.halted != nil {
			h.halted = b.halted
			return b.halted
		}
	}
	return nil
}

// toCancel tells whether the branch is to be cancelled and was not told yet.
func (h *Host) toCancel() bool {
	if h.cancelled {
		return false
	}
	for _, f := range h.forks {
		if f.failed {
			return true
		}
	}
	return h.Context.Err() != nil || !h.Cancel.IsZero() && !h.Now().Before(h.Cancel)
}
