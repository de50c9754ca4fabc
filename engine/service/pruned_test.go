package service_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
)

// A run whose record was deleted keeps its key, and its request lists it.
func TestPrunedRunKeepsItsKey(t *testing.T) {
	b := newBench(t)
	desk, ops := b.as("desk", access.Requester), b.as("ops", access.Operator)
	const body = `{"workflow":"greet","inputs":{"who":"Kim"}}`
	start := func(body string) reply {
		return b.ask(desk, http.MethodPost, "/v1/runs", body, "Idempotency-Key", "one")
	}
	keyed := start(body).want(http.StatusCreated).member("run")
	run := b.start(desk, `{"workflow":"greet","request":"100-1","inputs":{"who":"Kim"}}`)
	for _, id := range []string{keyed, run} {
		b.settled(id, engine.Succeeded)
	}
	pruned, err := b.runner.Prune(t.Context(), engine.Pruning{EndedBefore: time.Now().Add(time.Hour)})
	if err != nil || pruned.Runs() != 2 {
		t.Fatal(pruned, err)
	}
	if again := start(body).want(http.StatusOK); again.member("run") != keyed || again.member("pruned_at") == "" {
		t.Errorf("the same order gives %s", again.text)
	}
	start(strings.Replace(body, "Kim", "Dana", 1)).want(http.StatusUnprocessableEntity, "key_reused")
	for path, body := range map[string]string{"cancel": "", "resolve": `{"step":"say","verdict":"done"}`, "retry": `{}`} {
		b.ask(ops, http.MethodPost, "/v1/runs/"+run+"/"+path, body).want(http.StatusGone, "pruned")
	}
	if len(b.calls) != 2 {
		t.Errorf("there were %d calls", len(b.calls))
	}
	for query, want := range map[string]bool{"": false, "?workflow=greet": false, "?request=100-1": true} {
		if r := b.ask(desk, http.MethodGet, "/v1/runs"+query, "").want(http.StatusOK); strings.Contains(r.text, run) != want {
			t.Errorf("GET /v1/runs%s: %s", query, r.text)
		}
	}
}
