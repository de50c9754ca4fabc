package journal

import (
	"context"
	"encoding/json"
	"time"

	"errand/engine"
)

// prunable is the SQL condition that a run can be pruned. Its argument is the time before which the
// run ended. The index runs_kept has these runs.
const prunable = `ended IS NOT NULL AND pruned IS NULL AND ended < ? AND holder = ''`

// Prune implements Pruner.
func (s *SQLite) Prune(ctx context.Context, endedBefore, at time.Time) (pruned map[string]int, err error) {
	err = s.submit(ctx, "prune", func(w *writer) (failed error) {
		pruned, failed = w.prune(instant(endedBefore), instant(at))
		return failed
	})
	if err != nil { // nothing was pruned
		return nil, err
	}
	return pruned, nil
}

// prune prunes runs inside a transaction.
func (w *writer) prune(endedBefore, at any) (pruned map[string]int, err error) {
	entries := 0
	for n := 0; n < mostPruned && entries < mostPrunedEntries; n++ {
		var number int64
		var id, workflow string
		var inputs json.RawMessage
		var next int
		found, err := w.row(`SELECT number, id, workflow, inputs, next FROM runs WHERE `+prunable+` ORDER BY ended, number LIMIT 1`,
			[]any{endedBefore}, &number, &id, &workflow, (*[]byte)(&inputs), &next)
		if err != nil || !found {
			return pruned, err
		}
		if n > 0 && entries+next > mostPrunedEntries {
			return pruned, nil
		}
		if err := w.pruneRun(number, engine.InputsDigest(inputs), at); err != nil {
			return nil, err
		}
		delete(w.tails, id)
		entries += next
		if pruned == nil {
			pruned = map[string]int{}
		}
		pruned[workflow]++
	}
	return pruned, nil
}

// pruneRun deletes what is on record of a run.
func (w *writer) pruneRun(number int64, inputs []byte, at any) error {
	if err := w.exec(`DELETE FROM entries WHERE run = ?`, number); err != nil {
		return err
	}
	if err := w.exec(`DELETE FROM inbox WHERE run = ?`, number); err != nil {
		return err
	}
	return w.exec(`UPDATE runs SET requesters = NULL, inputs = NULL, wake = NULL, result = NULL, waits = NULL, next = 0, cancel = 0,
		concurrency = '', url = '', chain = NULL, changed = ?1, pruned = ?1, inputs_digest = ?2 WHERE number = ?3`, at, inputs, number)
}

// Prunable implements Pruner.
func (s *SQLite) Prunable(ctx context.Context, endedBefore time.Time) (map[string]int, error) {
	const doing = "look for runs to prune"
	if err := s.here(ctx); err != nil {
		return nil, failure(doing, err)
	}
	rows, err := s.reader.query(`SELECT workflow, count(*) FROM runs WHERE `+prunable+` GROUP BY workflow`, instant(endedBefore))
	if err != nil {
		return nil, failure(doing, err)
	}
	defer func() { _ = rows.Close() }()
	var found map[string]int
	for rows.Next() {
		var workflow string
		var n int
		if err := rows.Scan(&workflow, &n); err != nil {
			return nil, failure(doing, err)
		}
		if found == nil {
			found = map[string]int{}
		}
		found[workflow] = n
	}
	if err := rows.Err(); err != nil {
		return nil, failure(doing, err)
	}
	return found, nil
}
