package local

import (
	"errors"

	"errand/engine/journal"
)

// A HeldError says that another process works on a run.
type HeldError struct{ Run, About string }

func (e *HeldError) Error() string { return "run " + e.Run + " is held by " + e.About }

// errBusy says that this runner works on the run already.
var errBusy = errors.New("this process works on the run already")

// join returns the runner's session.
func (r *Runner) join() (string, error) {
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

// take keeps other goroutines of this runner off a run.
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

// works makes a host known, so that its run can be cancelled while a call is under way.
func (r *Runner) works(h *host) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy[h.run.ID] = h
}

// free tells that nobody is at work on a run, or else who is. before says what became of the one who was: "" where the run was left
// in order.
func (r *Runner) free(run journal.Run, me string) (before string, err error) {
	switch run.Holder {
	case "":
		return "", nil
	case me:
		if run.Cancel {
			return "", nil // Cancel has taken it
		}
		return "this process had given it up, since the journal failed", nil
	}
	about, alive := r.Journal.Alive(run.Holder)
	if alive {
		return "", &HeldError{Run: run.ID, About: about}
	}
	if about == "" {
		about = "the process that had it"
	}
	return about + " had ended in the middle of it", nil
}
