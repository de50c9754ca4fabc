package home_test

import (
	"context"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/home"
	"errand/engine/journal"
	"errand/engine/virtual"
)

// Every transaction is observed, also those that no runner makes. A home without a journal has none.
func TestObserve(t *testing.T) {
	h := newHome(t)
	o := open(t, h)
	seen := 0
	o.Observe(func(tx journal.Transaction) {
		if seen++; tx.Err != nil {
			t.Error(tx.Err)
		}
	})
	if err := o.Pauses().Pause(t.Context(), access.Pause{Name: "intake", By: "kim", At: time.Now()}); err != nil || seen != 1 {
		t.Errorf("after a pause %d transactions were observed: %v", seen, err)
	}
	appendEntry(t, o, "intake")
	if seen != 2 {
		t.Errorf("after an entry of the audit log %d transactions were observed", seen)
	}
	h.Runner = func(context.Context, *home.Opened) (engine.Runner, error) {
		return &virtual.Runner{Runs: virtual.NewRuns(virtual.NewClock(time.Now()))}, nil
	}
	open(t, h).Observe(func(journal.Transaction) { t.Error("a home without a journal has a transaction") })
}
