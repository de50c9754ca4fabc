package local

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/program"
)

// A ledger is what the branches of one run share during the work: the entries, what is still to be
// stored, and which branches are at work.
type ledger struct {
	r     *Runner
	ctx   context.Context // its end stops the run before its next effect; nil if the run is only replayed
	me    string          // the session of this process
	run   journal.Run     // as stored; Cancel also if only this process knows of it
	watch *watcher        // may be nil
	asked atomic.Bool     // this process was told to cancel the run

	mu       sync.Mutex // guards everything below
	force    []journal.Numbered
	branches map[string][]int // by branch: the indexes of its entries in force
	consumed int              // the entries in force before this index are consumed, by some branch
	news     []journal.Entry  // the entries since the last commit
	inbox    []journal.Message
	untold   []placed       // events of a run that is not stored yet
	decided  map[string]int // the step's key → how many of its questions were decided
	retries  int            // how many times the run was retried
	owes     bool           // the news hold the reply to an effect
	create   *journal.Run   // not nil: the run is not stored yet; the first commit creates it
	again    bool           // of create: the request may have another run
	course   engine.Course
	rounds   map[string]int  // the step's key → the round of its calls
	earlier  engine.Rounds   // what earlier rounds left
	checked  map[string]bool // the steps that have called since the run was adopted; nil if it never was
	bytes    int             // the size of the entries in memory, estimated
	folded   int             // how many entries the run had at the last fold
	grows    bool            // of a tail: entries may come during the replay
	whole    bool            // of grows: no more entries will come
	crew
	memoryWait

	// How the run stands when all of its branches have given up.
	waits   []engine.Wait
	asks    []engine.Question
	places  map[string]string // the step of a question → the branch that asks it
	stopped bool              // a person stopped it
	left    bool              // there was something to do, but this process ends its work
	queued  bool              // a run with a concurrency key that is only replayed: it was retried, and its turn has not come
}

// Why the interpreter was left before the end of the run.
var (
	errParked  = errors.New("the run waits")
	errStopped = errors.New("the run was stopped")
	errLeft    = errors.New("the run was left to others")
	errLooking = errors.New("the run is only looked at")
)

// newHost prepares a replay, and returns the host of the main steps.
func newHost(r *Runner, run journal.Run, entries []journal.Entry, p *program.Program) *host {
	l := &ledger{r: r, run: run, rounds: map[string]int{}, decided: map[string]int{}, branches: map[string][]int{}, crew: newCrew()}
	l.cond, l.moves = sync.NewCond(&l.mu), make(chan move)
	l.force, l.earlier = journal.InForce(entries, p)
	l.force = slices.Grow(l.force, 8) // most runs are short, and entries are large
	for _, e := range entries {
		l.count(e)
		l.bytes += sizeOf(e)
	}
	for i := range l.force {
		path := l.force[i].Branch
		l.branches[path] = append(l.branches[path], i)
	}
	return &host{ledger: l, clock: run.Started, mine: l.branches[""]}
}

// append adds an entry of a branch to those in force. It is stored with the next commit.
func (h *host) append(e journal.Entry) {
	h.mine = append(h.mine, len(h.force))
	h.force = append(h.force, journal.Numbered{Entry: e, Seq: h.run.Next + len(h.news) + 1})
	h.news = append(h.news, e)
	h.bytes += sizeOf(e)
	h.count(e)
}

// count counts what makes the round of a question, and which steps called since the run was
// adopted.
func (l *ledger) count(e journal.Entry) {
	switch e.Kind {
	case journal.Decided:
		l.decided[e.Step]++
	case journal.Retried:
		l.retries++
	case journal.Adoption:
		l.checked = map[string]bool{}
	case journal.Intent, journal.Replied:
		if l.checked != nil {
			l.checked[e.Step] = true
		}
	}
}

// message returns what a person decided about the present question of a step, or nil.
func (l *ledger) message(step string) *journal.Message {
	round := l.questionRound(step)
	for i := range l.inbox {
		if m := &l.inbox[i]; m.Step == step && m.Round == round {
			return m
		}
	}
	return nil
}

// questionRound is the round of a step's present question. Each decision and each retry begins
// another one.
func (l *ledger) questionRound(step string) int { return 1 + l.decided[step] + l.retries }

// commit stores what is new, of all branches. If the run is to be cancelled, commit takes this
// branch's last intent back.
func (h *host) commit(state journal.State, holder string) error {
	err := h.store(state, holder, h.run.Cancel || h.asked.Load())
	if errors.Is(err, journal.ErrCancel) {
		h.run.Cancel = true
		h.takeBack()
		return h.cancel()
	}
	return err
}

// store commits the ledger's news. knows means that no effect follows: the commit then goes through
// even if the run is to be cancelled.
func (l *ledger) store(state journal.State, holder string, knows bool) error {
	return l.storeAs(state, holder, knows, false)
}

// storeAs is store. parks means that the run is left to its waits: the commit is refused with
// journal.ErrMail if a person has decided something in the meantime.
func (l *ledger) storeAs(state journal.State, holder string, knows, parks bool) error {
	c := journal.Change{
		Run: l.run.ID, Next: l.run.Next, From: l.run.Holder, Knows: knows, Create: l.create, Again: l.again,
		Entries: l.news, Fold: l.fold(), Holder: holder, State: state, Parks: parks, Read: len(l.inbox),
	}
	if err := l.r.store(c); err != nil {
		return err
	}
	l.create, l.news, l.owes = nil, nil, false
	l.passUntold()
	l.run.Next += len(c.Entries)
	l.run.Holder, l.run.State = holder, state
	return nil
}

// working is the state of a run while a process works on it. If the process ends, the run is due at
// once.
func (h *host) working() journal.State {
	return journal.State{Status: engine.Running, Wake: h.wall()}
}

// giveUp stores how the run stands when the interpreter was left: what it waits for, and that no
// process holds it. It stores nothing if nothing has changed.
func (h *host) giveUp() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	state := h.stateOf(h.waits)
	switch {
	case h.stopped:
		h.note(journal.Entry{Kind: journal.Stopped, Process: h.r.About})
		state.Wake = time.Time{}
		state.Waits = append(state.Waits, engine.Wait{For: engine.WaitProcess, Since: h.clock, Reason: "stopped by " + h.r.About})
	case h.left:
		state.Wake = h.wall()
		state.Waits = []engine.Wait{{For: engine.WaitProcess, Since: state.Wake}}
	}
	if h.create == nil && len(h.news) == 0 && h.run.Holder == "" && sameState(h.run.State, state) {
		return nil
	}
	parks := !h.stopped && !h.left
	err := h.storeAs(state, "", h.run.Cancel, parks)
	if errors.Is(err, journal.ErrCancel) || errors.Is(err, journal.ErrMail) { // the run has something to do at once
		err = h.store(dueNow(h.wall()), "", true)
	}
	return err
}

// stateOf is the state of a run all of whose branches wait.
func (l *ledger) stateOf(waits []engine.Wait) journal.State {
	state := journal.State{Status: engine.Waiting, Waits: waits}
	slices.SortFunc(state.Waits, func(a, b engine.Wait) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Step, b.Step)) })
	for _, w := range state.Waits {
		if !w.Due.IsZero() && (state.Wake.IsZero() || w.Due.Before(state.Wake)) {
			state.Wake = w.Due
		}
	}
	if slices.ContainsFunc(l.asks, func(q engine.Question) bool { return q.Failure != nil }) {
		state.Status = engine.Uncertain
	}
	return state
}

// sameState reports whether two states of a run that has not ended are the same.
func sameState(a, b journal.State) bool {
	return a.Status == b.Status && a.Wake.Equal(b.Wake) && slices.EqualFunc(a.Waits, b.Waits, func(v, w engine.Wait) bool {
		return v.For == w.For && v.Step == w.Step && v.Reason == w.Reason && v.Since.Equal(w.Since) && v.Due.Equal(w.Due)
	})
}

// takeBack removes an intent that was not committed, and so did not happen. It is the last entry,
// and this branch's.
func (h *host) takeBack() {
	last := len(h.news) - 1
	if last < 0 || h.news[last].Kind != journal.Intent {
		return
	}
	h.news = h.news[:last]
	h.force = h.force[:len(h.force)-1]
	h.mine = h.mine[:len(h.mine)-1]
	h.at, h.consumed = len(h.mine), len(h.force)
}

// tell passes an event of the branch on, unless the watcher has received it from an earlier replay.
func (h *host) tell(e engine.Event) {
	if h.unbegun {
		return // it has not happened
	}
	e.Branch = h.path
	h.told++
	if h.watch != nil {
		h.place = h.place.Next()
		h.pass(h.path, engine.Placed{Event: e, Place: h.place})
	}
}

// A placed event belongs to a branch.
type placed struct {
	branch string
	engine.Placed
}

// pass passes an event of a branch to the watcher. It keeps the events of a run that is not stored
// yet: a run is on record before anyone knows of it.
func (l *ledger) pass(branch string, p engine.Placed) {
	if l.create != nil {
		l.untold = append(l.untold, placed{branch, p})
		return
	}
	l.watch.receive(branch, p)
}

// passUntold passes on what pass has kept, once the run is stored.
func (l *ledger) passUntold() {
	for _, p := range l.untold {
		l.watch.receive(p.branch, p.Placed)
	}
	l.untold = nil
}

// enter moves the branch's place to an entry that let it go on.
func (h *host) enter(seq int) {
	if seq > h.place.Seq() {
		h.place = h.place.Entered(seq)
	}
}

// wait notes what a branch waits for.
func (l *ledger) wait(w engine.Wait) { l.waits = append(l.waits, w) }

// ask keeps an open question; answered removes it.
func (h *host) ask(q engine.Question) {
	h.asks = append(h.asks, q)
	if h.places == nil {
		h.places = map[string]string{}
	}
	h.places[q.Step] = h.path
}

func (l *ledger) answered(q engine.Question) {
	l.asks = slices.DeleteFunc(l.asks, func(open engine.Question) bool { return open.Step == q.Step })
}
