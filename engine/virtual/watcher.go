package virtual

import (
	"time"

	"errand/engine"
)

// A watcher passes on each event of a run once, however often the run is interpreted: an event has
// the same place each time.
type watcher struct {
	watch engine.Watch
	told  map[string]engine.Place // by branch: the place of the last event
	from  int                     // events before this moment are not passed on
}

func newWatcher(watch engine.Watch) *watcher {
	return &watcher{watch: watch, told: map[string]engine.Place{}}
}

func (w *watcher) hear(e engine.Placed) {
	if e.Place.Compare(w.told[e.Event.Branch]) <= 0 {
		return
	}
	w.told[e.Event.Branch] = e.Place
	if w.watch != nil && e.Place.Seq() >= w.from {
		w.watch(e.Event)
	}
}

// skip leaves out what came before the last retry, if that was after a time: the caller has received
// it.
func (w *watcher) skip(m *Memory, began time.Time) {
	for _, kept := range m.all() {
		if kept.retried != nil && kept.at.After(began) {
			w.from = kept.seq
		}
	}
}
