package journal

import "errors"

// firstTurn returns the run of a key that has the turn, or 0 if there is none.
func (w *writer) firstTurn(key string) (run int64, err error) {
	_, err = w.row(`SELECT run FROM turns WHERE key = ? ORDER BY position LIMIT 1`, []any{key}, &run)
	return run, err
}

// mayCreate refuses a new run that needs the turn that another run has.
func (w *writer) mayCreate(c *Change) error {
	if c.Create.Key == "" || !c.needsTurn() {
		return nil
	}
	first, err := w.firstTurn(c.Create.Key)
	if err == nil && first != 0 {
		return ErrTurn
	}
	return err
}

// turn does what a change of a run with a key, which was made otherwise, means for the turns of the
// key. The tail of the run is remembered, so a run without a key costs nothing.
func (w *writer) turn(c *Change) error {
	t := w.tails[c.Run]
	switch {
	case t.key == "" || !c.concernsTurn():
		return nil
	case c.ends():
		return w.passTurn(c, t)
	}
	if err := w.exec(`INSERT INTO turns (key, run) VALUES (?, ?) ON CONFLICT (run) DO NOTHING`, t.key, t.run); err != nil {
		return err
	}
	first, err := w.firstTurn(t.key)
	if err != nil || first == t.run || c.Holder != "" {
		return err
	}
	state := waitForTurn(c.State, c.turnAt())
	waits, err := encodeList(state.Waits)
	if err != nil {
		return err
	}
	return w.exec(`UPDATE runs SET status = ?, wake = ?, waits = ? WHERE number = ? AND NOT cancel`,
		string(state.Status), instant(state.Wake), text(waits), t.run)
}

// passTurn takes a run that has ended out of the queue of its key. The next run gets the turn.
func (w *writer) passTurn(c *Change, t tail) error {
	left, err := w.execCount(`DELETE FROM turns WHERE run = ?`, t.run)
	if err != nil || left == 0 {
		return err
	}
	next, err := w.firstTurn(t.key)
	if err != nil || next == 0 {
		return err
	}
	var state State
	var stored []byte
	var wake *int64
	found, err := w.row(`SELECT status, wake, waits FROM runs WHERE number = ? AND holder = ''`, []any{next}, (*string)(&state.Status), &wake, &stored)
	if err != nil || !found {
		return err
	}
	state.Wake = fromInstant(wake) // a run that is to be cancelled is due already
	at := c.turnAt()
	if state.Waits, err = decodeWaits(stored); err != nil { // the process that takes the run up finds the damage
		state = taken(at)
	} else if !waitsForTurn(state.Waits) {
		return nil // it waits for adoption, or ends because it is cancelled
	} else {
		state = getTurn(state, at)
	}
	waits, err := encodeList(state.Waits)
	return errors.Join(err, w.exec(`UPDATE runs SET status = ?, wake = ?, waits = ?, changed = ? WHERE number = ?`,
		string(state.Status), instant(state.Wake), text(waits), instant(at), next))
}
