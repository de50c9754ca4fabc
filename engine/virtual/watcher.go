package virtual

import (
	"time"

	"errand/engine"
)

// A watcher passes on each event of a run once, however often the run is interpreted: an event has
// the same place each time.
type watcher struct {
	watch engine.Watch
	last  map[string]engine.Place // by branch: the place of the last event
	from  int                     // events before this moment are not passed on
}

func newWatcher(watch engine.Watch) *watcher {
	return &watcher{watch: watch, last: map[string]engine.Place{}}
}

// receive passes on an event that is new.
func (w *watcher) receive(e engine.Placed) {
	if e.Place.Compare(w.last[e.Event.Branch]) <= 0 {
		return
	}
	w.last[e.Event.Branch] = e.Place
	if w.watch != nil && e.Place.Seq() >= w.from {
		w.watch(e.Event)
	}
}

// skip makes the watcher leave out what came before the last retry after a time, because the caller
// has received it.
func (w *watcher) skip(m *Memory, began time.Time) {
	for _, kept := range m.all() {
		if kept.retried != nil && kept.at.After(began) {
			w.from = kept.seq
		}
	}
}
