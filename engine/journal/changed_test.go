package journal_test

import (
	"errors"
	"strings"
	"testing"

	"errand/engine/journal"
)

// Whatever is changed of what a run was asked for and of its entries is found when the run is read.
// Other runs, and those of older programs, are not affected.
func TestAChangedRecordIsFound(t *testing.T) {
	for _, c := range []struct{ statement, reason string }{
		{`UPDATE runs SET inputs = replace(inputs, 'i-0abc', 'i-0abd') WHERE id = 'a'`, "its inputs"},
		{`UPDATE runs SET request = '100-b' WHERE id = 'a'`, "its inputs"},
		{`UPDATE runs SET workflow = 'stop-instance' WHERE id = 'a'`, "its inputs"},
		{`UPDATE runs SET url = 'https://errand.example.com/runs/a' WHERE id = 'a'`, "its inputs"},
		{`UPDATE runs SET started = started + 1 WHERE id = 'a'`, "its inputs"},
		{`UPDATE entries SET data = replace(data, '2026', '2025') WHERE run = 1 AND seq = 1`, "entry 1 "},
		{`UPDATE entries SET data = (SELECT data FROM entries WHERE run = 1 AND seq = 0) WHERE run = 1 AND seq = 2`, "entry 2 "},
		{`UPDATE entries SET run = CASE run WHEN 1 THEN 2 ELSE 1 END WHERE seq = 2`, "entry 2 "},
		{`UPDATE entries SET chain = NULL WHERE run = 1 AND seq = 0`, "entry 0 "},
		{`UPDATE entries SET chain = x'00' WHERE run = 1 AND seq = 2`, "entry 2 "},
		{`DELETE FROM entries WHERE run = 1 AND seq = 2`, "entry 2 of 3 is missing"},
	} {
		t.Run(c.statement, func(t *testing.T) {
			home := t.TempDir()
			j := open(t, home)
			commit(t, j, begin("a"), next("a", 1), begin("b"), next("b", 1), next("a", 2), next("b", 2), begin("c"))
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			database := raw(t, home)
			if strings.Contains(c.statement, "SET run =") {
				run(t, database, `DROP INDEX entries_run`)
			}
			run(t, database, c.statement)
			if err := database.Close(); err != nil {
				t.Fatal(err)
			}
			j = open(t, home)
			_, _, err := j.Load(t.Context(), "a")
			if damage, ok := errors.AsType[*journal.DamageError](err); !ok || !strings.HasPrefix(damage.Reason, c.reason) {
				t.Errorf("the error is %v", err)
			}
			if _, entries, err := j.Load(t.Context(), "c"); err != nil || len(entries) != 1 {
				t.Errorf("another run has %v, %v", entries, err)
			}
		})
	}
}

// The runs of older programs have no chain. They go on, and are read.
func TestARunWithoutAChain(t *testing.T) {
	home := t.TempDir()
	work(t, home, "a")
	change(t, home, `UPDATE runs SET chain = NULL`)
	change(t, home, `UPDATE entries SET chain = NULL`)
	j := open(t, home)
	commit(t, j, next("a", 1), next("a", 2))
	if _, entries, err := j.Load(t.Context(), "a"); err != nil || len(entries) != 3 {
		t.Errorf("it has %v, %v", entries, err)
	}
}
