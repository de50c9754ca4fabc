package local_test

import (
	"context"
	"sync/atomic"

	"errand/engine/journal"
)

// A holding is a journal that says that a live process holds each run, until it is released.
type holding struct {
	journal.Journal
	holder   string
	released atomic.Bool
}

func (h *holding) release() { h.released.Store(true) }

// LoadAfter implements journal.Reader.
func (h *holding) LoadAfter(ctx context.Context, run string, known int) (journal.Run, []journal.Entry, error) {
	r, entries, err := h.Journal.LoadAfter(ctx, run, known)
	if !h.released.Load() {
		r.Holder = h.holder
	}
	return r, entries, err
}

// Load implements journal.Reader.
func (h *holding) Load(ctx context.Context, run string) (journal.Run, []journal.Entry, error) {
	return h.LoadAfter(ctx, run, 0)
}

// Mark implements journal.Marker.
func (h *holding) Mark(ctx context.Context, run string) (journal.Mark, error) {
	m, err := h.Journal.Mark(ctx, run)
	if !h.released.Load() {
		m.Holder = h.holder
	}
	return m, err
}

// Alive implements journal.Presence.
func (h *holding) Alive(id string) (about string, alive bool) {
	if id == h.holder {
		return "a process", true
	}
	return h.Journal.Alive(id)
}

// A diverging journal is one whose later entries are not those that the run's definition leads to.
type diverging struct{ journal.Journal }

// LoadAfter implements journal.Reader.
func (o *diverging) LoadAfter(ctx context.Context, run string, known int) (journal.Run, []journal.Entry, error) {
	r, entries, err := o.Journal.LoadAfter(ctx, run, known)
	if known > 0 {
		for i := range entries {
			entries[i].Kind = journal.Decided
		}
	}
	return r, entries, err
}
