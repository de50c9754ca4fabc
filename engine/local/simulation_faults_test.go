package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// A faulty is the journal of a process. It takes time, it sometimes fails, and the process may die
// before or after a write.
type faulty struct{ *process }

var _ journal.Journal = (*faulty)(nil)

// A mishap is what happens to one commit.
type mishap int

const (
	noMishap    mishap = iota
	failsUndone        // the store fails and writes nothing
	failsDone          // the store fails and writes all
	diesUndone         // the process dies before the write
	diesDone           // the process dies after the write, before it is acknowledged
)

// errStore is the error of a store that fails for a while.
var errStore = errors.New("the disk is busy")

// Commit implements journal.Writer.
func (f *faulty) Commit(ctx context.Context, c journal.Change) error {
	s := f.sim
	sub, d, what := s.beforeCommit(f.process, c)
	if !s.wide {
		f.pause(d)
	}
	if what == diesUndone {
		f.endEarly(d)
	}
	if what == failsUndone {
		return f.fails("commit")
	}
	s.mu.Lock()
	if f.dead {
		s.mu.Unlock()
		return errDead
	}
	s.checkTakeover(f.process, sub, c)
	err := s.journal.Commit(ctx, c)
	if err == nil {
		s.checkLastEvent(f.process, sub, c)
		s.afterCommit(sub, c)
	} else {
		f.failed[c.Run] = true
	}
	s.mu.Unlock()
	switch what {
	case diesDone:
		f.crash()
		return errDead
	case failsDone:
		return f.fails("commit")
	}
	if d.once(4) && !s.wide {
		f.pause(d)
	}
	return err
}

// beforeCommit decides what happens to a commit. A store that has begun to fail fails for a few
// commits, some of the times for more than the runner tries.
func (s *simulation) beforeCommit(p *process, c journal.Change) (*subject, dice, mishap) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.byID[c.Run]
	sub.commits++
	d := p.count("commit", sub)
	what := noMishap
	switch {
	case sub.failing > 0:
		sub.failing--
		what = oneOf(d, failsUndone, failsDone)
	case !sub.mayFault():
	case d.percent(2) && !s.wide:
		sub.spend()
		sub.failing = d.IntN(6)
		what = oneOf(d, failsUndone, failsDone)
	case d.percent(4):
		sub.spend()
		what = oneOf(d, diesUndone, diesDone)
	}
	if what == failsUndone || what == failsDone {
		p.failed[c.Run] = true
		s.counts.StoreErrors++
	}
	return sub, d, what
}

// Cancel implements journal.Writer.
func (f *faulty) Cancel(ctx context.Context, run string, m journal.Message) error {
	d, fails := f.operation("cancel", run)
	f.pause(d)
	if fails {
		return f.fails("cancel")
	}
	f.sim.mu.Lock()
	defer f.sim.mu.Unlock()
	if f.dead {
		return errDead
	}
	return f.sim.requestCancel(ctx, run, m)
}

// Load implements journal.Reader.
func (f *faulty) Load(ctx context.Context, run string) (journal.Run, []journal.Entry, error) {
	return f.LoadAfter(ctx, run, 0)
}

// LoadAfter implements journal.Reader.
func (f *faulty) LoadAfter(ctx context.Context, run string, known int) (journal.Run, []journal.Entry, error) {
	d, fails := f.operation("loadafter", run)
	f.pause(d)
	if fails {
		return journal.Run{}, nil, f.fails("load")
	}
	if f.isDead() {
		return journal.Run{}, nil, errDead
	}
	return f.sim.journal.LoadAfter(ctx, run, known)
}

// Definition implements journal.Definitions.
func (f *faulty) Definition(ctx context.Context, digest string) ([]byte, error) {
	return f.sim.journal.Definition(ctx, digest)
}

// Mark implements journal.Marker.
func (f *faulty) Mark(ctx context.Context, run string) (journal.Mark, error) {
	d, fails := f.operation("mark", run)
	f.pause(d)
	if fails {
		return journal.Mark{}, f.fails("mark")
	}
	if f.isDead() {
		return journal.Mark{}, errDead
	}
	return f.sim.journal.Mark(ctx, run)
}

// count counts a request about a subject, and returns its dice. The caller holds simulation.mu.
func (p *process) count(kind string, sub *subject) dice {
	counted := operation{kind, sub.number}
	p.operations[counted]++
	return roll(p.sim.seed, p.name+" "+kind, sub.number, p.operations[counted])
}

// operation decides whether a request about one run fails. Requests of each kind are counted by
// themselves: a look at the mark may come at the same instant as another request, and the scheduler
// decides which one is first.
func (f *faulty) operation(kind, run string) (d dice, fails bool) {
	s := f.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.byID[run]
	d = f.count(kind, sub)
	if d.once(200) && sub.mayFault() {
		sub.spend()
		s.counts.StoreErrors++
		return d, true
	}
	return d, false
}

// List implements journal.Reader. Its failures come in series, and some series are longer than the
// runner tries. List takes no time: otherwise more runs could be due when it returns, and the
// scheduler would decide which of them the runner takes.
func (f *faulty) List(ctx context.Context, q journal.Query) ([]journal.Run, error) {
	if err := f.looks("list"); err != nil {
		return nil, err
	}
	return f.sim.journal.List(ctx, q)
}

// Due implements journal.Queue. It fails as List does.
func (f *faulty) Due(ctx context.Context, at time.Time, each int) ([]journal.Queued, error) {
	if err := f.looks("look for what is due"); err != nil {
		return nil, err
	}
	return f.sim.journal.Due(ctx, at, each)
}

// Held implements journal.Queue. It fails as List does.
func (f *faulty) Held(ctx context.Context, at time.Time) ([]journal.Queued, error) {
	if err := f.looks("look for what is held"); err != nil {
		return nil, err
	}
	return f.sim.journal.Held(ctx, at)
}

// Waiting implements journal.Queue. It fails as List does.
func (f *faulty) Waiting(ctx context.Context, at time.Time) (int, error) {
	if err := f.looks("count the queue"); err != nil {
		return 0, err
	}
	return f.sim.journal.Waiting(ctx, at)
}

// Latest implements journal.Reader. It fails as List does.
func (f *faulty) Latest(ctx context.Context, workflow, request string) (string, json.RawMessage, error) {
	if err := f.looks("look for the request"); err != nil {
		return "", nil, err
	}
	return f.sim.journal.Latest(ctx, workflow, request)
}

// looks returns an error if a look fails.
func (f *faulty) looks(doing string) error {
	f.sim.mu.Lock()
	f.looked[doing]++ // each kind counts by itself, since two may happen in the same instant
	n := f.looked[doing]
	series := roll(f.sim.seed, f.name+doing, n/20)
	fails := f.sim.faultsGoOn() && series.once(20) && n%20 < series.IntN(16)
	if fails {
		f.sim.counts.StoreErrors++
	}
	f.sim.mu.Unlock()
	if fails {
		return f.fails(doing)
	}
	if f.isDead() {
		return errDead
	}
	return nil
}

// Join implements journal.Presence.
func (f *faulty) Join(about string) (journal.Session, error) {
	f.sim.mu.Lock()
	defer f.sim.mu.Unlock()
	if f.dead {
		return nil, errDead
	}
	session, err := f.sim.journal.Join(about)
	f.sessions = append(f.sessions, session)
	return session, err
}

// Alive implements journal.Presence.
func (f *faulty) Alive(id string) (about string, alive bool) { return f.sim.journal.Alive(id) }

// Unknown implements journal.Presence.
func (f *faulty) Unknown(id string) bool { return f.sim.journal.Unknown(id) }

// Standing implements journal.Origin.
func (f *faulty) Standing(ctx context.Context) (journal.Standing, time.Time, error) {
	return f.sim.journal.Standing(ctx)
}

// Isolate implements journal.Origin.
func (f *faulty) Isolate(ctx context.Context, reason string) error {
	return f.sim.journal.Isolate(ctx, reason)
}

// Adopt implements journal.Origin.
func (f *faulty) Adopt(ctx context.Context) error { return f.sim.journal.Adopt(ctx) }

// CountEnded implements journal.Counter.
func (f *faulty) CountEnded(ctx context.Context) (map[engine.RunGroup]int, error) {
	return f.sim.journal.CountEnded(ctx)
}

// The simulation has no intake, so these are as the journal is.

// Take implements journal.Intake.
func (f *faulty) Take(ctx context.Context, t journal.Taking) error { return f.sim.journal.Take(ctx, t) }

// Cursor implements journal.Intake.
func (f *faulty) Cursor(ctx context.Context, source string) (string, error) {
	return f.sim.journal.Cursor(ctx, source)
}

// Ticket implements journal.Intake.
func (f *faulty) Ticket(ctx context.Context, desk, id string) (journal.Ticket, bool, error) {
	return f.sim.journal.Ticket(ctx, desk, id)
}

// Answer implements journal.Intake.
func (f *faulty) Answer(ctx context.Context, source, id string) (string, bool, error) {
	return f.sim.journal.Answer(ctx, source, id)
}

// Prune implements journal.Pruner.
func (f *faulty) Prune(ctx context.Context, endedBefore, at time.Time) (map[string]int, error) {
	return f.sim.journal.Prune(ctx, endedBefore, at)
}

// Prunable implements journal.Pruner.
func (f *faulty) Prunable(ctx context.Context, endedBefore time.Time) (map[string]int, error) {
	return f.sim.journal.Prunable(ctx, endedBefore)
}

// pause lets the time of a request pass. Each time differs in its nanoseconds, so that two
// processes do not come to the same run at the same instant, where the scheduler would decide which
// one is first.
func (f *faulty) pause(d dice) {
	longest := 3 * time.Millisecond
	if d.once(100) {
		longest = 3 * time.Second
	}
	time.Sleep(d.between(0, longest))
}

func (f *faulty) fails(doing string) error {
	if f.isDead() {
		return errDead
	}
	return &journal.StoreError{Doing: doing, Locked: true, Err: errStore}
}

func (p *process) isDead() bool {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	return p.dead
}

// Put implements journal.Inbox.
func (f *faulty) Put(ctx context.Context, run string, m journal.Message) error {
	d, fails := f.operation("put", run)
	f.pause(d)
	if fails {
		return f.fails("put")
	}
	if f.isDead() {
		return errDead
	}
	return f.sim.put(ctx, run, m)
}

// Messages implements journal.Inbox.
func (f *faulty) Messages(ctx context.Context, run string) ([]journal.Message, error) {
	d, fails := f.operation("messages", run)
	f.pause(d)
	if fails {
		return nil, f.fails("read inbox")
	}
	if f.isDead() {
		return nil, errDead
	}
	return f.sim.journal.Messages(ctx, run)
}
