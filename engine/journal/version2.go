package journal

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"errand/engine"
)

// textsToVersion2 turns the texts of version 1 into data, after version2.sql has made room for it.
func textsToVersion2(ctx context.Context, conn *sql.Conn) error {
	if err := entriesToVersion2(ctx, conn); err != nil {
		return err
	}
	if err := reasonsToVersion2(ctx, conn); err != nil {
		return err
	}
	_, err := conn.ExecContext(ctx, "ALTER TABLE runs DROP COLUMN reason")
	return err
}

// A storedEntry is an entry with its place in the database.
type storedEntry struct {
	run  int64
	seq  int
	text string
}

// entriesToVersion2 rewrites the entries of runs of version 1. An entry that cannot be decoded
// stays as it is, so that Load finds it. If Load would not notice, the whole run stays at version
// 1.
func entriesToVersion2(ctx context.Context, conn *sql.Conn) error {
	stored, err := entriesOfVersion1(ctx, conn)
	if err != nil {
		return err
	}
	kept := map[int64]bool{}
	var rewritten []storedEntry
	var u upgrader
	for i, s := range stored {
		if i == 0 || stored[i-1].run != s.run {
			u = upgrader{}
		}
		e, changed, err := u.upgrade(s.seq+1, s.text)
		if err != nil {
			if _, unnoticed := decode([]byte(s.text)); unnoticed == nil {
				kept[s.run] = true
			}
			continue
		}
		if !changed {
			continue
		}
		texts, err := encodeEntries([]Entry{e})
		if err != nil {
			return err
		}
		rewritten = append(rewritten, storedEntry{s.run, s.seq, texts[0]})
	}
	if err := rewrite(ctx, conn, kept, rewritten); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, `UPDATE runs SET version = 2 WHERE version = 1`); err != nil {
		return err
	}
	for run := range kept {
		if _, err := conn.ExecContext(ctx, `UPDATE runs SET version = 1 WHERE number = ?`, run); err != nil {
			return err
		}
	}
	return nil
}

// entriesOfVersion1 returns all entries of those runs of version 1 that have an entry of a kind
// that differs in version 2. Version 1 writes no space between the name and the value.
func entriesOfVersion1(ctx context.Context, conn *sql.Conn) (stored []storedEntry, err error) {
	rows, err := conn.QueryContext(ctx, `SELECT e.run, e.seq, e.data FROM entries e JOIN runs r ON r.number = e.run
		WHERE r.version = 1 AND e.run IN (SELECT run FROM entries WHERE instr(data, '"kind":"decided"') > 0
			OR instr(data, '"kind":"resumed"') > 0 OR instr(data, '"kind":"stopped"') > 0 OR instr(data, '"kind":"retried"') > 0)
		ORDER BY e.run, e.seq`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var s storedEntry
		if err := rows.Scan(&s.run, &s.seq, &s.text); err != nil {
			return nil, err
		}
		stored = append(stored, s)
	}
	return stored, rows.Err()
}

// rewrite stores the new texts of entries, except for those of runs that are kept as they are.
func rewrite(ctx context.Context, conn *sql.Conn, kept map[int64]bool, entries []storedEntry) error {
	update, err := conn.PrepareContext(ctx, `UPDATE entries SET data = ? WHERE run = ? AND seq = ?`)
	if err != nil {
		return err
	}
	for _, s := range entries {
		if kept[s.run] {
			continue
		}
		if _, err := update.ExecContext(ctx, s.text, s.run, s.seq); err != nil {
			return errors.Join(err, update.Close())
		}
	}
	return update.Close()
}

// reasonsToVersion2 turns the reasons why nobody works on a run, and its wake-up, into waits.
func reasonsToVersion2(ctx context.Context, conn *sql.Conn) error {
	waits, err := waitsOfVersion1(ctx, conn)
	if err != nil {
		return err
	}
	update, err := conn.PrepareContext(ctx, `UPDATE runs SET waits = ? WHERE number = ?`)
	if err != nil {
		return err
	}
	for _, w := range waits {
		encoded, err := encodeList([]engine.Wait{w.wait})
		if err == nil {
			_, err = update.ExecContext(ctx, encoded, w.run)
		}
		if err != nil {
			return errors.Join(err, update.Close())
		}
	}
	return update.Close()
}

// A storedWait is what a run waits for.
type storedWait struct {
	run  int64
	wait engine.Wait
}

// waitsOfVersion1 returns what the open runs wait for that nobody holds.
func waitsOfVersion1(ctx context.Context, conn *sql.Conn) (waits []storedWait, err error) {
	rows, err := conn.QueryContext(ctx, `SELECT number, reason, wake FROM runs
		WHERE ended IS NULL AND holder = '' AND (reason <> '' OR wake IS NOT NULL)`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var run int64
		var reason string
		var wake *int64
		if err := rows.Scan(&run, &reason, &wake); err != nil {
			return nil, err
		}
		w := engine.Wait{For: engine.WaitTime, Due: fromInstant(wake)}
		if reason != "" {
			w = waitOf(reason)
		}
		waits = append(waits, storedWait{run, w})
	}
	return waits, rows.Err()
}

// waitOf turns a reason of version 1 into a wait. Version 1 writes no other reasons than these. A
// run with another one waits for a process, because nothing but a process carries it on.
func waitOf(reason string) engine.Wait {
	if step, ok := between(reason, "step ", " waits for a decision"); ok {
		return engine.Wait{For: engine.WaitPerson, Step: step}
	}
	if step, ok := between(reason, "step ", " is uncertain"); ok {
		return engine.Wait{For: engine.WaitPerson, Step: step}
	}
	if why, ok := strings.CutPrefix(reason, quarantined); ok {
		return engine.Wait{For: engine.WaitTrouble, Reason: why}
	}
	return engine.Wait{For: engine.WaitProcess, Reason: reason}
}
