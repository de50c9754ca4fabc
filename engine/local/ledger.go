package local

import (
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

// A ledger is what the branches of one run share while it is carried out: its entries, what is to be stored, and who is at work.
type ledger struct {
	r     *Runner
	ctx   context.Context // its end stops the run before its next effect; nil means that nothing may be done at all
	me    string          // the session that acts
	run   journal.Run     // as it is stored; Cancel also where this process learnt of it
	watch *watcher        // may be nil
	asked atomic.Bool     // this process was told to cancel the run

	mu       sync.Mutex // guards everything below
	force    []journal.Entry
	branches map[string][]int // by branch: the places of its entries in force
	consumed int              // what comes before this place in force was consumed, by whichever branch
	news     []journal.Entry  // made since the last commit
	owes     bool             // there is a reply to an effect among them
	create   *journal.Run     // not nil: the run is not stored yet, and begins with the first commit
	again    bool             // of create: another run of the request is no hindrance
	begun    map[string]begin
	rounds   map[string]int // the step's key → the round of its calls
	earlier  earlier        // what the rounds before this one left
	crew

	// How the run stands when all of its branches have given up.
	wake    time.Time // the first of them is due then; zero means none is by itself
	asks    []engine.Question
	places  map[string]string // the step of a question → the branch that asks it
	stopped bool              // a person stopped it
	left    bool              // there was something to do, and this process ends its work
}

// A begin is where a run stood when a step began.
type begin struct {
	entries int // how many were consumed
	events  int // how many were told
}

// Why the interpreter was left before the run's end.
var (
	errParked  = errors.New("the run waits")
	errStopped = errors.New("the run was stopped")
	errLeft    = errors.New("the run was left to others")
	errLooking = errors.New("the run is only looked at")
)

// newHost prepares a replay, and returns the host of the main steps.
func newHost(r *Runner, run journal.Run, entries []journal.Entry, p *program.Program) *host {
	l := &ledger{r: r, run: run, begun: map[string]begin{}, rounds: map[string]int{}, branches: map[string][]int{}, crew: newCrew()}
	l.cond = sync.NewCond(&l.mu)
	l.force, l.earlier = inForce(entries, p)
	for i := range l.force {
		path := l.force[i].Branch
		l.branches[path] = append(l.branches[path], i)
	}
	return &host{ledger: l, clock: run.Started, mine: l.branches[""]}
}

// commit stores what is new, of all branches. An intent of this branch that turns out to be one of a cancelled run is taken back.
func (h *host) commit(state journal.State, holder string) error {
	err := h.store(state, holder, h.run.Cancel || h.asked.Load())
	if errors.Is(err, journal.ErrCancel) {
		h.run.Cancel = true
		h.takeBack()
		return h.cancel()
	}
	return err
}

// store makes a change of the ledger's news. knows tells that no effect follows of which a cancelling would have to know.
func (l *ledger) store(state journal.State, holder string, knows bool) error {
	c := journal.Change{
		Run: l.run.ID, Next: l.run.Next, From: l.run.Holder, Knows: knows, Create: l.create, Again: l.again,
		Entries: l.news, Holder: holder, State: state,
	}
	if err := l.r.store(c); err != nil {
		return err
	}
	l.create, l.news, l.owes = nil, nil, false
	l.run.Next += len(c.Entries)
	l.run.Holder, l.run.State = holder, state
	return nil
}

// working is the state of a run that is worked on: should the process end, it is due at once.
func (h *host) working() journal.State {
	return journal.State{Status: string(engine.Waiting), Wake: h.wall()}
}

// giveUp stores how the run stands that the interpreter was left with: what it waits for, and that nobody holds it. Nothing is stored
// where it stands like that already.
func (h *host) giveUp() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	state := journal.State{Status: string(engine.Waiting), Wake: h.wake}
	for _, q := range h.asks {
		if q.Failure != nil {
			state.Status, state.Reason = string(engine.Uncertain), "step "+q.Step+" is uncertain"
			break
		}
		state.Reason = "step " + q.Step + " waits for a decision"
	}
	switch {
	case h.stopped:
		h.note(journal.Entry{Kind: journal.Stopped, By: h.r.About})
		state.Wake = time.Time{}
		if state.Status == string(engine.Waiting) {
			state.Reason = stoppedBy + h.r.About
		}
	case h.left:
		state.Wake = h.wall()
	}
	s := h.run.State
	if h.create == nil && len(h.news) == 0 && h.run.Holder == "" && s.Status == state.Status && s.Reason == state.Reason && s.Wake.Equal(state.Wake) {
		return nil
	}
	err := h.store(state, "", h.run.Cancel)
	if errors.Is(err, journal.ErrCancel) { // it is cancelled when it is taken up next, which is at once
		state.Wake = h.wall()
		err = h.store(state, "", true)
	}
	return err
}

// takeBack forgets an intent that was not committed and is nothing that happened. It is the last entry, and this branch's.
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

// tell passes an event on, unless the watcher has heard it from an earlier replay.
func (h *host) tell(e engine.Event) {
	e.Branch = h.path
	h.told++
	if w := h.watch; w != nil && h.told > w.told[h.path] {
		w.told[h.path] = h.told
		if w.hushed.IsZero() {
			w.tell(e)
		}
	}
}

// A watcher hears each event of a run once, however often the run is replayed: the same entries give each branch the same events.
type watcher struct {
	told    map[string]int // by branch
	retried time.Time      // when the run was last done again
	since   time.Time      // of one that is new: another one may have heard the run to an end that is after this time; zero where none has
	hushed  time.Time      // what is before the Retried of this time is not told; zero where all is
	tell    func(engine.Event)
}

// begin has a new watcher hear only what was done again, where another one has heard the run to its end.
func (w *watcher) begin(entries []journal.Entry) {
	if w == nil || w.since.IsZero() {
		return
	}
	for _, e := range entries {
		if e.Kind == journal.Retried && e.At.After(w.since) {
			w.hushed = e.At
		}
	}
	w.since = time.Time{}
}

// again has the watcher hear what follows so many events and forks of the main steps, since the run was done again from there at that
// time.
func (w *watcher) again(at time.Time, told, forked int) {
	if w == nil || !at.After(w.retried) {
		return
	}
	w.retried, w.told[""] = at, min(w.told[""], told)
	if !at.Before(w.hushed) {
		w.hushed = time.Time{}
	}
	for path := range w.told {
		if path != "" && engine.BranchFork(path) >= forked {
			delete(w.told, path)
		}
	}
}

func newWatcher(tell func(engine.Event)) *watcher {
	return &watcher{told: map[string]int{}, tell: tell}
}

// wait notes that a branch has nothing to do before a time, or, where that is zero, until a person decides.
func (l *ledger) wait(due time.Time) {
	if !due.IsZero() && (l.wake.IsZero() || due.Before(l.wake)) {
		l.wake = due
	}
}

// ask notes a question that is open; answered that it is not any more.
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
