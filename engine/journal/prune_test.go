package journal_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// late is when the runs of these tests are pruned.
var late = start.Add(1000 * time.Hour)

// endedRun returns the changes of a run with many entries that has ended.
func endedRun(id string) []journal.Change {
	first, last := begin(id), next(id, 1)
	first.Create.Requesters, first.Create.Owners = []string{"kim"}, []string{"token:desk"}
	for range 20 {
		last.Entries = append(last.Entries, journal.Entry{Kind: journal.Woke, At: start, Step: strings.Repeat("x", 60)})
	}
	last.State = journal.State{Status: engine.Succeeded, Ended: start, Result: []byte(`{"text":"` + strings.Repeat("r", 200) + `"}`)}
	return []journal.Change{first, last}
}

// pruneAll prunes all runs that have ended, and returns how many there were.
func pruneAll(t testing.TB, j journal.Pruner) (n int) {
	t.Helper()
	for {
		pruned, err := j.Prune(t.Context(), late, late)
		if err != nil {
			t.Fatal(err)
		}
		if len(pruned) == 0 {
			return n
		}
		for _, of := range pruned {
			n += of
		}
	}
}

// New runs use the pages of the runs that were pruned. SQLite's VACUUM shrinks the file, which is
// not noticed as another journal.
func TestPruningBoundsTheFile(t *testing.T) {
	home := t.TempDir()
	const rounds, runs, left = 4, 60, 600 // left is the most that a pruned run leaves, in bytes
	size := func() int64 {
		t.Helper()
		info, err := os.Stat(filepath.Join(home, "journal.db"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	var first int64
	for round := range rounds {
		j := open(t, home)
		for i := range runs {
			commit(t, j, endedRun(fmt.Sprintf("run%d-%d", round, i))...)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		full := size()
		if round == 0 {
			first = full
		}
		if grown := full - first; grown > int64(round*runs*left) || first < 5*runs*left {
			t.Errorf("after %d rounds the file has %d bytes; after the first it had %d", round, full, first)
		}
		j = open(t, home)
		if n := pruneAll(t, j); n != runs {
			t.Errorf("%d runs were pruned", n)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if size() > full {
			t.Errorf("pruning made the file grow from %d to %d bytes", full, size())
		}
	}
	database := raw(t, home)
	run(t, database, "VACUUM")
	if err := database.Close(); err != nil {
		t.Fatal(err)
	}
	if size() > rounds*runs*left+100_000 {
		t.Errorf("after VACUUM the file has %d bytes", size())
	}
	j := open(t, home)
	if is := standing(t, j); is != journal.Original {
		t.Errorf("after VACUUM it is %q", is)
	}
	if err := j.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if listed, err := j.List(t.Context(), journal.Query{Pruned: true}); err != nil || len(listed) != rounds*runs {
		t.Errorf("%d runs are listed, %v", len(listed), err)
	}
}

// What a run was asked for is not in the file any more. It is found in every row and page that is in
// use; the pages that are free wait for new runs.
func TestWhatIsPrunedIsDeleted(t *testing.T) {
	home := t.TempDir()
	j := open(t, home)
	changes := endedRun("one")
	changes[0].Create.Inputs = []byte(`{"who":"a person's name"}`)
	changes[1].Entries[0].Step = "a person's name"
	changes[1].State.Result = []byte(`{"who":"a person's name"}`)
	commit(t, j, changes[0])
	if err := j.Put(t.Context(), "one", journal.Message{Step: "ok", Round: 1, At: start, Comment: "a person's name"}); err != nil {
		t.Fatal(err)
	}
	commit(t, j, changes[1])
	holds := func() bool {
		t.Helper()
		copied, err := j.Backup(t.Context(), t.TempDir()) // a copy has no free pages
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(copied)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(data), "a person's name")
	}
	if !holds() {
		t.Error("the file does not have what is on record")
	}
	pruneAll(t, j)
	if holds() {
		t.Error("the file still has it")
	}
}

// The runs that can be pruned are found by an index that has no pruned ones: a home may have many.
func TestPruningReadsAnIndex(t *testing.T) {
	home := t.TempDir()
	commit(t, open(t, home), begin("one"))
	rows, err := raw(t, home).Query(`EXPLAIN QUERY PLAN SELECT number FROM runs WHERE `+journal.Prunable+` ORDER BY ended, number LIMIT 1`, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(plan, "; "); got != "SEARCH runs USING INDEX runs_kept (ended>? AND ended<?)" {
		t.Errorf("the plan is %s", got)
	}
}

// A run that was changed on the disk, or that has lost its definition, can be pruned, and then does
// not look damaged.
func TestADamagedRunIsPruned(t *testing.T) {
	home := t.TempDir()
	j := open(t, home)
	commit(t, j, endedRun("one")...)
	commit(t, j, endedRun("two")...)
	database := raw(t, home)
	run(t, database, `UPDATE runs SET inputs = '{}' WHERE id = 'one'`)
	run(t, database, `UPDATE runs SET waits = '{', requesters = '[1' WHERE id = 'two'`)
	run(t, database, `UPDATE entries SET data = '{' WHERE seq = 1`)
	run(t, database, `DELETE FROM definitions`)
	for _, id := range []string{"one", "two"} {
		_, _, err := j.Load(t.Context(), id)
		if _, damaged := errors.AsType[*journal.DamageError](err); !damaged {
			t.Errorf("%s: %v", id, err)
		}
	}
	pruneAll(t, j)
	for _, id := range []string{"one", "two"} {
		_, _, err := j.Load(t.Context(), id)
		if _, pruned := errors.AsType[*journal.PrunedError](err); !pruned {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// Runs that one process retries while another one prunes either go on or are pruned.
func TestARetryAndAPruneAtOnce(t *testing.T) {
	home := t.TempDir()
	one, two := open(t, home), open(t, home)
	const runs = 150
	for i := range runs {
		commit(t, one, endedRun(strconv.Itoa(i))...)
	}
	retried := make([]error, runs)
	var pruned int
	var wg sync.WaitGroup
	wg.Go(func() { pruned = pruneAll(t, two) })
	for i := range runs {
		wg.Go(func() {
			c := next(strconv.Itoa(i), 22)
			c.Entries[0].Kind = journal.Retried
			retried[i] = one.Commit(context.Background(), c)
		})
	}
	wg.Wait()
	went := 0
	for i, err := range retried {
		r, entries, loaded := one.Load(t.Context(), strconv.Itoa(i))
		_, isPruned := errors.AsType[*journal.PrunedError](loaded)
		switch {
		case err == nil && loaded == nil && len(entries) == 23 && r.Ended.IsZero():
			went++
		case errors.Is(err, journal.ErrMoved) && isPruned:
		default:
			t.Errorf("run %d: the retry returned %v; it has %d entries, %v", i, err, len(entries), loaded)
		}
	}
	if went+pruned != runs {
		t.Errorf("%d runs go on and %d were pruned", went, pruned)
	}
}

// playPrune creates runs that have ended and prunes them, until it is killed. It prints how many runs
// it has pruned.
func playPrune(home string) error {
	j, err := journal.OpenWithPatience(context.Background(), home, 5*time.Second)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		for _, c := range endedRun(fmt.Sprintf("%d-%d", os.Getpid(), i)) {
			if err := j.Commit(context.Background(), c); err != nil {
				return err
			}
		}
		if i%20 != 19 {
			continue
		}
		pruned, err := j.Prune(context.Background(), late, late)
		if err != nil {
			return err
		}
		fmt.Println(pruned["start-instance"])
	}
}

func TestAKillLeavesEachRunWholeOrPruned(t *testing.T) {
	home := t.TempDir()
	said := 0
	for round := range 4 {
		other := playing(t, "prune", home)
		for range 2 + round {
			n, err := strconv.Atoi(other.line())
			if err != nil {
				t.Fatal(err)
			}
			said += n
		}
		other.kill()
		j := open(t, home)
		runs, err := j.List(t.Context(), journal.Query{Pruned: true})
		if err != nil {
			t.Fatal(err)
		}
		pruned := 0
		for _, r := range runs {
			_, entries, err := j.Load(t.Context(), r.ID)
			_, isPruned := errors.AsType[*journal.PrunedError](err)
			messages, _ := j.Messages(t.Context(), r.ID)
			switch {
			case isPruned && len(r.Inputs) == 0 && len(r.InputsDigest) == 32 && len(messages) == 0:
				pruned++
			case err == nil && len(r.Inputs) > 0 && len(entries) == r.Next && (r.Ended.IsZero() || r.Next == 22):
			default:
				t.Errorf("run %s has %d entries, %v", r.ID, len(entries), err)
			}
		}
		if pruned < said {
			t.Errorf("%d runs are pruned, and the process said %d", pruned, said)
		}
		var orphans int
		if err := raw(t, home).QueryRow(`SELECT count(*) FROM entries JOIN runs ON number = run WHERE pruned IS NOT NULL`).Scan(&orphans); err != nil || orphans > 0 {
			t.Errorf("pruned runs have %d entries, %v", orphans, err)
		}
		if err := errors.Join(j.Check(t.Context()), j.Close()); err != nil {
			t.Error(err)
		}
	}
}
