package journal

import (
	"errors"
	"strings"
	"testing"
	"time"

	"errand/engine"
)

// To count 100,000 ended runs must not read their rows.
func TestCountReadsAnIndex(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	rows, err := s.reader.query("EXPLAIN QUERY PLAN " + countEnded)
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
	if got := strings.Join(plan, "; "); got != "SCAN runs USING COVERING INDEX runs_ended" {
		t.Errorf("the plan is %q", plan)
	}
}

// Each transaction is observed once, with what it was about, whoever asks for it.
func TestTransactionsAreObserved(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var seen []Transaction
	s.Observe(func(tx Transaction) { seen = append(seen, tx) })
	at := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	create := Change{Run: "a", Create: &Run{ID: "a", Workflow: "w", Version: Version, Started: at}, State: State{Status: engine.Waiting}}
	for _, err := range []error{
		s.Commit(t.Context(), create),
		s.Cancel(t.Context(), "a", Message{At: at, Verdict: engine.VerdictFail}),
		s.Put(t.Context(), "a", Message{Step: "ok", At: at, Verdict: engine.VerdictApprove}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Commit(t.Context(), Change{Run: "b"}); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	if len(seen) != 4 {
		t.Fatalf("%d transactions were observed, expected 4", len(seen))
	}
	for i, tx := range seen {
		if tx.Err != nil || tx.Changes != 1 || tx.Took < 0 {
			t.Errorf("transaction %d is %+v", i, tx)
		}
	}
	if err := s.writer.exec(`CREATE TEMP TRIGGER no BEFORE INSERT ON main.runs BEGIN SELECT RAISE(ABORT, 'no'); END`); err != nil {
		t.Fatal(err)
	}
	create.Run, create.Create.ID = "c", "c"
	if err := s.Commit(t.Context(), create); err == nil {
		t.Fatal("the commit was made")
	}
	if len(seen) != 5 || seen[4].Err == nil || !strings.Contains(seen[4].Err.Error(), "no") {
		t.Errorf("a transaction that fails is observed as %+v", seen[4:])
	}
}
