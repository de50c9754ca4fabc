package temporal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/goldenfile"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/runnertest"
)

// A comparison is a journal whose runs are also read from their Records, after every change. Both
// readings must be the same.
type comparison struct {
	journal.Journal
	t        testing.TB
	runner   *local.Runner  // reads the journal
	programs local.Programs // of the records

	mu      sync.Mutex // the journal does not change while it is read
	changes map[string]int
	retried map[string]Record // by run: as its last retry left it
	counts  *counts
}

// counts are what a test has compared, over all of its journals.
type counts struct {
	each int // one of how many states is compared

	mu                                      sync.Mutex
	states, events, questions, refusals     int
	folds, turns, retries, rounds, branches int
	statuses                                map[engine.Status]int
	waits                                   map[engine.WaitFor]int
}

func newCounts(each int) *counts {
	return &counts{each: each, statuses: map[engine.Status]int{}, waits: map[engine.WaitFor]int{}}
}

// compared returns runners of package local whose runs are compared.
func compared(c *counts) func(runnertest.Setup) runnertest.Runners {
	return func(s runnertest.Setup) runnertest.Runners {
		j := journal.NewMemory()
		compare := &comparison{Journal: j, t: s.T, counts: c, changes: map[string]int{}, retried: map[string]Record{}}
		compare.runner = &local.Runner{Journal: j, Registry: s.Registry}
		return runnertest.Runners{
			Open: func(about string) engine.Runner {
				r := &comparedRunner{&local.Runner{Journal: compare, Registry: s.Registry, About: about}, compare}
				s.T.Cleanup(func() { must(s.T, r.Close()) })
				return r
			},
			Pass:  time.Sleep,
			After: func(d time.Duration, act func()) { time.AfterFunc(d, act) },
		}
	}
}

// Commit implements journal.Writer.
func (c *comparison) Commit(ctx context.Context, change journal.Change) error {
	return c.change(change.Run, func() error { return c.Journal.Commit(ctx, change) }, func() {
		if len(change.Entries) > 0 && change.Entries[0].Kind == journal.Retried {
			c.retried[change.Run], _ = recordIn(c.t, c.runner, change.Run)
		}
	})
}

// Put implements journal.Inbox.
func (c *comparison) Put(ctx context.Context, run string, m journal.Message) error {
	return c.change(run, func() error { return c.Journal.Put(ctx, run, m) }, nil)
}

// Cancel implements journal.Writer.
func (c *comparison) Cancel(ctx context.Context, run string, m journal.Message) error {
	return c.change(run, func() error { return c.Journal.Cancel(ctx, run, m) }, nil)
}

func (c *comparison) change(run string, do func() error, then func()) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := do(); err != nil {
		return err
	}
	if then != nil {
		then()
	}
	c.changes[run]++
	if n := c.changes[run]; n <= 40 && (n+len(run))%c.counts.each == 0 || n%20 == 0 { // of a long run not all states
		c.compare(run)
	}
	return nil
}

// compare reads a run in both ways.
func (c *comparison) compare(id string) {
	c.t.Helper()
	record, found := recordIn(c.t, c.runner, id)
	if !found {
		return
	}
	before := plain(c.t, record)
	reader := openRecord(again(c.t, record), c.runner.Registry, &c.programs)
	b := &both{comparison: c, id: id, record: record, reader: reader, ctx: context.Background()}
	b.view()
	b.history()
	b.decisions()
	b.retry()
	if after := plain(c.t, reader.record); !bytes.Equal(before, after) {
		c.t.Errorf("reading a record has changed it:\n%s", goldenfile.Difference(string(before), string(after)))
	}
	c.count(record)
}

// both are the two readings of one state of a run.
type both struct {
	*comparison
	id     string
	record Record
	reader *recordReader
	ctx    context.Context
	read   engine.View // what the journal's reader says
}

func (b *both) view() {
	want, wantErr := b.runner.Read(b.ctx, b.id)
	got, err := b.reader.Read(b.ctx)
	b.same("Read", want, wantErr, got, err)
	b.read = want
}

func (b *both) history() {
	want, wantErr := b.runner.Events(b.ctx, b.id, engine.EventID{})
	got, err := b.reader.Events(b.ctx, engine.EventID{})
	b.same("Events", want, wantErr, got, err)
	b.counts.add(func(c *counts) { c.events += len(want) })
	after := []engine.EventID{{Seq: 100000, N: 1}}
	if n := len(want); n > 0 {
		middle := want[n/2].ID
		after = append(after, middle, engine.EventID{Seq: middle.Seq, N: 100})
	}
	for _, id := range after {
		want, wantErr := b.runner.Events(b.ctx, b.id, id)
		got, err := b.reader.Events(b.ctx, id)
		b.same("Events after "+id.String(), want, wantErr, got, err)
	}
	wantRecord, wantErr := b.runner.Record(b.ctx, b.id)
	gotRecord, err := b.reader.Record(b.ctx)
	b.same("Record", wantRecord, wantErr, gotRecord, err)
}

// decisions compares what persons may decide, and the messages that their decisions are.
func (b *both) decisions() {
	kim := engine.Person{Name: "Kim", Groups: []string{"operators", "lead"}, EnteredBy: "Robin"}
	for _, q := range b.read.Questions {
		b.counts.add(func(c *counts) { c.questions++ })
		for _, verdict := range []engine.Verdict{engine.VerdictDone, engine.VerdictApprove, engine.VerdictReject, engine.VerdictRetry} {
			for _, by := range []engine.Person{kim, {Name: "Dana"}, {Name: "Nobody", Groups: []string{"others"}}} {
				b.decide(q.Step, engine.Decision{Verdict: verdict, By: by, Comment: "looked <twice>"})
			}
		}
	}
	for _, step := range append(b.some(), "no_such_step") {
		b.decide(step, engine.Decision{Verdict: engine.VerdictDone, By: kim})
	}
	r, note := b.noting()
	wantErr := r.Cancel(b.ctx, b.id, kim)
	got, err := b.reader.Cancel(b.ctx, kim)
	b.same("Cancel", note.message, wantErr, got, err)
}

func (b *both) decide(step string, d engine.Decision) {
	r, note := b.noting()
	wantErr := r.Decide(b.ctx, b.id, step, d)
	got, err := b.reader.Decide(b.ctx, step, d)
	b.same(fmt.Sprintf("Decide %s %s by %s", step, d.Verdict, d.By), note.message, wantErr, got, err)
}

// retry compares what retries from several steps would do.
func (b *both) retry() {
	for _, from := range append(b.some(), "", "no_such_step") {
		retry := engine.Retry{From: from, By: engine.Person{Name: "Kim"}}
		want, wantErr := b.runner.Preview(b.ctx, b.id, retry)
		got, err := b.reader.Preview(b.ctx, retry)
		b.same("Preview from "+from, want, wantErr, got, err)
		r, note := b.noting()
		wantErr = r.Retry(b.ctx, b.id, retry)
		next, err := b.reader.Retry(b.ctx, retry)
		var added []journal.Entry
		if err == nil {
			added = next.Entries[len(b.record.Entries):]
		}
		b.same("Retry from "+from, note.change.Entries, wantErr, added, err)
	}
}

// some returns some of the run's steps.
func (b *both) some() (steps []string) {
	for i, s := range b.read.Steps {
		if n := len(b.read.Steps); i == 0 || i == n/2 || i+1 == n {
			steps = append(steps, s.ID)
		}
	}
	return steps
}

// noting returns a runner over the journal that only notes what is done.
func (b *both) noting() (*local.Runner, *notedInMemory) {
	j := &notedInMemory{Journal: b.Journal}
	return &local.Runner{Journal: j, Registry: b.runner.Registry, Programs: &b.programs}, j
}

// A notedInMemory is a journal that notes changes and does not make them.
type notedInMemory struct {
	journal.Journal
	message journal.Message
	change  journal.Change
}

func (j *notedInMemory) Put(_ context.Context, _ string, m journal.Message) error {
	j.message = m
	return nil
}

func (j *notedInMemory) Cancel(_ context.Context, _ string, m journal.Message) error {
	j.message = m
	return nil
}

func (j *notedInMemory) Commit(_ context.Context, c journal.Change) error {
	j.change = c
	return nil
}

// same expects that two results are the same: as JSON byte for byte, and in the members that JSON
// does not have.
func (b *both) same(what string, want any, wantErr error, got any, err error) {
	b.t.Helper()
	if problem := differs(wantErr, err); problem != "" {
		b.t.Errorf("%s: %s", what, problem)
		return
	}
	if _, refused := errors.AsType[*engine.Refusal](err); refused {
		b.counts.add(func(c *counts) { c.refusals++ })
	}
	want, got = bare(want, b.record.due()), bare(got, b.record.due())
	if a, b2 := text(b.t, want), text(b.t, got); a != b2 {
		b.t.Errorf("%s: - is from the journal, + from the record:\n%s\n%s", what, goldenfile.Difference(a, b2), plain(b.t, b.record))
	} else if !reflect.DeepEqual(want, got) {
		b.t.Errorf("%s: from the journal it is\n%#v\nand from the record\n%#v", what, want, got)
	}
}

// bare returns a result without what the two readings need not share.
func bare(result any, due time.Time) any {
	switch v := result.(type) {
	case engine.View:
		return bareView(v, due)
	case engine.Record:
		return []any{bareView(v.View, due), v.Events, v.Moments}
	}
	return result
}

// bareView returns a view in which the compiled program and errors are texts. It names no
// process, which a Record does not know. A run of a journal that somebody has cancelled is due at once; a
// workflow cancels its run at once, so a Record says when it would have gone on (due).
func bareView(v engine.View, due time.Time) any {
	of := struct {
		engine.View
		Digest  string
		Trouble string
	}{View: v}
	if v.Program != nil {
		of.Digest = v.Program.Digest
	}
	if v.Trouble != nil {
		of.Trouble = v.Trouble.Error()
	}
	if of.Process, of.Program, of.View.Trouble = "", nil, nil; v.Cancelling {
		of.Due = due
	}
	return of
}

// differs says how two errors differ, or nothing.
func differs(want, got error) string {
	if (want == nil) != (got == nil) || want != nil && want.Error() != got.Error() {
		return fmt.Sprintf("from the journal the error is %v, and from the record %v", want, got)
	}
	a, refused := errors.AsType[*engine.Refusal](want)
	b, alike := errors.AsType[*engine.Refusal](got)
	if refused != alike || refused && !reflect.DeepEqual(*a, *b) {
		return fmt.Sprintf("from the journal the refusal is %+v, and from the record %+v", want, got)
	}
	return ""
}

func text(t testing.TB, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(v, "", " ")
	must(t, err)
	return string(data)
}

func (c *counts) add(what func(*counts)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	what(c)
}

func (c *comparison) count(r Record) {
	c.counts.add(func(c *counts) {
		c.states++
		c.statuses[r.State.Status]++
		for _, w := range r.State.Waits {
			c.waits[w.For]++
			if w.For == engine.WaitTurn && w.Run != "" && w.Run != r.Run.ID {
				c.turns++
			}
		}
		for _, e := range r.Entries {
			if e.Kind == journal.Retried {
				c.rounds++
			}
			if e.Skipped > 0 {
				c.folds++
			}
			if e.Branch != "" {
				c.branches++
			}
		}
	})
}

// snapshot returns the record of a run as it is now.
func (c *comparison) snapshot(id string) (Record, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return recordIn(c.t, c.runner, id)
}

func mark(t testing.TB, r Record) string {
	t.Helper()
	m, err := r.mark()
	must(t, err)
	return m
}
