package local

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/program"
	"errand/engine/task"
)

// A host carries out one run for as long as it needs no waiting. It implements engine.Host.
//
// What the interpreter asks for is answered from the entries as long as there are any; after the last one the host acts, and
// notes what came of it. The clock is logical: it stands where the last entry was made, so that a replay sees the same times.
type host struct {
	r     *Runner
	ctx   context.Context // its end stops the run before its next effect; nil means that nothing may be done at all
	me    string          // the session that acts
	run   journal.Run     // as it is stored
	watch *watcher        // may be nil
	asked atomic.Bool     // this process was told to cancel the run

	force   []journal.Entry // the entries in force, and those that were made since
	at      int             // how many of them were consumed
	news    []journal.Entry // made since the last commit
	owes    bool            // there is a reply to an effect among them
	clock   time.Time
	create  *journal.Run // not nil: the run is not stored yet, and begins with the first commit
	again   bool         // of create: another run of the request is no hindrance
	knows   bool         // the interpreter was told that the run is cancelled
	told    int          // how many events there were
	begun   map[string]begin
	rounds  map[string]int // the step's key → the round of its calls
	earlier earlier        // what the rounds before this one left
}

// A begin is where a run stood when a step began.
type begin struct {
	entries int // how many were consumed
	events  int // how many were told
}

var _ engine.Host = (*host)(nil)

// Why the interpreter was left before the run's end.
var (
	errParked  = errors.New("the run waits")
	errStopped = errors.New("the run was stopped")
	errLeft    = errors.New("the run was left to others")
	errLooking = errors.New("the run is only looked at")
)

// newHost prepares a replay.
func newHost(r *Runner, run journal.Run, entries []journal.Entry, p *program.Program) *host {
	h := &host{r: r, run: run, clock: run.Started, begun: map[string]begin{}, rounds: map[string]int{}}
	h.force, h.earlier = inForce(entries, p)
	return h
}

// Now is the logical clock.
func (h *host) Now() time.Time { return h.clock }

// Call answers from the journal, or calls. Before an effect the call is on record; what is computed is computed again, and what only
// reads is on record once it was read.
func (h *host) Call(c task.Call) (task.Reply, error) {
	t, _ := h.r.Registry.Lookup(c.Type) // the program was compiled with this registry
	if t.Effect == task.Pure {
		return engine.Execute(h.callContext(), h.r.Registry, c), nil
	}
	e, err := h.next()
	switch {
	case err != nil:
		return task.Reply{}, err
	case e != nil && e.Kind == journal.Replied && e.Step == c.Step:
		return *e.Reply, nil
	case e != nil && e.Kind == journal.Intent && same(*e.Call, c):
		return h.sent(c.Step, e.Call.Round)
	case e != nil:
		return task.Reply{}, h.diverged(e, "the call "+describe(c))
	}
	if err := h.mayAct(); err != nil {
		return task.Reply{}, err
	}
	if t.Effect == task.Reads || c.Settled {
		c.Round = h.rounds[c.Step] // of a call that is settled: the round, and so the key, of the one that acted
		// A read needs no intent, but nobody else may be at work on the run, and what an effect came to must not be lost meanwhile.
		if h.owes || h.create != nil || h.run.Holder != h.me {
			if err := h.commit(h.working(), h.me); err != nil {
				return task.Reply{}, err
			}
		}
		return h.carryOut(c), nil
	}
	round, unsettled := h.earlier.round(c.Step, t.Effect, h.rounds)
	if c.Round = round; unsettled {
		h.rounds[c.Step] = round
		return h.note(journal.Entry{Kind: journal.Replied, Step: c.Step, Reply: interrupted("it was begun before the run was done again")}), nil
	}
	h.rounds[c.Step] = round
	intent := c
	h.note(journal.Entry{Kind: journal.Intent, Step: c.Step, Call: &intent})
	if err := h.commit(h.working(), h.me); err != nil {
		return task.Reply{}, err
	}
	reply := h.carryOut(c)
	h.owes = true
	return reply, nil
}

// sent finds what came of a call whose intent is on record. Where that is not on record, nobody knows.
func (h *host) sent(step string, round int) (task.Reply, error) {
	h.rounds[step] = round
	e, err := h.next()
	switch {
	case err != nil:
		return task.Reply{}, err
	case e != nil && e.Kind == journal.Replied && e.Step == step:
		return *e.Reply, nil
	case e != nil:
		return task.Reply{}, h.diverged(e, "the reply to "+step)
	case h.ctx == nil:
		return task.Reply{}, errLooking
	}
	return h.note(journal.Entry{Kind: journal.Replied, Step: step, Reply: interrupted("the process ended before the answer was on record")}), nil
}

// carryOut makes the call. It is not interrupted by the end of the work, since its outcome would not be known; it ends with the
// step's time.
func (h *host) carryOut(c task.Call) task.Reply {
	ctx := h.callContext()
	if !c.Deadline.IsZero() {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, c.Deadline.Sub(c.Now))
		defer stop()
	}
	reply := engine.Execute(ctx, h.r.Registry, c)
	return h.note(journal.Entry{Kind: journal.Replied, Step: c.Step, Reply: &reply})
}

func (h *host) callContext() context.Context {
	if h.ctx == nil {
		return context.Background()
	}
	return context.WithoutCancel(h.ctx)
}

// Sleep gives up the run until the time has come, unless it has.
func (h *host) Sleep(d time.Duration) error {
	e, err := h.next()
	switch {
	case err != nil:
		return err
	case e != nil && e.Kind != journal.Slept:
		return h.diverged(e, "a wait of "+d.String())
	case e == nil:
		if err := h.halted(); err != nil {
			return err
		}
		h.note(journal.Entry{Kind: journal.Slept, Due: h.clock.Add(d)})
		e = &h.force[len(h.force)-1]
	}
	due := e.Due
	e, err = h.next()
	switch {
	case err != nil:
		return err
	case e != nil && e.Kind == journal.Woke:
		return nil
	case e != nil:
		return h.diverged(e, "the end of a wait")
	}
	if err := h.halted(); err != nil {
		return err
	}
	if h.wall().Before(due) {
		return h.park(journal.State{Status: string(engine.Waiting), Wake: due}, errParked)
	}
	if err := h.left(); err != nil {
		return err
	}
	h.note(journal.Entry{Kind: journal.Woke})
	return nil
}

// Decide gives up the run until a person has decided.
func (h *host) Decide(q engine.Question) (engine.Decision, error) {
	e, err := h.next()
	switch {
	case err != nil:
		return engine.Decision{}, err
	case e != nil && e.Kind == journal.Decided && e.Step == q.Step:
		return engine.Decision{Verdict: engine.Verdict(e.Word), By: e.By}, nil
	case e != nil:
		return engine.Decision{}, h.diverged(e, "a decision on "+q.Step)
	}
	if err := h.halted(); errors.Is(err, errLooking) {
		return engine.Decision{}, engine.ErrUndecided
	} else if err != nil {
		return engine.Decision{}, err
	}
	state := journal.State{Status: string(engine.Uncertain), Reason: "step " + q.Step + " is uncertain"}
	return engine.Decision{}, h.park(state, engine.ErrUndecided)
}

// Emit passes the event on. That a run was done again from a step is told before the step begins.
func (h *host) Emit(e engine.Event) {
	for h.at < len(h.force) && h.force[h.at].Kind == journal.Retried && h.force[h.at].Step == e.Step {
		h.aside()
		e.At = h.clock
	}
	if _, known := h.begun[e.Step]; !known && e.Step != "" {
		h.begun[e.Step] = begin{h.at, h.told}
	}
	h.tell(e)
}
func interrupted(why string) *task.Reply {
	return &task.Reply{Failure: &task.Failure{Code: task.CodeInterrupted, Message: why, Transient: true, Unknown: true}}
}
