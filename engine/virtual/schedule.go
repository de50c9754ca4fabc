package virtual

import (
	"context"
	"sync"
	"time"

	"errand/engine"
)

// A schedule lets the branches of a run take turns. One branch works at a time, until it sleeps or
// ends. The next is the branch that is due first; among those that are due at the same time, it is
// the one that has waited longest. The clock then moves to that time. So the order depends on the
// clock only.
type schedule struct {
	clock   *Clock
	waiting []*turn
	work    context.Context // the context of a Runner; nil if the branches do not park
	over    error           // why all branches give up; nil if they do not
}

// A turn is the place of one waiting branch.
type turn struct {
	host  *Host
	due   time.Time
	ready chan struct{}
}

// wait lets other branches work until a time.
func (s *schedule) wait(h *Host, due time.Time) {
	t := s.queue(h, due)
	s.next()
	<-t.ready
}

func (s *schedule) queue(h *Host, due time.Time) *turn {
	t := &turn{host: h, due: due, ready: make(chan struct{}, 1)}
	s.waiting = append(s.waiting, t)
	return t
}

// next wakes the branch that is due first. A branch that must be cancelled is due at once, unless
// it is inside a call.
func (s *schedule) next() {
	first := -1
	for i, t := range s.waiting {
		if !t.host.calling && t.host.mustCancel() {
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
	t.ready <- struct{}{}
}

// A fork is a set of branches of one host.
type fork struct {
	failed  bool // one branch failed: the others are cancelled
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
			<-begins.ready
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

// mustCancel reports whether the branch must be cancelled and has not been notified.
func (h *Host) mustCancel() bool {
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
