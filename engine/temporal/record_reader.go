package temporal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/task"
)

// A recordReader reads a Record, and says what a decision about its run comes to. Package local does
// both for a run of a journal; here the Record takes the place of the journal. A recordReader never
// changes the Record. It is safe for concurrent use.
type recordReader struct {
	record   Record
	journal  *recordJournal
	registry *task.Registry
	programs *local.Programs
}

// openRecord prepares a Record for reading. The caller must not change what it shares with the
// reader. programs keeps the compiled definitions for other readers with the same registry.
func openRecord(r Record, registry *task.Registry, programs *local.Programs) *recordReader {
	return &recordReader{record: r, journal: newRecordJournal(r), registry: registry, programs: programs}
}

// runner returns a runner of package local over a journal that has the run.
func (r *recordReader) runner(j journal.Journal) *local.Runner {
	return &local.Runner{Journal: j, Registry: r.registry, Programs: r.programs}
}

// Read returns how the run stands, as engine.Reader has it. Its status is that of the record's State:
// the view names no process that works on the run.
func (r *recordReader) Read(ctx context.Context) (engine.View, error) {
	return r.runner(r.journal).Read(ctx, r.record.Run.ID)
}

// Events returns the events of the run after one of them, as engine.Historian has it.
func (r *recordReader) Events(ctx context.Context, after engine.EventID) ([]engine.Event, error) {
	return r.runner(r.journal).Events(ctx, r.record.Run.ID, after)
}

// Record returns the answers that the run got, as engine.Historian has it.
func (r *recordReader) Record(ctx context.Context) (engine.Record, error) {
	return r.runner(r.journal).Record(ctx, r.record.Run.ID)
}

// Preview returns what a retry would keep and do again, as engine.Retrier has it.
func (r *recordReader) Preview(ctx context.Context, retry engine.Retry) (engine.RetryPreview, error) {
	return r.runner(r.journal).Preview(ctx, r.record.Run.ID, retry)
}

// Decide returns the message that a decision on a step's question is. Its error is the refusal of
// engine.Decider, or what is wrong with the record.
func (r *recordReader) Decide(ctx context.Context, step string, d engine.Decision) (journal.Message, error) {
	j := &noted{recordJournal: r.journal}
	err := r.runner(j).Decide(ctx, r.record.Run.ID, step, d)
	return j.message, err
}

// Cancel returns the message that a cancellation by a person is. Its error is the refusal of
// engine.Decider.
func (r *recordReader) Cancel(ctx context.Context, by engine.Person) (journal.Message, error) {
	j := &noted{recordJournal: r.journal}
	err := r.runner(j).Cancel(ctx, r.record.Run.ID, by)
	return j.message, err
}

// Retry returns the record with which the run goes on. Its error is the refusal of engine.Retrier, or
// what is wrong with the record. A run with a concurrency key has no turn yet.
func (r *recordReader) Retry(ctx context.Context, retry engine.Retry) (Record, error) {
	j := &noted{recordJournal: r.journal}
	if err := r.runner(j).Retry(ctx, r.record.Run.ID, retry); err != nil {
		return Record{}, err
	}
	next, c := r.record, j.change
	next.Entries = append(slices.Clone(next.Entries), c.Entries...)
	next.Cancel = next.Cancel && !c.Uncancel
	next.State = State{Status: c.State.Status, Waits: c.State.Waits}
	if c.Source != nil && c.Digest != next.Run.Definition.Digest {
		next.replace(Definition{File: c.File, Digest: c.Digest, Source: c.Source})
	}
	return next, nil
}

// replace gives the run another definition. The one before is kept, and each definition once.
func (r *Record) replace(d Definition) {
	kept := slices.DeleteFunc(slices.Clone(r.Replaced), func(k Definition) bool { return k.Digest == d.Digest || k.Digest == r.Run.Definition.Digest })
	r.Replaced, r.Run.Definition = append(kept, r.Run.Definition), d
}

// mark returns a text that differs from every earlier one of the run if the run has changed, as
// engine.Marker has it.
func (r Record) mark() (string, error) {
	stand := struct {
		Next, Messages int
		Cancel         bool
		State          State
	}{r.next(), len(r.Messages), r.Cancel, r.State}
	stand.State.Result = nil // the end of the run says enough
	data, err := json.Marshal(stand)
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16]), err
}

// next returns how many entries the run has had, also those that were folded.
func (r Record) next() (n int) {
	journal.Numbers(r.Entries, func(number int, _ journal.Entry) { n = number })
	return n
}

// due returns when the run goes on by itself, or zero.
func (r Record) due() (due time.Time) {
	for _, w := range r.State.Waits {
		at := w.Due
		if w.For == engine.WaitProcess && at.IsZero() && w.Since.After(r.stopped()) {
			at = w.Since // any process may take the run up
		}
		if !at.IsZero() && (due.IsZero() || at.Before(due)) {
			due = at
		}
	}
	return due
}

// stopped returns when a person stopped the run for the last time, or zero.
func (r Record) stopped() time.Time {
	for _, e := range slices.Backward(r.Entries) {
		if e.Kind == journal.Stopped {
			return e.At
		}
	}
	return time.Time{}
}
