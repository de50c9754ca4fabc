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
		if attempt > 0 {
			err = r.unlessMade(c, err)
		}
		if _, failed := errors.AsType[*journal.StoreError](err); !failed || attempt == len(pauses) {
			return err
		}
		time.Sleep(pauses[attempt])
	}
}

// unlessMade is the refusal of a change, or nil where it means that the change had been made before. Where that cannot be read it is
// the journal's failure: a change of ours is never taken for somebody else's.
func (r *Runner) unlessMade(c journal.Change, refusal error) error {
	exists, ok := errors.AsType[*journal.ExistsError](refusal)
	if !errors.Is(refusal, journal.ErrMoved) && !(ok && exists.Run == c.Run) {
		return refusal
	}
	run, entries, err := r.Journal.Load(background, c.Run)
	if _, failed := errors.AsType[*journal.StoreError](err); failed {
		return err
	}
	if err != nil || run.Next != c.Next+len(c.Entries) || run.Holder != c.Holder {
		return refusal
	}
	if len(c.Entries) == 0 {
		return nil
	}
	mine, last := c.Entries[len(c.Entries)-1], entries[len(entries)-1]
	if mine.Kind != last.Kind || !mine.At.Equal(last.At) || mine.Step != last.Step {
		return refusal
	}
	return nil
}
