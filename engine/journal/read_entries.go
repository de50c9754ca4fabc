package journal

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Load implements Reader.
func (s *SQLite) Load(ctx context.Context, run string) (Run, []Entry, error) {
	return s.LoadAfter(ctx, run, 0)
}

// LoadAfter implements Reader.
func (s *SQLite) LoadAfter(ctx context.Context, run string, known int) (Run, []Entry, error) {
	if err := s.here(ctx); err != nil {
		return Run{}, nil, failure("load", err)
	}
	found, err := s.reader.run(run)
	switch {
	case errors.Is(err, ErrNotFound):
		return Run{}, nil, ErrNotFound
	case err != nil:
		return Run{}, nil, failure("load", err)
	}
	r, damage := found.run, found.damage
	if !r.Pruned.IsZero() {
		return r, nil, &PrunedError{Run: r}
	}
	if err := r.damage(); err != nil {
		return r, nil, err
	}
	var entries []Entry
	if damage == "" && found.chain != nil && !bytes.Equal(found.chain, chainOf(&r)) {
		damage = "its inputs, or what else it was asked for, are not as they were recorded"
	}
	if damage == "" && (known < r.Next || known == 0) {
		entries, damage, err = s.reader.entries(found, known, r.Next)
	}
	if errors.Is(err, ErrFolded) {
		return r, nil, ErrFolded
	}
	if err != nil {
		return r, nil, failure("load", err)
	}
	if damage != "" {
		return r, nil, &DamageError{Run: run, Reason: damage}
	}
	return r, entries, nil
}

// entries reads the first count entries of a run, without those that are known. Entries never
// change, so it does not matter if others were appended after the run's row was read. damage says
// what is wrong with the entries, if the store itself is well.
func (r *reader) entries(of row, known, count int) (entries []Entry, damage string, err error) {
	hash, err := r.hashAt(of, known)
	if err != nil {
		return nil, "", err
	}
	rows, err := r.query(`SELECT seq, data, chain FROM entries WHERE run = ? AND seq >= ? AND seq < ? ORDER BY seq`, of.number, known, count)
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	entries = make([]Entry, 0, min(max(count-known, 0), 100))
	last := known // the number of the last entry that was read
	for rows.Next() {
		var seq int
		var data, chain sql.RawBytes
		if err := rows.Scan(&seq, &data, &chain); err != nil {
			return nil, "", err
		}
		e, err := decodeStored(data)
		if err == nil {
			entries, err = unfold(entries, e, &last, known)
		}
		switch {
		case errors.Is(err, ErrFolded):
			return nil, "", err
		case err != nil:
			return nil, undecodable(seq, err), nil
		case last != seq+1:
			return nil, fmt.Sprintf("entry %d of %d is missing", seq-1, count), nil
		}
		if hash != nil {
			next, ok := follows(hash, chain, data)
			if !ok {
				return nil, fmt.Sprintf("entry %d is not as it was recorded", seq), nil
			}
			hash = append(hash[:0:0], next...)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, "", err
	}
	if last != count {
		return nil, fmt.Sprintf("entry %d of %d is missing", last, count), nil
	}
	return entries, "", nil
}

// hashAt returns the hash that the entry after the known ones builds on, or nil if there is none.
func (r *reader) hashAt(of row, known int) ([]byte, error) {
	if of.chain == nil || known == 0 {
		return of.chain, nil
	}
	rows, err := r.query(`SELECT chain FROM entries WHERE run = ? AND seq = ?`, of.number, known-1)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var chain []byte
	if rows.Next() { // otherwise it was folded with later ones
		if err := rows.Scan(&chain); err != nil {
			return nil, err
		}
	}
	return lastHash(chain), rows.Err()
}
