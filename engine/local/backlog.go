package local

import (
	"sync"
	"time"

	"errand/engine"
)

// A backlog knows about how many runs wait for a process. It asks the journal from time to time, and
// counts what this process does in between, so that an order costs no count of its own.
type backlog struct {
	mu      sync.Mutex
	runs    int
	counted time.Time // when the journal was asked
	asking  bool      // a caller asks the journal
	since   int       // how many runs this process has accepted since then
}

// mayWait reports whether one more run may wait for a process, and counts it if so. Its error is a
// refusal if not. Between two counts, which are Poll apart, this process does not know which runs
// became due by themselves and what other processes accepted, so these runs may exceed Queue. Those that
// this process accepts never exceed it.
func (r *Runner) mayWait() error {
	if r.Queue == 0 {
		return nil
	}
	b := &r.backlog
	b.mu.Lock()
	defer b.mu.Unlock()
	if now := time.Now(); now.Sub(b.counted) >= r.poll() && !b.asking {
		if err := r.recount(now); err != nil {
			return err
		}
	}
	if b.runs >= r.Queue {
		return &engine.Refusal{Code: engine.RefusedFull, Limit: r.Queue}
	}
	b.runs++
	b.since++
	return nil
}

// hasRoom reports whether fewer than half of the runs that may wait for a process do.
func (r *Runner) hasRoom() bool {
	b := &r.backlog
	b.mu.Lock()
	defer b.mu.Unlock()
	return r.Queue == 0 || b.runs < r.Queue/2
}

// recount asks the journal. A long queue takes milliseconds to count, so other callers go on with the
// old figure meanwhile, except the first time. What they accept may be in the new figure already, and
// is added all the same: Queue is not exceeded.
func (r *Runner) recount(now time.Time) error {
	b := &r.backlog
	b.asking, b.since = true, 0
	first := b.counted.IsZero()
	if !first {
		b.mu.Unlock()
	}
	runs, err := r.Journal.Waiting(background, now)
	if !first {
		b.mu.Lock()
	}
	b.asking = false
	if err == nil {
		b.runs, b.counted = runs+b.since, now
	}
	return err
}

// waitNoMore takes back what mayWait counted: runs that were taken up, or are not put on record.
func (r *Runner) waitNoMore(runs int) {
	b := &r.backlog
	b.mu.Lock()
	defer b.mu.Unlock()
	b.runs = max(0, b.runs-runs)
}
