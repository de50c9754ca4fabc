package local

import (
	"bytes"
	"context"
	"errors"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/schema"
)

var (
	_ engine.Intaker      = (*Runner)(nil)
	_ engine.IntakeReader = (*Runner)(nil)
)

// mostTakes is how many times a Taking is tried if somebody else starts one of its runs at the same
// time. Each time one more of its tickets is dealt with.
const mostTakes = 20

// Take implements engine.Intaker.
func (r *Runner) Take(ctx context.Context, t engine.Taking) ([]engine.Taken, error) {
	failures := 0
	for attempt := 1; ; attempt++ {
		taken, change, err := r.planTaking(ctx, t)
		if err != nil || isRefused(taken) {
			r.waitNoMore(runsOf(change))
			return taken, outward("", err)
		}
		if len(change.Tickets) == 0 && change.Cursor == "" && change.Message == nil {
			return taken, nil
		}
		if err = r.Journal.Take(background, change); err != nil {
			r.waitNoMore(runsOf(change))
		}
		_, failed := errors.AsType[*journal.StoreError](err)
		switch {
		case err == nil:
			for _, ticket := range change.Tickets {
				if ticket.Create != nil {
					r.announce(ticket.Run)
				}
			}
			r.due.send()
			return taken, nil
		case failed && failures < len(pauses): // the next attempt sees whether the first one was written
			time.Sleep(pauses[failures])
			failures++
		case failed || attempt == mostTakes:
			return nil, outward("", err)
		}
	}
}

// runsOf returns how many runs a change creates.
func runsOf(t journal.Taking) (runs int) {
	for _, ticket := range t.Tickets {
		if ticket.Create != nil {
			runs++
		}
	}
	return runs
}

// isRefused reports whether a ticket is refused.
func isRefused(taken []engine.Taken) bool {
	for _, t := range taken {
		if t.Refusal != nil {
			return true
		}
	}
	return false
}

// planTaking returns what becomes of the tickets of a Taking, and the change of the journal that
// does it.
func (r *Runner) planTaking(ctx context.Context, t engine.Taking) ([]engine.Taken, journal.Taking, error) {
	change := journal.Taking{Source: t.Source, Cursor: t.Cursor}
	if standing, _, err := r.Journal.Standing(ctx); err != nil {
		return nil, change, err
	} else if standing == journal.Copied {
		return nil, change, &engine.Refusal{Code: engine.RefusedCopy}
	}
	if t.Message != nil {
		if _, answered, err := r.Journal.Answer(ctx, t.Source, t.Message.ID); err != nil {
			return nil, change, err
		} else if answered {
			return nil, change, engine.ErrAnswered
		}
	}
	taken := make([]engine.Taken, len(t.Tickets))
	for i, o := range t.Tickets {
		ticket, err := r.planTicket(ctx, o, &taken[i])
		if err != nil {
			return nil, change, err
		}
		if ticket != nil {
			change.Tickets = append(change.Tickets, *ticket)
		}
	}
	now := time.Now().Round(0).UTC()
	if t.Message != nil {
		change.Message = &journal.Answered{ID: t.Message.ID, At: now, Answer: t.Message.Answer(taken), Forget: now.Add(-engine.MessagesKept)}
	}
	return taken, change, nil
}

// planTicket returns the change that deals with a ticket, or nil if there is nothing to do.
func (r *Runner) planTicket(ctx context.Context, o engine.TicketOrder, taken *engine.Taken) (*journal.Ticket, error) {
	before, found, err := r.Journal.Ticket(ctx, o.Desk, o.Ticket)
	if err != nil {
		return nil, err
	}
	if found && (!before.Noted || o.Note) {
		if taken.Refusal, err = r.differs(ctx, before, o); taken.Refusal != nil || err != nil {
			return nil, err
		}
		*taken = engine.Taken{Run: before.Run, Before: before.Run != o.Order.Run} // the same run: an earlier attempt was made
		return nil, nil
	}
	var created journal.Change
	run, err := r.existing(ctx, o.Order)
	if err == nil && run == "" {
		created, err = r.admit(ctx, o.Order)
	}
	if refusal, ok := errors.AsType[*engine.Refusal](err); ok {
		*taken = engine.Taken{Refusal: refusal}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if run != "" {
		*taken = engine.Taken{Run: run, Existed: true}
		return &journal.Ticket{Desk: o.Desk, ID: o.Ticket, Noted: o.Note, Run: run, At: time.Now()}, nil
	}
	created.At = created.Create.Started
	*taken = engine.Taken{Run: o.Order.Run}
	return &journal.Ticket{Desk: o.Desk, ID: o.Ticket, Noted: o.Note, Run: o.Order.Run, At: created.At, Create: &created}, nil
}

// differs returns a refusal if the run of a ticket is of another workflow than the order, or has other inputs.
func (r *Runner) differs(ctx context.Context, before journal.Ticket, o engine.TicketOrder) (*engine.Refusal, error) {
	if o.Note || before.Run == o.Order.Run {
		return nil, nil
	}
	run, _, err := r.Journal.LoadAfter(ctx, before.Run, journal.NoEntries)
	asked := schema.Encode(o.Order.Inputs)
	same := bytes.Equal(run.Inputs, asked)
	if pruned, ok := errors.AsType[*journal.PrunedError](err); ok {
		run, err = pruned.Run, nil
		same = bytes.Equal(run.InputsDigest, engine.InputsDigest(asked))
	}
	if err != nil {
		if _, unread := errors.AsType[*journal.StoreError](err); unread {
			return nil, err
		}
		return nil, nil // nobody can compare them
	}
	refusal := &engine.Refusal{Code: engine.RefusedConflict, Run: run.ID, Inputs: run.Inputs}
	switch {
	case run.Workflow != o.Order.Program.Name:
		refusal.Workflow = run.Workflow
	case same:
		return nil, nil
	}
	return refusal, nil
}

// Cursor implements engine.Intaker.
func (r *Runner) Cursor(ctx context.Context, source string) (string, error) {
	cursor, err := r.Journal.Cursor(ctx, source)
	return cursor, outward("", err)
}

// Dealt implements engine.IntakeReader.
func (r *Runner) Dealt(ctx context.Context, desk, ticket string) (engine.Dealt, bool, error) {
	t, found, err := r.Journal.Ticket(ctx, desk, ticket)
	return engine.Dealt{Run: t.Run, Noted: t.Noted}, found, outward("", err)
}

// Answer implements engine.IntakeReader.
func (r *Runner) Answer(ctx context.Context, source, message string) (string, bool, error) {
	answer, found, err := r.Journal.Answer(ctx, source, message)
	return answer, found, outward("", err)
}
