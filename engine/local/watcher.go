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
	told toldPlaces
	from int // events before this entry are not passed on

	// begun says that a process had begun the run before since, and old is the number of the last
	// entry from before it. Events up to there come again.
	begun bool
	old   int

	// Of a new watcher: another one may have received the run to an end that is after this time.
	// Zero means that none has.
	since time.Time
	tell  func(engine.Placed)
}

// toldPlaces has, for each branch, the place of the last event that was passed on. A process watches
// each run that waits, so the main branch, often the only one, needs no map.
type toldPlaces struct {
	main     engine.Place
	branches map[string]engine.Place
}

func (t *toldPlaces) of(branch string) engine.Place {
	if branch == "" {
		return t.main
	}
	return t.branches[branch]
}

func (t *toldPlaces) set(branch string, p engine.Place) {
	if branch == "" {
		t.main = p
		return
	}
	if t.branches == nil {
		t.branches = map[string]engine.Place{}
	}
	t.branches[branch] = p
}

// asideBranch is the branch of events that stand between those of the main steps: that a process went
// on with the run, and the like.
const asideBranch = "aside"

// newWatcher returns a watcher for a watch, or nil if that is nil.
func newWatcher(watch engine.Watch) *watcher {
	if watch == nil {
		return nil
	}
	return &watcher{tell: func(p engine.Placed) { watch(p.Event) }}
}

// receive passes an event of a branch on if it is new.
func (w *watcher) receive(branch string, p engine.Placed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.Place.Compare(w.told.of(branch)) <= 0 {
		return
	}
	w.told.set(branch, p.Place)
	p.Event.Again = w.begun && p.Place.Seq() <= w.old && p.Event.Kind != engine.EventRunEnded
	if p.Place.Seq() >= w.from {
		w.tell(p)
	}
}

// begin makes a new watcher pass on only what was done again, if another one has received the run
// to its end, and mark what happened before since. cut says that a process had the run and died.
func (w *watcher) begin(run journal.Run, entries []journal.Entry, cut bool) {
	if w == nil || w.since.IsZero() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begun = !run.Started.After(w.since) && (cut || !run.Changed.Equal(run.Started))
	journal.Numbers(entries, func(number int, e journal.Entry) {
		switch {
		case !e.At.After(w.since):
			w.begun, w.old = true, number
		case e.Kind == journal.Retried:
			w.from = number
		}
	})
	w.since = time.Time{}
}
