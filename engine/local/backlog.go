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
}

// mayWait reports whether one more run may wait for a process, and counts it if so. Its error is a
// refusal if not. Between two counts, which are Poll apart, this process does not know which runs
// became due by themselves and what other processes accepted: by so many Queue may be exceeded. What
// this process accepts never exceeds it.
func (r *Runner) mayWait() error {
	if r.Queue == 0 {
		return nil
	}
	b := &r.backlog
	b.mu.Lock()
	defer b.mu.Unlock()
	if now := time.Now(); now.Sub(b.counted) >= r.poll() {
		runs, err := r.Journal.Waiting(background, now)
		if err != nil {
			return err
		}
		b.runs, b.counted = runs, now
	}
	if b.runs >= r.Queue {
		return &engine.Refusal{Code: engine.RefusedFull, Limit: r.Queue}
	}
	b.runs++
	return nil
}

// waitNoMore takes back what mayWait counted: runs that were taken up, or are not put on record.
func (r *Runner) waitNoMore(runs int) {
	b := &r.backlog
	b.mu.Lock()
	defer b.mu.Unlock()
	b.runs = max(0, b.runs-runs)
}
