package temporal

import (
	"context"

	"errand/engine"
	"errand/engine/journal"
)

// A recordJournal is a journal whose only run is that of a Record. It has what package local reads of
// a run; for everything else it is an empty journal. It shares the entries with the Record, so that
// reading a long run copies nothing.
type recordJournal struct {
	journal.Journal
	run     journal.Run
	record  Record
	sources map[string][]byte // by digest
}

func newRecordJournal(r Record) *recordJournal {
	j := &recordJournal{Journal: journal.NewMemory(), record: r, sources: map[string][]byte{}}
	for _, d := range append([]Definition{r.Run.Definition}, r.Replaced...) {
		j.sources[d.Digest] = d.Source
	}
	j.run = journal.Run{
		ID: r.Run.ID, Version: journal.Version, Workflow: r.Run.Workflow, Request: r.Run.Request, StartedBy: r.Run.StartedBy, Requesters: r.Run.Requesters,
		Key: r.Run.Key, URL: r.Run.URL, Inputs: r.Run.Inputs, Started: r.Run.Started,
		Source: r.Run.Definition.Source, File: r.Run.Definition.File, Digest: r.Run.Definition.Digest,
		State: journal.State{Status: r.State.Status, Wake: r.due(), Ended: r.State.Ended, Result: r.State.Result, Waits: r.State.Waits},
		Next:  r.next(), Cancel: r.Cancel,
	}
	for _, w := range r.State.Waits {
		if w.For == engine.WaitTurn {
			j.run.Turn = w.Run
		}
	}
	return j
}

// Load implements journal.Reader.
func (j *recordJournal) Load(_ context.Context, run string) (journal.Run, []journal.Entry, error) {
	if run != j.run.ID {
		return journal.Run{}, nil, journal.ErrNotFound
	}
	return j.run, j.record.Entries, nil
}

// Messages implements journal.Inbox.
func (j *recordJournal) Messages(_ context.Context, run string) ([]journal.Message, error) {
	if run != j.run.ID {
		return nil, journal.ErrNotFound
	}
	return j.record.Messages, nil
}

// Definition implements journal.Definitions.
func (j *recordJournal) Definition(_ context.Context, digest string) ([]byte, error) {
	source, found := j.sources[digest]
	if !found {
		return nil, journal.ErrNotFound
	}
	return source, nil
}

// noted is a recordJournal that only notes what is done to its run. One call of one method of a runner
// uses it.
type noted struct {
	*recordJournal
	message journal.Message
	change  journal.Change
}

// Put implements journal.Inbox.
func (j *noted) Put(_ context.Context, _ string, m journal.Message) error {
	for _, before := range j.record.Messages {
		if before.Step == m.Step && before.Round == m.Round {
			return &journal.AnsweredError{Message: before}
		}
	}
	j.message = m
	return nil
}

// Cancel implements journal.Writer.
func (j *noted) Cancel(_ context.Context, _ string, m journal.Message) error {
	j.message = m
	return nil
}

// Commit implements journal.Writer.
func (j *noted) Commit(_ context.Context, c journal.Change) error {
	j.change = c
	return nil
}
