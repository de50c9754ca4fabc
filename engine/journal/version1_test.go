package journal_test

import (
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// An oldRun is a run in a database of version 1, and what becomes of it.
type oldRun struct {
	id             string
	version        int // 0 means 1
	status, reason string
	wake, ended    any    // seconds since 1970, nil for none
	holder         string // the session
	entries        []string

	upgraded []string // the entries afterwards; nil: they do not change
	waits    []engine.Wait
	damage   string // why Load cannot read the run
	stays    int    // the version that the run keeps; 0: it becomes 2
}

const (
	woke        = `{"kind":"woke","at":"2026-01-05T09:00:00Z","step":"wait"}`
	half        = `{"kind":"stopped","at":"2026-01-05T09:00`
	odd         = `{"kind":"decided","at":"2026-01-05T09:00:00Z","step":"ok","word":7,"by":{"name":"Kim"}}`
	stopped     = `{"kind":"stopped","at":"2026-01-05T09:00:00Z","by":"process 1"}`
	newStop     = `{"kind":"stopped","at":"2026-01-05T09:00:00Z","process":"process 1"}`
	sameStop    = `{"kind":"stopped","at":"2026-01-05T09:00:00Z"}`
	quarantined = "quarantined, since it cannot be replayed: "
)

func retried(keep, by string) string {
	return `{"kind":"retried","at":"2026-01-05T09:00:00Z","step":"close","by":` + by + keep + `}`
}

// oldRuns returns a run for each text that version 1 writes.
func oldRuns() []oldRun {
	runs := []oldRun{
		{id: "decision", status: "waiting", reason: "step ok waits for a decision", entries: []string{woke}, waits: []engine.Wait{{For: engine.WaitPerson, Step: "ok"}}},
		{
			id: "decision within", status: "waiting", reason: "step each[1].ok waits for a decision", wake: 1_800_000_000,
			waits: []engine.Wait{{For: engine.WaitPerson, Step: "each[1].ok"}},
		},
		{id: "uncertain", status: "uncertain", reason: "step restart is uncertain", waits: []engine.Wait{{For: engine.WaitPerson, Step: "restart"}}},
		{
			id: "stopped", status: "waiting", reason: "stopped by process 1", entries: []string{woke, stopped}, upgraded: []string{woke, newStop},
			waits: []engine.Wait{{For: engine.WaitProcess, Reason: "stopped by process 1"}},
		},
		{
			id: "quarantined", status: "waiting", reason: quarantined + "entry 1: no", entries: []string{stopped, half, stopped}, upgraded: []string{newStop, half, newStop},
			waits: []engine.Wait{{For: engine.WaitTrouble, Reason: "entry 1: no"}}, damage: "entry 1: unexpected end of JSON input",
		},
		{id: "parked", status: "waiting", wake: 1_800_000_000, entries: []string{woke}, waits: []engine.Wait{{For: engine.WaitTime, Due: time.Unix(1_800_000_000, 0).UTC()}}},
		{id: "held", status: "waiting", wake: 1_700_000_000, holder: "abcdefghijklmnop", entries: []string{stopped}, upgraded: []string{newStop}},
		{id: "ended", status: "succeeded", ended: 1_700_000_000, entries: []string{woke}},
		{id: "unknown", status: "waiting", reason: "the moon is full", waits: []engine.Wait{{For: engine.WaitProcess, Reason: "the moon is full"}}},
		{
			id: "retried", status: "failed", ended: 1_700_000_000,
			entries: []string{woke, stopped, woke, retried(`,"keep":2`, `"Kim"`), woke, retried(`,"keep":4`, `"Kim"`), stopped, retried(`,"keep":3,"digest":"d1"`, `"Ann"`)},
			upgraded: []string{
				woke, newStop, woke, retried(`,"keep":[{"first":1,"last":2}]`, `{"name":"Kim"}`), woke,
				retried(`,"keep":[{"first":1,"last":2},{"first":4,"last":5}]`, `{"name":"Kim"}`), newStop,
				retried(`,"keep":[{"first":1,"last":2},{"first":4,"last":4}],"digest":"d1"`, `{"name":"Ann"}`),
			},
		},
		{
			id: "odd", status: "waiting", entries: []string{stopped, odd}, stays: 1,
			damage: "it has version 1, and this program knows version 2",
		},
		{
			id: "newer", version: 9, status: "waiting", entries: []string{sameStop, stopped}, stays: 9,
			damage: "it has version 9, and this program knows version 2",
		},
	}
	texts := oldRun{id: "texts", status: "failed", ended: 1_700_000_000}
	for _, text := range oldTexts {
		texts.entries = append(texts.entries, "{"+text.old+"}")
		texts.upgraded = append(texts.upgraded, "{"+text.upgraded+"}")
	}
	return append(runs, texts)
}

// version1 writes a journal of version 1 into a folder, as the program of that time did.
func version1(t *testing.T, home string, runs []oldRun) {
	t.Helper()
	database := raw(t, home)
	run(t, database, "PRAGMA journal_mode = wal")
	run(t, database, journal.Version1)
	run(t, database, "PRAGMA user_version = 1")
	run(t, database, "INSERT INTO definitions (number, digest, source) VALUES (1, 'd1', x'61')")
	for i, r := range runs {
		run(t, database, `INSERT INTO runs (number, id, version, workflow, request, requester, inputs, started, definition, file, status, wake, ended, result,
			reason, next, holder, cancel) VALUES (?, ?, ?, 'start', ?, 'amira', '{}', 1700000000000000000, 1, 'start.yaml', ?, ? * 1000000000, ? * 1000000000, NULL, ?, ?, ?, 0)`,
			i+1, r.id, max(r.version, 1), "100-"+r.id, r.status, r.wake, r.ended, r.reason, len(r.entries), r.holder)
		for seq, text := range r.entries {
			run(t, database, "INSERT INTO entries (run, seq, data) VALUES (?, ?, ?)", i+1, seq, text)
		}
	}
	if err := database.Close(); err != nil {
		t.Fatal(err)
	}
}

// after returns the entries after the migration.
func (c oldRun) after() []string {
	if c.upgraded == nil {
		return c.entries
	}
	return c.upgraded
}
