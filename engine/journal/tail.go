package journal

// A tail is where the next entry of a run is appended.
type tail struct {
	run   int64
	next  int    // the number of the next entry, or unknownNext
	key   string // the run's concurrency key
	chain []byte // what is stored as the chain of the last entry, or of the run if it has no entries; nil if the run has no chain
}

// unknownNext is the next of a tail of which only the run and its key are known.
const unknownNext = -1

// tail returns the tail of a run whose next entry gets a number. The writer remembers the tails of
// runs that somebody holds, because to read one takes as long as to append an entry. A remembered
// tail is right if its number is: numbers only grow, and a fold does not change the hash that the
// next entry builds on.
func (w *writer) tail(run string, next int) (tail, error) {
	if t, ok := w.tails[run]; ok && t.next == next {
		return t, nil
	}
	t := tail{next: next}
	_, err := w.row(`SELECT number, concurrency, CASE ?1 WHEN 0 THEN chain ELSE (SELECT chain FROM entries WHERE run = number AND seq = ?1 - 1) END
		FROM runs WHERE id = ?2`, []any{next, run}, &t.run, &t.key, &t.chain)
	return t, err
}

// append adds entries to those of a run, and to its chain.
func (w *writer) append(c *Change, entries []string) error {
	if len(entries) == 0 {
		return nil
	}
	t, err := w.tail(c.Run, c.Next)
	if err != nil {
		return err
	}
	for _, data := range entries {
		if t.chain != nil {
			t.chain = chained(lastHash(t.chain), data)
		}
		if err := w.exec(`INSERT INTO entries (run, seq, data, chain) VALUES (?, ?, ?, ?)`, t.run, t.next, data, t.chain); err != nil {
			return err
		}
		t.next++
	}
	w.tails[c.Run] = t
	return nil
}
