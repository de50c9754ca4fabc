package local

import (
	"context"
	"errors"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/task"
)

// A host carries out one run, or one branch of it, until it has to wait. It implements engine.Host.
//
// The host answers the interpreter from the entries as long as there are any. After the last one it
// acts, and records what came of that. Its clock is logical: it shows the time of the last entry,
// so a replay sees the same times.
type host struct {
	*ledger
	path    string // the branch; "" for the main steps
	mine    []int  // the indexes of its entries in force
	at      int    // how many of them the interpreter has consumed
	clock   time.Time
	knows   bool          // the interpreter knows that this branch is cancelled
	told    int           // how many events the branch has emitted
	place   engine.Place  // of the last of them
	pause   engine.Event  // the event that says why the branch is about to sleep
	forked  int           // how many times the branch has forked
	forks   []*fork       // the forks that the branch is part of
	reached bool          // the branch has come to the end of the record
	unbegun bool          // of a run with a concurrency key that is only replayed: it was retried, and its turn has not come
	turned  bool          // of a run with a concurrency key: its turn has come since its start or its last retry
	resting bool          // the branch no longer counts as active
	paced   time.Duration // how long the present call has waited because of the pace of its credential
	halted  error         // why the branch was left before its end; nil if it was not
}

var _ engine.Host = (*host)(nil)

// Now returns the logical clock.
func (h *host) Now() time.Time { return h.clock }

// Call answers from the journal, or calls. A call with an effect is on record before it leaves. A
// call that only reads is recorded with its answer. What a pure task computes is computed again.
func (h *host) Call(c task.Call) (task.Reply, error) {
	t, _ := h.r.Registry.Lookup(c.Type) // found: the program was compiled with this registry
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
		h.keepRound(c, t)
		reply := *e.Reply
		reply.Looks = e.Looks
		return reply, nil
	case e != nil && e.Kind == journal.Intent && same(*e.Call, c):
		return h.sent(c.Step, e)
	case e != nil:
		return task.Reply{}, h.diverged(e, "the call "+describe(c))
	}
	if err := h.mayAct(); err != nil {
		return task.Reply{}, err
	}
	if t.Effect == task.Reads || c.Settled || c.Recover && t.Effect == task.Evident {
		if reply, late, err := h.keepPace(c); late || err != nil {
			return reply, err
		}
		c.Round = h.rounds[c.Step] // a settled call has the round, and so the key, of the call that acted
		// A read needs no intent. But no other process may work on the run, and the outcome of the
		// effect before must not be lost during the read.
		if h.owes || h.create != nil || h.run.Holder != h.me {
			if err := h.commit(h.working(), h.me); err != nil {
				return task.Reply{}, h.halt(err)
			}
		}
		return h.carryOut(c)
	}
	round, used := h.rounds[c.Step]
	if !used {
		var answer *task.Reply
		round, answer = h.earlier.Begin(c, t)
		h.rounds[c.Step] = round
		if answer != nil {
			return h.note(journal.Entry{Kind: journal.Replied, Step: c.Step, Reply: answer}), nil
		}
	}
	h.rounds[c.Step], c.Round = round, round
	if h.mayBeMadeElsewhere(c.Step) {
		return h.interrupted(c.Step, madeElsewhere, h.wall()), nil
	}
	if reply, late, err := h.keepPace(c); late || err != nil {
		return reply, err
	}
	intent := c
	h.note(journal.Entry{Kind: journal.Intent, Step: c.Step, Call: &intent})
	if err := h.commit(h.working(), h.me); err != nil {
		return task.Reply{}, h.halt(err)
	}
	reply, err := h.carryOut(c)
	h.owes = err == nil
	return reply, err
}

// keepRound keeps the round of a step whose first reply came from an earlier round.
func (h *host) keepRound(c task.Call, t task.Type) {
	if _, known := h.rounds[c.Step]; !known && t.Effect != task.Reads {
		h.rounds[c.Step], _ = h.earlier.Begin(c, t)
	}
}

// sent returns what came of a call whose intent is on record. If the reply is not on record, the
// outcome is unknown.
func (h *host) sent(step string, intent *journal.Numbered) (task.Reply, error) {
	h.rounds[step] = intent.Call.Round
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
	return h.interrupted(step, task.Unrecorded, intent.At), nil
}

// carryOut makes the call while other branches go on. The end of the work does not interrupt it,
// since its outcome would be unknown; it ends with the step's time, or by Interrupt.
func (h *host) carryOut(c task.Call) (task.Reply, error) {
	ctx := h.callContext()
	if !c.Deadline.IsZero() {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, c.Deadline.Sub(c.Now)-h.paced)
		defer stop()
	}
	sent := h.clock // the time of the intent, if there is one
	left := time.Now()
	reply, err := h.call(ctx, c)
	if err != nil {
		return task.Reply{}, h.halt(err)
	}
	h.r.Paces.Called(c, left, reply)
	reply = reply.SentAt(sent)
	return h.note(journal.Entry{Kind: journal.Replied, Step: c.Step, Reply: &reply}), nil
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

// Sleep gives the run up until the time has come. It waits instead if that is soon, or if other
// branches are at work.
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
		e = &journal.Numbered{Entry: journal.Entry{At: h.clock, Due: due}}
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
		stay, err := h.rest(engine.Wait{For: h.pause.For, Step: h.pause.Step, Since: since, Due: due}, false)
		if err != nil {
			return h.halt(err)
		}
		if !stay {
			return h.halt(errParked)
		}
	}
}

// Decide gives the run up until a person has decided or the question's time has passed. It waits
// instead if other branches are at work, or go on soon.
func (h *host) Decide(q engine.Question) (engine.Decision, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e, err := h.next()
	switch {
	case err != nil:
		return engine.Decision{}, err
	case e != nil && e.Kind == journal.Decided && e.Step == q.Step:
		return e.Decision(), nil
	case e != nil:
		return engine.Decision{}, h.diverged(e, "a decision on "+q.Step)
	}
	h.ask(q)
	asked := h.clock
	for {
		err := h.mayAsk(q) // other branches may receive messages meanwhile
		m := h.message(q.Step)
		if m != nil || err != nil && !errors.Is(err, errLooking) {
			h.answered(q)
		}
		switch {
		case errors.Is(err, errLooking):
			return engine.Decision{}, h.halt(engine.ErrUndecided)
		case err != nil:
			return engine.Decision{}, err
		case m != nil:
			e := journal.Entry{Kind: journal.Decided, Step: q.Step, Verdict: m.Verdict, By: &m.By, Comment: m.Comment}
			h.note(e)
			return e.Decision(), nil
		}
		if !q.Until.IsZero() && !h.wall().Before(q.Until) {
			if h.newMail() { // a person may have decided just in time
				continue
			}
			h.answered(q)
			h.note(journal.Entry{Kind: journal.Decided, Step: q.Step, Verdict: engine.VerdictExpired})
			return engine.Decision{Verdict: engine.VerdictExpired}, nil
		}
		stay, err := h.rest(engine.Wait{For: engine.WaitPerson, Step: q.Step, Since: asked, Due: q.Until}, q.Failure != nil)
		if err != nil {
			h.answered(q)
			return engine.Decision{}, h.halt(err)
		}
		if !stay {
			return engine.Decision{}, h.halt(engine.ErrUndecided)
		}
	}
}

// Emit passes the event on. If the run was retried from here, Emit passes that on before.
func (h *host) Emit(e engine.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.takeRetries(e.Step) {
		e.At = h.clock
	}
	if e.Kind == engine.EventRunEnded {
		for h.aside() { // what happened while only branches had something to do
		}
	}
	if e.Kind == engine.EventStepWaits || e.Kind == engine.EventStepRetries {
		h.pause = e
	}
	if e.Status == engine.Cancelled {
		e.By = h.canceller()
	}
	h.course.Emit(h.position(), e)
	h.tell(e)
}

// position returns how far the branch is.
func (h *host) position() engine.Position {
	return engine.Position{Branch: h.path, Used: h.at, Forks: h.forked, Told: h.told}
}

// takeRetries consumes the entries that retry the run from here, and reports whether there are any.
func (h *host) takeRetries(step string) (taken bool) {
	for until := h.doneAgain(step); h.at < until; taken = true {
		h.aside()
	}
	if taken && h.run.Key != "" {
		h.unbegun = !h.awaitTurn()
		h.queued = h.queued || h.unbegun
	}
	return taken
}

// doneAgain returns the index after the entry that retries the run from here, where a step begins
// or the branch forks, or 0 if that is not next. Entries about processes that resumed or stopped
// the run, about its adoption or its turn, may stand before it: they answer nothing.
func (h *host) doneAgain(step string) (until int) {
	for i := h.at; i < len(h.mine); i++ {
		switch e := h.force[h.mine[i]]; {
		case e.Kind == journal.Retried && (e.Step == step || e.Told > 0 && h.told >= e.Told):
			until = i + 1
		case e.Kind == journal.Continued && h.told >= e.Told:
			until = i + 1
		case e.Kind != journal.Resumed && e.Kind != journal.Stopped && e.Kind != journal.Adoption && e.Kind != journal.Began:
			return until
		}
	}
	return until
}

// halt keeps why the branch is left.
func (h *host) halt(err error) error {
	if !errors.Is(err, engine.ErrCancelled) {
		h.halted = err
	}
	return err
}

// interrupted records that the outcome of a call is unknown. sent is when the call was put on
// record.
func (h *host) interrupted(step, why string, sent time.Time) task.Reply {
	reply := task.Interrupted(why, sent)
	return h.note(journal.Entry{Kind: journal.Replied, Step: step, Reply: &reply})
}
