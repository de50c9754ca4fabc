package temporal

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/hosttest"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/runnertest"
)

// Every state of the runs of a runner's contract is read from a Record as from the journal.
func TestARecordIsReadAsAJournal(t *testing.T) {
	c := newCounts(1)
	runnertest.Run(t, compared(c))
	t.Logf("%+v", c)
	for _, s := range []engine.Status{engine.Running, engine.Waiting, engine.Uncertain, engine.Succeeded, engine.Failed, engine.Cancelled} {
		if c.statuses[s] < 10 {
			t.Errorf("only %d states of runs that are %s", c.statuses[s], s)
		}
	}
	for _, w := range []engine.WaitFor{engine.WaitTime, engine.WaitRetry, engine.WaitPoll, engine.WaitEvidence, engine.WaitPerson, engine.WaitTurn, engine.WaitProcess, engine.WaitTrouble} {
		if c.waits[w] == 0 {
			t.Errorf("no run waits for %s", w)
		}
	}
	if c.states < 1000 || c.questions < 100 || c.refusals < 1000 || c.turns == 0 || c.retries < 50 || c.rounds == 0 || c.branches == 0 {
		t.Errorf("too little was compared: %+v", c)
	}
}

// Random definitions over the whole language fail and are retried up to three times.
func TestRecordsOfGeneratedRuns(t *testing.T) {
	c := newCounts(3)
	runnertest.RunGenerated(t, compared(c))
	t.Logf("%+v", c)
	if c.states < 200 || c.retries < 20 || c.branches == 0 {
		t.Errorf("too little was compared: %+v", c)
	}
}

// What calls sent has the characters that JSON in a web page must not have, and most of the looks are
// folded.
func TestARecordOfFoldedLooks(t *testing.T) {
	c := newCounts(1)
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, compared(c), `
workflow: case
steps:
  - {id: before, task: stub.evident, with: {text: "a <b> & 'c' \u2028 ${{ 1 > 0 }}"}}
  - {id: poll, task: stub.reads, until: "result.calls >= 300", every: 10s}
  - {id: after, task: stub.keyed, with: {text: "${{ steps.before.text }}"}}
`)
		v, err := b.Start(t.Context(), b.order, engine.Following{})
		if err != nil || v.Status != engine.Succeeded {
			t.Fatal(v.Status, v.Failure, err)
		}
	})
	if c.folds == 0 {
		t.Error("no looks were folded")
	}
}

// A begun is a runner, and an order for it.
type begun struct {
	engine.Runner
	order    engine.Order
	runners  runnertest.Runners
	programs local.Programs
}

func begin(t *testing.T, runners func(runnertest.Setup) runnertest.Runners, source string) *begun {
	t.Helper()
	registry := hosttest.Registry(func() {})
	p, problems := program.Load("case.yaml", []byte(source), registry)
	if diag.HasErrors(problems) {
		t.Fatal(problems)
	}
	made := runners(runnertest.Setup{T: t, Registry: registry})
	return &begun{
		Runner: made.Open("a process"), runners: made,
		order: engine.Order{Run: "testrun000000000", Request: "100-291", StartedBy: "Dana", Inputs: map[string]any{}, Program: p},
	}
}

// A decision that the run has not taken up yet is final, and the second one is refused.
func TestARecordWithAMessageRefusesAnotherDecision(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, compared(newCounts(1)), `
workflow: case
steps:
  - {id: ok, approval: {ask: May it be, by: [Kim, Robin]}}
`)
		if _, err := b.Start(t.Context(), b.order, engine.Following{}); err != nil {
			t.Fatal(err)
		}
		r := b.Runner.(*comparedRunner)
		record, _ := r.c.snapshot(b.order.Run)
		kim := engine.Person{Name: "Kim"}
		reader := openRecord(record, r.Registry, &b.programs)
		m, err := reader.Decide(t.Context(), "ok", engine.Decision{Verdict: engine.VerdictApprove, By: kim, Comment: "yes"})
		if err != nil || m.Step != "ok" || m.Round != 1 || m.By.Name != "Kim" || m.Comment != "yes" || !m.At.Equal(time.Now()) {
			t.Fatalf("the message is %+v, %v", m, err)
		}
		unread := mark(t, record)
		record.Messages = []journal.Message{m}
		if mark(t, record) == unread {
			t.Error("a message does not change the mark")
		}
		_, err = openRecord(record, r.Registry, &b.programs).Decide(t.Context(), "ok", engine.Decision{Verdict: engine.VerdictReject, By: engine.Person{Name: "Robin"}})
		refused, ok := errors.AsType[*engine.Refusal](err)
		if !ok || refused.Code != engine.RefusedDecided || refused.Decision.By.Name != "Kim" {
			t.Errorf("the second decision: %v", err)
		}
	})
}

// A retry with another definition keeps the one before. Each definition is kept once.
func TestARetryKeepsTheDefinitionBefore(t *testing.T) {
	definition := func(name string) string {
		return fmt.Sprintf(`
workflow: case
steps:
  - {id: first, task: stub.evident}
  - {id: second, name: %s, task: stub.evident, with: {script: refused}}
`, name)
	}
	c := newCounts(1)
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, compared(c), definition("A"))
		v, err := b.Start(t.Context(), b.order, engine.Following{})
		r := b.Runner.(*comparedRunner)
		digests := []string{b.order.Program.Digest}
		for _, round := range []struct {
			name     string
			replaced []int // the rounds whose definitions are kept
		}{{"B", []int{0}}, {"B", []int{0}}, {"C", []int{0, 1}}, {"A", []int{1, 3}}} {
			if err != nil || v.Status != engine.Failed {
				t.Fatal(v.Status, v.Failure, err)
			}
			p, problems := program.Load("case.yaml", []byte(definition(round.name)), r.Registry)
			if diag.HasErrors(problems) {
				t.Fatal(problems)
			}
			digests = append(digests, p.Digest)
			must(t, r.Retry(t.Context(), b.order.Run, engine.Retry{By: engine.Person{Name: "Kim"}, Program: p}))
			record, _ := r.c.snapshot(b.order.Run)
			var replaced, want []string
			for _, d := range record.Replaced {
				replaced = append(replaced, d.Digest)
			}
			for _, n := range round.replaced {
				want = append(want, digests[n])
			}
			if !slices.Equal(replaced, want) || record.Run.Definition.Digest != p.Digest {
				t.Errorf("after the retry with %s the definitions are %s, and before %s; want %s", round.name, record.Run.Definition.Digest, replaced, want)
			}
			v, err = r.Follow(t.Context(), b.order.Run, engine.Following{})
		}
	})
	if c.retries != 4 {
		t.Errorf("%d retries were compared", c.retries)
	}
}
