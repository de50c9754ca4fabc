package journal

import "context"

// Put implements Inbox.
func (m *Memory) Put(ctx context.Context, run string, message Message) error {
	if err := ctx.Err(); err != nil {
		return &StoreError{Doing: "put", Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.runs[run]
	switch {
	case r == nil:
		return ErrNotFound
	case !r.run.Ended.IsZero():
		return ErrMoved
	}
	if before := r.receive(message); before != nil {
		return &AnsweredError{Message: *before}
	}
	r.run.Changed = storable(message.At)
	if r.run.Holder == "" && !r.run.Isolated() {
		r.run.State = taken(message.At)
		m.due.put(r)
	}
	return nil
}

// receive adds a message to the inbox, or returns the one that is there already.
func (r *record) receive(message Message) *Message {
	message.At = storable(message.At)
	message.By = message.By.Recorded()
	for _, before := range r.inbox {
		if before.Step == message.Step && before.Round == message.Round {
			return &before
		}
	}
	r.inbox = append(r.inbox, message)
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
