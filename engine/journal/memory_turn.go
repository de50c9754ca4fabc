package journal

import "slices"

// firstTurn returns the run of a key that has the turn, or nil if there is none.
func (m *Memory) firstTurn(key string) *record {
	if queue := m.turns[key]; len(queue) > 0 {
		return queue[0]
	}
	return nil
}

// lacksTurn reports whether a change of a run with a key is refused because another run has the
// turn. r is nil if the change creates the run.
func (m *Memory) lacksTurn(c *Change, r *record) bool {
	if c.Create != nil {
		return c.Create.Key != "" && c.needsTurn() && m.firstTurn(c.Create.Key) != nil
	}
	return c.needsTurn() && r.run.Key != "" && !r.run.Cancel && m.firstTurn(r.run.Key) != r
}

// turn does what a change of a run with a key, which was made otherwise, means for the turns of the
// key.
func (m *Memory) turn(c *Change, r *record) {
	key := r.run.Key
	if key == "" || !c.concernsTurn() {
		return
	}
	at := slices.Index(m.turns[key], r)
	switch {
	case c.ends() && at >= 0:
		m.passTurn(c, key, at)
	case c.ends():
	case at < 0:
		m.turns[key] = append(m.turns[key], r)
		fallthrough
	default:
		if m.firstTurn(key) != r && c.Holder == "" && !r.run.Cancel {
			r.run.State = waitForTurn(r.run.State, c.turnAt())
		}
	}
}

// passTurn takes a run that has ended, the one at an index, out of the queue of its key. The next
// run gets the turn.
func (m *Memory) passTurn(c *Change, key string, at int) {
	m.turns[key] = slices.Delete(slices.Clone(m.turns[key]), at, at+1)
	next := m.firstTurn(key)
	if next == nil {
		delete(m.turns, key)
		return
	}
	if next.run.Holder == "" && next.run.WaitsForTurn() {
		next.run.State, next.run.Changed = getTurn(next.run.State, c.turnAt()), c.turnAt()
		m.due.put(next)
	}
}

// read returns the run of a record, with the run that has the turn.
func (m *Memory) read(r *record) Run {
	run := r.run
	if run.Key != "" && run.Ended.IsZero() {
		if first := m.firstTurn(run.Key); first != nil {
			run.Turn = first.run.ID
		}
	}
	return run
}
