package local

import (
	"sync"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// A watcher passes on each event of a run once, however often the run is replayed: an event has the
// same place in every replay.
type watcher struct {
	mu   sync.Mutex
	told map[string]engine.Place // by branch: the place of the last event that was passed on
	from int                     // events before this entry are not passed on

	// Of a new watcher: another one may have received the run to an end that is after this time.
	// Zero means that none has.
	since time.Time
	tell  func(engine.Placed)
}

// besides is the branch of events that stand between those of the main steps: that a process went
// on with the run, and the like.
const besides = "besides"

// newWatcher returns a watcher for a watch, or nil if that is nil.
func newWatcher(watch engine.Watch) *watcher {
	if watch == nil {
		return nil
	}
	return &watcher{told: map[string]engine.Place{}, tell: func(p engine.Placed) { watch(p.Event) }}
}

// receive passes an event of a branch on if it is new.
func (w *watcher) receive(branch string, p engine.Placed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.Place.Compare(w.told[branch]) <= 0 {
		return
	}
	w.told[branch] = p.Place
	if p.Place.Seq() >= w.from {
		w.tell(p)
	}
}

// begin makes a new watcher pass on only what was done again, if another one has received the run
// to its end.
func (w *watcher) begin(entries []journal.Entry) {
	if w == nil || w.since.IsZero() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	journal.Numbers(entries, func(number int, e journal.Entry) {
		if e.Kind == journal.Retried && e.At.After(w.since) {
			w.from = number
		}
	})
	w.since = time.Time{}
}
