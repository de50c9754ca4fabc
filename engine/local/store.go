package local

import (
	"errors"
	"time"

	"errand/engine/journal"
)

// pauses are the waits between attempts to commit. A journal also waits for other processes by
// itself.
var pauses = []time.Duration{10 * time.Millisecond, 100 * time.Millisecond, time.Second}

// store commits a change. If the journal fails, store tries again before it gives up, because the
// outcome of an effect would be lost. After a failure it reads from the journal whether the commit
// was made all the same.
func (r *Runner) store(c journal.Change) error {
	c.At = time.Now().Round(0).UTC()
	for attempt := 0; ; attempt++ {
		err := r.Journal.Commit(background, c)
		if attempt > 0 {
			err = r.unlessMade(c, err)
		}
		if err == nil {
			r.announce(c.Run)
		}
		if _, failed := errors.AsType[*journal.StoreError](err); !failed || attempt == len(pauses) {
			return err
		}
		time.Sleep(pauses[attempt])
	}
}

// Announce implements engine.Announcer.
func (r *Runner) Announce(changed func(run string)) { r.changed.Store(&changed) }

// announce says that a run has another state on record.
func (r *Runner) announce(run string) {
	if changed := r.changed.Load(); changed != nil {
		(*changed)(run)
	}
}

// unlessMade returns the refusal of a change, or nil if it only means that the change was made
// before. If that cannot be read, unlessMade returns the journal's failure: it never takes a change
// of this process for another's.
func (r *Runner) unlessMade(c journal.Change, refusal error) error {
	exists, ok := errors.AsType[*journal.ExistsError](refusal)
	if !errors.Is(refusal, journal.ErrMoved) && !(ok && exists.Run == c.Run) {
		return refusal
	}
	run, entries, err := r.Journal.LoadAfter(background, c.Run, c.Next)
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
