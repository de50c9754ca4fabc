package journal

import "context"

// Put implements Inbox.
func (m *Memory) Put(ctx context.Context, run string, message Message) error {
	if err := ctx.Err(); err != nil {
		return &StoreError{Doing: "put", Err: err}
	}
	message.At = storable(message.At)
	message.By.Groups = nil
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.runs[run]
	switch {
	case r == nil:
		return ErrNotFound
	case !r.run.Ended.IsZero():
		return ErrMoved
	}
	for _, before := range r.inbox {
		if before.Step == message.Step && before.Round == message.Round {
			return &AnsweredError{Message: before}
		}
	}
	r.inbox = append(r.inbox, message)
	if r.run.Holder == "" && !r.run.Isolated() {
		r.run.State = taken(message.At)
		m.due.put(r)
	}
	return nil
}

// Messages implements Inbox.
func (m *Memory) Messages(ctx context.Context, run string) ([]Message, error) {
	if err := ctx.Err(); err != nil {
		return nil, &StoreError{Doing: "read inbox", Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.runs[run]
	if r == nil {
		return nil, ErrNotFound
	}
	return append([]Message(nil), r.inbox...), nil
}
