package local

import (
	"errand/engine"
	"errand/engine/journal"
)

// join returns the id of the runner's session, which it opens if there is none. After Interrupt
// nothing is worked on.
func (r *Runner) join() (string, error) {
	if r.untilInterrupt().Err() != nil {
		return "", errInterrupted
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.session == nil {
		s, err := r.Journal.Join(r.About)
		if err != nil {
			return "", err
		}
		r.session = s
	}
	return r.session.ID(), nil
}

// take keeps other goroutines of this runner off a run. It reports whether the run was free.
func (r *Runner) take(run string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, taken := r.busy[run]; taken {
		return false
	}
	if r.busy == nil {
		r.busy = map[string]*host{}
	}
	r.busy[run] = nil
	return true
}

func (r *Runner) release(run string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.busy, run)
}

// works makes a host known, so that its run can be cancelled during a call.
func (r *Runner) works(h *host) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy[h.run.ID] = h
}

// free reports whether no other process works on a run: its error is a refusal if one does. before
// says how the work of the process before ended; it is nil if that process gave the run up in order.
func (r *Runner) free(run journal.Run, me string) (before *engine.Ending, err error) {
	switch run.Holder {
	case "":
		return nil, nil
	case me:
		return &engine.Ending{Kind: engine.EndedByJournal, Process: r.About}, nil
	}
	about, alive := r.alive(run.Holder)
	if alive {
		return nil, &engine.Refusal{Code: engine.RefusedHeld, Run: run.ID, Process: about}
	}
	return &engine.Ending{Kind: engine.EndedByCrash, Process: about}, nil
}

// isAtWork reports whether a process works on a run.
func (r *Runner) isAtWork(run journal.Run) bool {
	r.mu.Lock()
	_, busy := r.busy[run.ID]
	mine := r.session != nil && run.Holder == r.session.ID()
	r.mu.Unlock()
	if run.Holder == "" || mine {
		return mine && busy
	}
	_, alive := r.alive(run.Holder)
	return alive
}

// alive reports whether a session is alive, and names its process for people. A living one that has
// not written its name yet is another process.
func (r *Runner) alive(session string) (about string, alive bool) {
	about, alive = r.Journal.Alive(session)
	if alive && about == "" {
		about = "another process"
	}
	return about, alive
}
