package local

import (
	"errors"
	"time"

	"errand/engine/journal"
)

// pauses are those between attempts to commit. Beside them a journal waits for other processes by itself.
var pauses = []time.Duration{10 * time.Millisecond, 100 * time.Millisecond, time.Second}

// store commits a change. A journal that fails is asked again before the change is given up, since with it would be lost what an
// effect came to. Whether a commit that failed was made after all is read from the journal.
func (r *Runner) store(c journal.Change) error {
	for attempt := 0; ; attempt++ {
		err := r.Journal.Commit(background, c)
		if _, failed := errors.AsType[*journal.StoreError](err); failed {
			if attempt == len(pauses) {
				return err
			}
			time.Sleep(pauses[attempt])
			continue
		}
		if attempt > 0 && r.made(c, err) {
			return nil
		}
		return err
	}
}

// made tells whether the refusal of a change means that it had been made before.
func (r *Runner) made(c journal.Change, refusal error) bool {
	if exists, ok := errors.AsType[*journal.ExistsError](refusal); ok {
		return exists.Run == c.Run
	}
	if !errors.Is(refusal, journal.ErrMoved) {
		return false
	}
	run, entries, err := r.Journal.Load(background, c.Run)
	if err != nil || run.Next != c.Next+len(c.Entries) || run.Holder != c.Holder {
		return false
	}
	if len(c.Entries) == 0 {
		return true
	}
	mine, last := c.Entries[len(c.Entries)-1], entries[len(entries)-1]
	return mine.Kind == last.Kind && mine.At.Equal(last.At) && mine.Step == last.Step
}
