package journal

import (
	"context"
	"maps"
)

// Take implements Intake. It looks at everything before it changes anything.
func (m *Memory) Take(ctx context.Context, t Taking) error {
	_, err := t.encode()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return &StoreError{Doing: "take", Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range t.Tickets {
		if err := m.refusesTicket(&t.Tickets[i]); err != nil {
			return err
		}
	}
	if a := t.Message; a != nil {
		if before, answered := m.answers[[2]string{t.Source, a.ID}]; answered && !storable(before.At).Before(storable(a.Forget)) {
			return &TakenError{ID: a.ID}
		}
		maps.DeleteFunc(m.answers, func(_ [2]string, before Answered) bool { return before.At.Before(storable(a.Forget)) })
		kept := *a
		kept.At = storable(a.At)
		m.answers[[2]string{t.Source, a.ID}] = kept
	}
	for _, ticket := range t.Tickets {
		if ticket.Create != nil {
			if err := m.change(*ticket.Create); err != nil {
				return err
			}
		}
		ticket.At, ticket.Create = storable(ticket.At), nil
		m.tickets[[2]string{ticket.Desk, ticket.ID}] = ticket
	}
	if t.Cursor != "" {
		m.cursors[t.Source] = t.Cursor
	}
	return nil
}

// refusesTicket returns why a ticket cannot be taken, or nil.
func (m *Memory) refusesTicket(t *Ticket) error {
	if before, taken := m.tickets[[2]string{t.Desk, t.ID}]; taken && !t.follows(before.Noted) {
		return &TakenError{ID: t.ID}
	}
	if t.Create == nil {
		return nil
	}
	return m.refusesCreate(t.Create)
}

// Cursor implements Intake.
func (m *Memory) Cursor(ctx context.Context, source string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", &StoreError{Doing: "read cursor", Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cursors[source], nil
}

// Ticket implements Intake.
func (m *Memory) Ticket(ctx context.Context, desk, id string) (Ticket, bool, error) {
	if err := ctx.Err(); err != nil {
		return Ticket{}, false, &StoreError{Doing: "read ticket", Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	t, found := m.tickets[[2]string{desk, id}]
	return t, found, nil
}

// Answer implements Intake.
func (m *Memory) Answer(ctx context.Context, source, id string) (string, bool, error) {
	if err := ctx.Err(); err != nil {
		return "", false, &StoreError{Doing: "read answer", Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	a, found := m.answers[[2]string{source, id}]
	return a.Answer, found, nil
}
