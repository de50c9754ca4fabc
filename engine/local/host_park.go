package local

import (
	"errors"

	"errand/engine"
	"errand/engine/journal"
)

// Park gives the run up until somebody resumes it. It waits instead if other branches are at work.
// The entry Slept of such a wait has no Due.
func (h *host) Park(w engine.Wait) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	e, err := h.next()
	switch {
	case err != nil:
		return err
	case e != nil && (e.Kind != journal.Slept || !e.Due.IsZero()):
		return h.diverged(e, "a wait for "+string(w.For))
	case e == nil:
		return h.park(w)
	}
	w.Since = e.At
	e, err = h.next()
	switch {
	case err != nil || e != nil && e.Kind == journal.Woke:
		return err
	case e != nil:
		return h.diverged(e, "the end of a wait")
	}
	if err := h.mayAct(); err != nil {
		return h.keepWaiting(w, err)
	}
	h.note(journal.Entry{Kind: journal.Woke})
	return nil
}

// park begins a wait that ends when a process takes the run up again.
func (h *host) park(w engine.Wait) error {
	if err := h.mayGoOn(); err != nil {
		return err
	}
	h.note(journal.Entry{Kind: journal.Slept})
	w.Since = h.clock
	for {
		if err := h.mayGoOn(); err != nil {
			return h.keepWaiting(w, err)
		}
		stay, err := h.rest(w, false)
		if err != nil {
			return h.halt(err)
		}
		if !stay {
			return h.halt(errParked)
		}
	}
}

// keepWaiting notes that the branch goes on waiting, unless err is ErrCancelled. It returns err.
func (h *host) keepWaiting(w engine.Wait, err error) error {
	if !errors.Is(err, engine.ErrCancelled) {
		h.wait(w)
	}
	return err
}
