package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"errand/engine"
)

// A Memory is a journal in memory, for tests and simulations. It starts no goroutine and reads no
// clock, so that it can be used in a bubble of testing/synctest.
type Memory struct {
	mu       sync.Mutex
	runs     map[string]*record
	order    []*record // in the order they were created
	asked    map[asked][]*record
	sources  map[string][]byte    // by digest; never deleted
	turns    map[string][]*record // by key: the open runs, in the order of their turns
	due      dueHeap
	sessions map[string]string // by id: what Join was given
	standing Standing
	since    time.Time              // when it became a copy
	tickets  map[[2]string]Ticket   // by desk and id
	answers  map[[2]string]Answered // by source and id
	cursors  map[string]string      // by source
	browsers []*memoryBrowser       // in the order in which they were added
}

var _ Journal = (*Memory)(nil)

// asked identifies what was asked for. No key has an empty request.
type asked struct{ workflow, request string }

// A record is a run as it is stored. The slices in it are replaced and never written to.
type record struct {
	run     Run // without Source and Owners
	owners  []string
	number  int            // its index in Memory.order
	at      int            // its index in Memory.due, or -1
	entries []*memoryEntry // by number; nil if a fold stands for it
	inbox   []Message
}

// NewMemory returns a journal without runs.
func NewMemory() *Memory {
	return &Memory{
		runs: map[string]*record{}, asked: map[asked][]*record{}, sources: map[string][]byte{}, turns: map[string][]*record{}, sessions: map[string]string{}, standing: Original,
		tickets: map[[2]string]Ticket{}, answers: map[[2]string]Answered{}, cursors: map[string]string{},
	}
}

// Commit implements Writer.
func (m *Memory) Commit(ctx context.Context, c Change) error {
	if err := ctx.Err(); err != nil {
		return &StoreError{Doing: "commit", Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.change(c)
}

// change makes a change. If it refuses the change, or cannot encode it, it has changed nothing.
func (m *Memory) change(c Change) error {
	entries, requesters, state, err := c.inMemory()
	if err != nil {
		return &StoreError{Doing: "commit", Err: err}
	}
	r := m.runs[c.Run]
	if c.Create != nil {
		if err := m.refusesCreate(&c); err != nil {
			return err
		}
		r = m.create(c, requesters)
	} else if err := c.refused(r); err != nil {
		return err
	} else if m.lacksTurn(&c, r) {
		return ErrTurn
	}
	if c.Source != nil {
		m.pin(r, c.Source, c.File, c.Digest)
	}
	if c.Fold != nil {
		r.entries = slices.Clone(r.entries)
		clear(r.entries[c.Fold.First-1 : c.Fold.Last])
		r.entries[c.Fold.Last-1] = entries[0]
		entries = entries[1:]
	}
	r.entries = append(r.entries, entries...)
	r.run.Next = len(r.entries)
	r.run.Holder = c.Holder
	r.run.Cancel = r.run.Cancel && !c.Uncancel
	r.run.State = state
	switch {
	case c.Create != nil:
		r.run.Changed = storable(c.changed())
	case !c.At.IsZero():
		r.run.Changed = storable(c.At)
	}
	m.turn(&c, r)
	m.due.put(r)
	return nil
}

// inMemory returns the parts of a change as a Memory keeps them. If there is a fold, it is the
// first of the entries. They pass through the JSON of a journal on disk, so that both return the
// same values.
func (c *Change) inMemory() (entries []*memoryEntry, requesters []string, state State, err error) {
	encoded, err := c.encode()
	if err != nil {
		return nil, nil, State{}, err
	}
	if c.Fold != nil {
		encoded.entries = slices.Insert(encoded.entries, 0, encoded.fold)
	}
	entries = make([]*memoryEntry, len(encoded.entries))
	for i, data := range encoded.entries {
		entries[i] = &memoryEntry{data: data}
	}
	state = State{
		Status: c.State.Status, Wake: storable(c.State.Wake), Ended: storable(c.State.Ended), Result: copyBytes(c.State.Result),
	}
	if requesters, err = decodeList[string]([]byte(encoded.requesters)); err == nil {
		state.Waits, err = decodeWaits([]byte(encoded.waits))
	}
	return entries, requesters, state, err
}

// refusesCreate returns why a run cannot be created, or nil.
func (m *Memory) refusesCreate(c *Change) error {
	if m.lacksTurn(c, nil) {
		return ErrTurn
	}
	if before := m.asked[asked{c.Create.Workflow, c.Create.Request}]; len(before) > 0 && !c.Again {
		return &ExistsError{Run: before[len(before)-1].run.ID}
	}
	if m.runs[c.Run] != nil {
		return ErrMoved
	}
	return nil
}

// create adds a run.
func (m *Memory) create(c Change, requesters []string) *record {
	key := asked{c.Create.Workflow, c.Create.Request}
	r := &record{run: *c.Create, number: len(m.order), at: -1}
	r.run.Cancel, r.owners, r.run.Owners, r.run.Turn = false, slices.Clone(r.run.Owners), nil, ""
	r.run.Inputs, r.run.Started, r.run.Requesters = copyBytes(r.run.Inputs), storable(r.run.Started), requesters
	m.pin(r, c.Create.Source, c.Create.File, c.Create.Digest)
	m.runs[r.run.ID] = r
	m.order = append(m.order, r)
	if key.request != "" {
		m.asked[key] = append(m.asked[key], r)
	}
	return r
}

// refused returns why a change of an existing run cannot be made, or nil.
func (c *Change) refused(r *record) error {
	switch {
	case r == nil:
		return ErrNotFound
	case r.run.Next != c.Next || r.run.Holder != c.From || !r.run.Pruned.IsZero():
		return ErrMoved
	case r.run.Cancel && !c.Knows:
		return ErrCancel
	case c.Parks && len(r.inbox) > c.Read:
		return ErrMail
	}
	return nil
}

// pin gives a run its definition. If several sources come with one digest, the first one is kept.
func (m *Memory) pin(r *record, source []byte, file, digest string) {
	r.run.Source, r.run.File, r.run.Digest = nil, file, digest
	if m.sources[digest] == nil {
		m.sources[digest] = copyBytes(source)
	}
}

// Cancel implements Writer.
func (m *Memory) Cancel(ctx context.Context, run string, message Message) error {
	if err := ctx.Err(); err != nil {
		return &StoreError{Doing: "cancel", Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.runs[run]
	if r == nil {
		return ErrNotFound
	}
	if !r.run.Ended.IsZero() {
		return ErrMoved
	}
	r.run.Cancel, r.run.Changed = true, storable(message.At)
	if !r.run.Isolated() {
		r.run.Wake = atOnce
	}
	r.receive(message)
	m.due.put(r)
	return nil
}

// Load implements Reader.
func (m *Memory) Load(ctx context.Context, run string) (Run, []Entry, error) {
	return m.LoadAfter(ctx, run, 0)
}

// LoadAfter implements Reader.
func (m *Memory) LoadAfter(ctx context.Context, run string, after int) (Run, []Entry, error) {
	if err := ctx.Err(); err != nil {
		return Run{}, nil, &StoreError{Doing: "load", Err: err}
	}
	m.mu.Lock()
	r := m.runs[run]
	if r == nil {
		m.mu.Unlock()
		return Run{}, nil, ErrNotFound
	}
	known, stored := m.read(r), r.entries
	known.Source = m.sources[known.Digest]
	m.mu.Unlock()

	known = known.clone()
	if !known.Pruned.IsZero() {
		return known, nil, &PrunedError{Run: known}
	}
	if err := known.damage(); err != nil {
		return known, nil, err
	}
	if after >= len(stored) && after > 0 {
		return known, nil, nil
	}
	entries := make([]Entry, 0, len(stored)-after)
	last := after
	for i, s := range stored[after:] {
		if s == nil {
			continue
		}
		e, err := s.entry()
		if err == nil {
			entries, err = unfold(entries, e, &last, after)
		}
		switch {
		case errors.Is(err, ErrFolded):
			return known, nil, err
		case err != nil:
			return known, nil, &DamageError{Run: run, Reason: undecodable(after+i, err)}
		}
	}
	return known, entries, nil
}

// Definition implements Definitions.
func (m *Memory) Definition(ctx context.Context, digest string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, &StoreError{Doing: "read definition", Err: err}
	}
	m.mu.Lock()
	source := m.sources[digest]
	m.mu.Unlock()
	if source == nil {
		return nil, ErrNotFound
	}
	return copyBytes(source), nil
}

// Mark implements Marker.
func (m *Memory) Mark(ctx context.Context, run string) (Mark, error) {
	if err := ctx.Err(); err != nil {
		return Mark{}, &StoreError{Doing: "mark", Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.runs[run]
	if r == nil {
		return Mark{}, ErrNotFound
	}
	return r.run.Mark(), nil
}

// Latest implements Reader.
func (m *Memory) Latest(ctx context.Context, workflow, request string) (run string, inputs json.RawMessage, err error) {
	if err := ctx.Err(); err != nil {
		return "", nil, &StoreError{Doing: "look for the request", Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if runs := m.asked[asked{workflow, request}]; request != "" && len(runs) > 0 {
		last := &runs[len(runs)-1].run
		if !last.Pruned.IsZero() {
			return "", nil, &PrunedError{Run: last.clone()}
		}
		return last.ID, bytes.Clone(last.Inputs), nil
	}
	return "", nil, nil
}

// List implements Reader.
func (m *Memory) List(ctx context.Context, q Query) ([]Run, error) {
	if err := ctx.Err(); err != nil {
		return nil, &StoreError{Doing: "list", Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var runs []Run
	take := func(r *record) (more bool) {
		if q.selects(r) {
			runs = append(runs, m.read(r).clone())
		}
		return q.Limit == 0 || len(runs) < q.Limit
	}
	if !q.Due.IsZero() {
		m.due.each(storable(q.Due), take)
		return runs, nil
	}
	from := m.order
	if q.Workflow != "" && q.Request != "" {
		from = m.asked[asked{q.Workflow, q.Request}]
	}
	end := len(m.order)
	if q.After != "" {
		last := m.runs[q.After]
		if last == nil {
			return nil, nil
		}
		end = last.number
	}
	for _, r := range slices.Backward(from) {
		if r.number < end && !take(r) {
			break
		}
	}
	return runs, nil
}

// selects reports whether the query selects a run. It ignores Due, After and Limit.
func (q *Query) selects(of *record) bool {
	r := &of.run
	return (q.Workflow == "" || q.Workflow == r.Workflow) &&
		(q.Request == "" || q.Request == r.Request) &&
		(q.Status == "" || q.Status == r.Status) &&
		(q.WaitsFor == "" || slices.ContainsFunc(r.Waits, func(w engine.Wait) bool { return w.For == q.WaitsFor })) &&
		!r.Started.Before(q.Since) &&
		(q.Changed.IsZero() || !r.Changed.Before(storable(q.Changed))) &&
		(q.Owners == nil || slices.ContainsFunc(of.owners, func(owner string) bool { return slices.Contains(q.Owners, owner) })) &&
		(q.Run == "" || q.Run == r.ID) &&
		(!q.Open || r.Ended.IsZero()) &&
		(q.Pruned || r.Pruned.IsZero())
}
