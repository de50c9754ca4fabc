package local_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/task"
)

// In an adopted home a request that names a run of another home starts nothing, unless it is asked
// for again.
func TestARequestOfAnotherHome(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		o := b.parkedIn(strings.Replace(restThenAct, "EFFECT", "evident", 1))
		c := b.inCopy(t)
		var named []string
		var unread error
		r := c.process("copy")
		connectors := r.Registry.Connectors()
		for i := range connectors {
			if connectors[i].Name == "remote" {
				connectors[i].Credential = []task.Parameter{{Name: "url", Title: "URL", Description: "Where it is."}}
				connectors[i].Runs = func(_ context.Context, _, request string) ([]string, error) {
					if request != "100-2" {
						t.Errorf("asked for %s", request)
					}
					return named, unread
				}
			}
		}
		r.Registry = task.NewRegistry(connectors...)
		if _, err := r.AdoptAll(t.Context(), somebody); err != nil {
			t.Fatal(err)
		}
		fresh := func(again bool) error {
			p, problems := program.Load("case.yaml", []byte("workflow: case\n"+twoEffects), r.Registry)
			if diag.HasErrors(problems) {
				t.Fatal(problems)
			}
			another := engine.Order{Run: "new0000000000000", Request: "100-2", Inputs: map[string]any{}, Program: p, Again: again}
			_, err := r.Accept(t.Context(), another)
			return err
		}
		named = []string{o.Run, "elsewhere0000000"}
		err := fresh(false)
		if refusal, ok := errors.AsType[*engine.Refusal](err); !ok || refusal.Code != engine.RefusedElsewhere || refusal.Run != "elsewhere0000000" {
			t.Errorf("the error is %v", err)
		}
		named, unread = nil, &task.Failure{Code: "no", Message: "no"}
		if err := fresh(false); !refusedFor(err, engine.RefusedUnread) {
			t.Errorf("the error is %v", err)
		}
		named, unread = []string{o.Run}, nil
		if err := fresh(false); err != nil {
			t.Errorf("a request that names only runs of this home: %v", err)
		}
		named = []string{"elsewhere0000000"}
		if err := fresh(true); !refusedFor(err, engine.RefusedMoved) { // its id is taken, so it was not refused before
			t.Errorf("asked for again: %v", err)
		}
	})
}

// A step that looks for what an earlier round did looks for the key of that round, also after the
// run was parked and replayed between its looks.
func TestALookKeepsItsRound(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.answer = func(task.Call) error { return &task.Failure{Code: "no", Message: "no"} }
		o := b.order("\nsteps:\n  - {id: act, task: remote.evident, with: {text: act}}\n")
		r := b.process("original")
		if v, err := r.Start(t.Context(), o, engine.Following{}); err != nil || v.Status != engine.Failed {
			t.Fatal(v.Status, err)
		}
		if err := r.Retry(t.Context(), o.Run, engine.Retry{By: somebody}); err != nil {
			t.Fatal(err)
		}
		c := b.inCopy(t)
		c.adoptWhileBusy(o.Run)
		for _, call := range c.calls {
			if call.Round != 1 {
				t.Errorf("a call has round %d: %+v", call.Round, call)
			}
		}
		if v, err := c.process("reader").Read(t.Context(), o.Run); err != nil || v.Status != engine.Succeeded || len(c.calls) != 3 {
			t.Errorf("the run is %s, %v, after %d calls", v.Status, err, len(c.calls))
		}
	})
}
