package temporal

import (
	"bytes"
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/workflow"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/task"
)

// A host carries out one run, or one branch of it, in a workflow of Temporal. It implements
// engine.Host.
//
// A workflow may continue one that came before it: the host answers the interpreter from the entries
// of the record as long as there are any. After the last one it acts, and adds entries. Its clock is
// logical: it shows the time of the last entry, so that it shows the same times again when the run
// continues as new.
type host struct {
	*ledger
	ctx     workflow.Context // of the branch's coroutine; it is never cancelled
	path    string           // the branch; "" for the main steps
	mine    []int            // the indexes of its entries in force
	at      int              // how many of them the interpreter has consumed
	clock   time.Time
	knows   bool         // the interpreter knows that this branch is cancelled
	told    int          // how many events the branch has emitted
	pause   engine.Event // the event that says why the branch is about to sleep
	forked  int          // how many times the branch has forked
	forks   []*fork      // the forks that the branch is part of
	reached bool         // the branch has come to the end of the record
	halted  error        // why the branch was left before its end; nil if it was not
}

var _ engine.Host = (*host)(nil)

// errParked is returned to a branch that gives up while it waits. Only tests make branches give up.
var errParked = errors.New("the run waits")

// Now returns the logical clock.
func (h *host) Now() time.Time { return h.clock }

// Call answers from the record, or calls. A pure task is carried out in the workflow, and every other
// one by an activity.
func (h *host) Call(c task.Call) (task.Reply, error) {
	t, _ := h.registry.Lookup(c.Type) // found: the program was compiled with this registry
	if t.Effect == task.Pure {
		return engine.Execute(context.Background(), h.registry, c), nil
	}
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
		h.diverged(e, "the call "+describe(c))
	}
	if err := h.mayGoOn(); err != nil {
		return task.Reply{}, err
	}
	if t.Effect == task.Reads || c.Settled || c.Recover && t.Effect == task.Evident {
		c.Round = h.rounds[c.Step] // a settled call has the round, and so the key, of the call that acted
		return h.carryOut(c, false), nil
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
	c.Round = round
	h.note(journal.Entry{Kind: journal.Intent, Step: c.Step, Call: &c})
	return h.carryOut(c, true), nil
}

// keepRound keeps the round of a step whose first reply came from an earlier round.
func (h *host) keepRound(c task.Call, t task.Type) {
	if _, known := h.rounds[c.Step]; !known && t.Effect != task.Reads {
		h.rounds[c.Step], _ = h.earlier.Begin(c, t)
	}
}

// sent returns what came of a call whose intent is on record. If the reply is not on record, the
// outcome is unknown: the workflow that made the call was ended by an operator.
func (h *host) sent(step string, intent *journal.Numbered) (task.Reply, error) {
	h.rounds[step] = intent.Call.Round
	e, err := h.next()
	switch {
	case err != nil:
		return task.Reply{}, err
	case e != nil && e.Kind == journal.Replied && e.Step == step:
		return *e.Reply, nil
	case e != nil:
		h.diverged(e, "the reply to "+step)
	}
	reply := task.Interrupted(task.Unrecorded, h.wall())
	return h.note(journal.Entry{Kind: journal.Replied, Step: step, Reply: &reply}), nil
}

// carryOut makes a call, and records the reply. acts says that the call has an effect.
func (h *host) carryOut(c task.Call, acts bool) task.Reply {
	reply := h.activity(c, acts)
	return h.note(journal.Entry{Kind: journal.Replied, Step: c.Step, Reply: &reply})
}

// Sleep waits with a timer of Temporal.
func (h *host) Sleep(d time.Duration) error {
	e, err := h.next()
	switch {
	case err != nil:
		return err
	case e != nil && e.Kind != journal.Slept:
		h.diverged(e, "a wait of "+d.String())
	case e == nil:
		if err := h.mayGoOn(); err != nil {
			return err
		}
		end := h.clock.Add(d)
		h.note(journal.Entry{Kind: journal.Slept, Due: end})
		e = &journal.Numbered{Entry: journal.Entry{At: h.clock, Due: end}}
	}
	since, end := e.At, e.Due
	e, err = h.next()
	switch {
	case err != nil:
		return err
	case e != nil && e.Kind == journal.Woke:
		return nil
	case e != nil:
		h.diverged(e, "the end of a wait")
	}
	for {
		if err := h.mayGoOn(); err != nil {
			return err
		}
		if !h.wall().Before(end) {
			h.note(journal.Entry{Kind: journal.Woke})
			return nil
		}
		if !h.rest(engine.Wait{For: h.pause.For, Step: h.pause.Step, Since: since, Due: end}, h.toCancel) {
			return h.halt(errParked)
		}
	}
}

// Park waits until a person resumes the run. The entry Slept of such a wait has no Due.
func (h *host) Park(w engine.Wait) error {
	e, err := h.next()
	switch {
	case err != nil:
		return err
	case e != nil && (e.Kind != journal.Slept || !e.Due.IsZero()):
		h.diverged(e, "a wait for "+string(w.For))
	case e == nil:
		if err := h.mayGoOn(); err != nil {
			return err
		}
		h.note(journal.Entry{Kind: journal.Slept})
		e = &journal.Numbered{Entry: journal.Entry{At: h.clock}}
	}
	w.Since = e.At
	e, err = h.next()
	switch {
	case err != nil || e != nil && e.Kind == journal.Woke:
		return err
	case e != nil:
		h.diverged(e, "the end of a wait")
	}
	for before := h.resumed; ; {
		if err := h.mayGoOn(); err != nil {
			return err
		}
		if h.resumed > before {
			h.note(journal.Entry{Kind: journal.Woke})
			return nil
		}
		if !h.rest(w, func() bool { return h.toCancel() || h.resumed > before }) {
			return h.halt(errParked)
		}
	}
}

// Decide waits until a person has decided or the question's time has passed.
func (h *host) Decide(q engine.Question) (engine.Decision, error) {
	e, err := h.next()
	switch {
	case err != nil:
		return engine.Decision{}, err
	case e != nil && e.Kind == journal.Decided && e.Step == q.Step:
		return e.Decision(), nil
	case e != nil:
		h.diverged(e, "a decision on "+q.Step)
	}
	h.ask(q)
	defer h.answered(q)
	since := h.clock
	for {
		if err := h.mayAsk(q); err != nil {
			return engine.Decision{}, err
		}
		if m := h.message(q.Step); m != nil {
			return h.decideBy(journal.Entry{Verdict: m.Verdict, By: &m.By, Comment: m.Comment}, q), nil
		}
		if !q.Until.IsZero() && !h.wall().Before(q.Until) {
			return h.decideBy(journal.Entry{Verdict: engine.VerdictExpired}, q), nil
		}
		again := func() bool { return h.message(q.Step) != nil || q.Failure == nil && h.toCancel() }
		if !h.rest(engine.Wait{For: engine.WaitPerson, Step: q.Step, Since: since, Due: q.Until}, again) {
			return engine.Decision{}, h.halt(engine.ErrUndecided)
		}
	}
}

// decideBy records a decision on a question.
func (h *host) decideBy(e journal.Entry, q engine.Question) engine.Decision {
	e.Kind, e.Step = journal.Decided, q.Step
	h.note(e)
	return e.Decision()
}

// ask keeps an open question; answered removes it.
func (h *host) ask(q engine.Question) { h.asks = append(h.asks, asked{q, h.path}) }

func (h *host) answered(q engine.Question) {
	for i, open := range h.asks {
		if open.Step == q.Step {
			h.asks = append(h.asks[:i:i], h.asks[i+1:]...)
			return
		}
	}
}

// Emit passes an event on to the worker, and before it that the run was retried from here. Readers make
// the events from the record.
func (h *host) Emit(e engine.Event) {
	if h.takeRetries(e.Step) {
		e.At = h.clock
	}
	if e.Kind == engine.EventStepWaits || e.Kind == engine.EventStepRetries {
		h.pause = e
	}
	if e.Status == engine.Cancelled {
		e.By = h.canceller()
	}
	h.tell(e)
}

// tell passes an event on, unless a workflow that this one continues has done that.
func (h *host) tell(e engine.Event) {
	h.told++
	if h.told <= h.toldBefore[h.path] {
		return
	}
	h.toldSoFar[h.path] = h.told - h.gone[h.path]
	if h.watch != nil {
		e.Branch = h.path
		h.watch(e)
	}
}

// halt keeps why the branch is left.
func (h *host) halt(err error) error {
	h.halted = err
	return err
}

// same reports whether a call is the one on record: the members that make the request, and what the
// interpreter knew of the calls before.
func same(a, b task.Call) bool {
	return a.Step == b.Step && a.Type == b.Type && a.Credential == b.Credential && bytes.Equal(a.Input, b.Input) &&
		a.Attempt == b.Attempt && a.Note == b.Note && a.Recover == b.Recover && a.Settled == b.Settled
}
