package local

import (
	"context"
	"errors"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/task"
)

// A host carries out one run, or one branch of it, for as long as it needs no waiting. It implements engine.Host.
//
// What the interpreter asks for is answered from the entries as long as there are any; after the last one the host acts, and
// notes what came of it. The clock is logical: it stands where the last entry was made, so that a replay sees the same times.
type host struct {
	*ledger
	path    string // of the branch; "" for the main steps
	mine    []int  // the places of its entries in force
	at      int    // how many of them were consumed
	clock   time.Time
	knows   bool         // the interpreter was told that this branch is cancelled
	told    int          // how many events there were
	place   engine.Place // of the last of them
	pause   engine.Event // that told why the branch is about to sleep
	forked  int          // how often it has forked
	forks   []*fork      // that it is part of
	reached bool         // it has come to the end of the record
	resting bool         // it counts as active no more
	halted  error        // why it was left before its end
}

var _ engine.Host = (*host)(nil)

// Now is the logical clock.
func (h *host) Now() time.Time { return h.clock }

// Call answers from the journal, or calls. Before an effect the call is on record; what is computed is computed again, and what only
// reads is on record once it was read.
func (h *host) Call(c task.Call) (task.Reply, error) {
	t, _ := h.r.Registry.Lookup(c.Type) // the program was compiled with this registry
	if t.Effect == task.Pure {
		return engine.Execute(h.callContext(), h.r.Registry, c), nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
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
				return task.Reply{}, h.halt(err)
			}
		}
		return h.carryOut(c), nil
	}
	round, unsettled := h.earlier.round(c.Step, t.Effect, h.rounds)
	if c.Round = round; unsettled {
		h.rounds[c.Step] = round
		return h.interrupted(c.Step, "it was begun before the run was done again"), nil
	}
	h.rounds[c.Step] = round
	intent := c
	h.note(journal.Entry{Kind: journal.Intent, Step: c.Step, Call: &intent})
	if err := h.commit(h.working(), h.me); err != nil {
		return task.Reply{}, h.halt(err)
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
		return task.Reply{}, h.halt(errLooking)
	}
	return h.interrupted(step, task.Unrecorded), nil
}

// carryOut makes the call, while other branches go on. It is not interrupted by the end of the work, since its outcome would not be known;
// it ends with the step's time.
func (h *host) carryOut(c task.Call) task.Reply {
	ctx := h.callContext()
	if !c.Deadline.IsZero() {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, c.Deadline.Sub(c.Now))
		defer stop()
	}
	reply := h.execute(ctx, c)
	return h.note(journal.Entry{Kind: journal.Replied, Step: c.Step, Reply: &reply})
}

// execute calls the task with the ledger unlocked.
func (h *host) execute(ctx context.Context, c task.Call) task.Reply {
	h.mu.Unlock()
	defer h.mu.Lock()
	return engine.Execute(ctx, h.r.Registry, c)
}

func (h *host) callContext() context.Context {
	if h.ctx == nil {
		return context.Background()
	}
	return context.WithoutCancel(h.ctx)
}

// Sleep gives up the run until the time has come, unless it has, or other branches are at work.
func (h *host) Sleep(d time.Duration) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	e, err := h.next()
	switch {
	case err != nil:
		return err
	case e != nil && e.Kind != journal.Slept:
		return h.diverged(e, "a wait of "+d.String())
	case e == nil:
		if err := h.mayGoOn(); err != nil {
			return err
		}
		due := h.clock.Add(d)
		h.note(journal.Entry{Kind: journal.Slept, Due: due})
		e = &entry{Entry: journal.Entry{At: h.clock, Due: due}}
	}
	since, due := e.At, e.Due
	e, err = h.next()
	switch {
	case err != nil:
		return err
	case e != nil && e.Kind == journal.Woke:
		return nil
	case e != nil:
		return h.diverged(e, "the end of a wait")
	}
	for {
		if err := h.mayGoOn(); err != nil {
			return err
		}
		if !h.wall().Before(due) {
			if err := h.mayAct(); err != nil {
				return err
			}
			h.note(journal.Entry{Kind: journal.Woke})
			return nil
		}
		stay, err := h.rest(due)
		if err != nil {
			return h.halt(err)
		}
		if !stay {
			h.wait(engine.Wait{For: h.pause.For, Step: h.pause.Step, Since: since, Due: due})
			return h.halt(errParked)
		}
	}
}

// Decide gives up the run until a person has decided, or the question's time has passed, unless other branches are at work.
func (h *host) Decide(q engine.Question) (engine.Decision, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e, err := h.next()
	switch {
	case err != nil:
		return engine.Decision{}, err
	case e != nil && e.Kind == journal.Decided && e.Step == q.Step:
		return decisionOf(e.Entry), nil
	case e != nil:
		return engine.Decision{}, h.diverged(e, "a decision on "+q.Step)
	}
	h.ask(q)
	asked := h.clock
	for {
		if err := h.mayGoOn(); errors.Is(err, errLooking) {
			return engine.Decision{}, h.halt(engine.ErrUndecided)
		} else if err != nil {
			h.answered(q)
			return engine.Decision{}, err
		}
		if !q.Until.IsZero() && !h.wall().Before(q.Until) {
			h.answered(q)
			h.note(journal.Entry{Kind: journal.Decided, Step: q.Step, Verdict: engine.VerdictExpired})
			return engine.Decision{Verdict: engine.VerdictExpired}, nil
		}
		stay, err := h.rest(q.Until)
		if err != nil {
			h.answered(q)
			return engine.Decision{}, h.halt(err)
		}
		if !stay {
			h.wait(engine.Wait{For: engine.WaitPerson, Step: q.Step, Since: asked, Due: q.Until})
			return engine.Decision{}, h.halt(engine.ErrUndecided)
		}
	}
}

// Emit passes the event on. That a run was done again from a step is told before the step begins.
func (h *host) Emit(e engine.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for until := h.doneAgain(e.Step); h.at < until; {
		h.aside()
		e.At = h.clock
	}
	if e.Kind == engine.EventStepWaits || e.Kind == engine.EventStepRetries {
		h.pause = e
	}
	if _, known := h.begun[e.Step]; !known && e.Step != "" {
		h.begun[e.Step] = begin{h.consumed, h.told}
	}
	h.tell(e)
}

// doneAgain is the place behind the entry that has the run done again from a step, where nothing but such entries comes before it that
// answer nothing: processes that went on with the run while only its branches made entries.
func (h *host) doneAgain(step string) (until int) {
	for i := h.at; i < len(h.mine); i++ {
		switch e := h.force[h.mine[i]]; {
		case e.Kind == journal.Retried && (e.Step == step || e.Told > 0 && h.told >= e.Told):
			until = i + 1
		case e.Kind != journal.Resumed && e.Kind != journal.Stopped:
			return until
		}
	}
	return until
}

// halt notes why the branch is left.
func (h *host) halt(err error) error {
	if !errors.Is(err, engine.ErrCancelled) {
		h.halted = err
	}
	return err
}

// interrupted notes that nobody knows what came of a call.
func (h *host) interrupted(step, why string) task.Reply {
	reply := task.Interrupted(why)
	return h.note(journal.Entry{Kind: journal.Replied, Step: step, Reply: &reply})
}
