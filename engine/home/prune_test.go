package home_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/home"
)

// refusedFor reports whether an error is a refusal with a code.
func refusedFor(err error, code engine.RefusalCode) bool {
	refusal, ok := errors.AsType[*engine.Refusal](err)
	return ok && refusal.Code == code
}

// A home whose only run was pruned still has that run: it is found by its id and its request, a
// restore does not overwrite it, and a backup has it.
func TestAPrunedRunIsStillThere(t *testing.T) {
	h := newHome(t)
	o := open(t, h)
	order := engine.Order{Run: "one", Request: "100-291", Inputs: map[string]any{}, Program: load(t, h, "workflow: notes\nsteps: [{id: note, task: worklog.format, with: {note: x}}]\n")}
	if v, err := o.Start(t.Context(), order, engine.Following{}); err != nil || v.Status != engine.Succeeded {
		t.Fatal(v.Status, err)
	}
	pruned, err := o.Runner.(engine.Pruner).Prune(t.Context(), engine.Pruning{EndedBefore: time.Now().Add(time.Hour)})
	if err != nil || pruned.Runs() != 1 {
		t.Fatal(pruned, err)
	}
	file := filepath.Join(t.TempDir(), "errand.backup")
	if err := o.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	restored := at(t.TempDir(), "")
	if _, err := restored.Restore(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Restore(t.Context(), file); !isNotEmpty(err) {
		t.Errorf("a restore over a pruned run returns %v", err)
	}
	for what, of := range map[string]*home.Home{"the home": h, "its backup": restored} {
		o := open(t, of)
		for _, name := range []string{"one", "100-291"} {
			run, err := o.Find(t.Context(), name)
			if err != nil || run != "one" {
				t.Errorf("in %s %s is the run %q, %v", what, name, run, err)
			}
		}
		if _, err := o.Read(t.Context(), "one"); !refusedFor(err, engine.RefusedPruned) {
			t.Errorf("in %s it is read: %v", what, err)
		}
		order.Run = "two"
		if receipt, err := o.Accept(t.Context(), order); err != nil || receipt != (engine.Receipt{Run: "one", Existed: true}) {
			t.Errorf("in %s the request gets %+v, %v", what, receipt, err)
		}
		if err := o.Check(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func isNotEmpty(err error) bool {
	_, is := errors.AsType[*home.NotEmptyError](err)
	return is
}
