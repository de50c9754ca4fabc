package service_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
)

// A key makes the repetition of a start safe, also of one without a request.
func TestIdempotencyKey(t *testing.T) {
	b := newBench(t)
	desk, other := b.as("desk", access.Requester), b.as("other", access.Requester)
	const body = `{"workflow":"greet","inputs":{"who":"Kim"}}`
	start := func(secret, body, key string) reply {
		return b.ask(secret, http.MethodPost, "/v1/runs", body, "Idempotency-Key", key)
	}
	run := start(desk, body, "one").want(http.StatusCreated).member("run")
	if again := start(desk, body, "one").want(http.StatusOK).member("run"); again != run {
		t.Errorf("the key gives %s and then %s", run, again)
	}
	start(desk, strings.Replace(body, "Kim", "Dana", 1), "one").want(http.StatusUnprocessableEntity, "key_reused")
	start(desk, `{"workflow":"slow"}`, "one").want(http.StatusUnprocessableEntity, "key_reused")
	for _, test := range []struct{ secret, key string }{{desk, "two"}, {other, "one"}} {
		if another := start(test.secret, body, test.key).want(http.StatusCreated).member("run"); another == run {
			t.Errorf("%q of another caller gives the same run", test.key)
		}
	}
	for _, bad := range []string{"a b", strings.Repeat("x", 256), "é"} {
		start(desk, body, bad).want(http.StatusBadRequest, "key")
	}
	withRequest := `{"workflow":"greet","request":"100-1","inputs":{"who":"Kim"}}`
	first := start(desk, withRequest, "three").want(http.StatusCreated).member("run")
	if again := start(desk, withRequest, "four").want(http.StatusOK).member("run"); again != first {
		t.Errorf("the request has %s, and another key gives %s", first, again)
	}

	var many sync.WaitGroup
	runs := make([]string, 8)
	for i := range runs {
		many.Go(func() {
			if r := start(desk, body, "many"); r.status == http.StatusCreated || r.status == http.StatusOK {
				runs[i] = r.member("run")
			} else {
				t.Errorf("%d %s", r.status, r.text)
			}
		})
	}
	many.Wait()
	for _, r := range runs {
		if r != runs[0] {
			t.Errorf("at once, one key gives %q", runs)
			break
		}
	}
}

// The record of an old run can be deleted. What was asked for stays: the same order gets the same run,
// and nothing is done again.
func TestPrunedRun(t *testing.T) {
	b := newBench(t)
	desk, other := b.as("desk", access.Requester), b.as("other", access.Requester)
	const body = `{"workflow":"greet","request":"100-1","inputs":{"who":"Kim"}}`
	run := b.start(desk, body)
	b.settled(run, engine.Succeeded)
	if pruned, err := b.runner.Prune(t.Context(), engine.Pruning{EndedBefore: time.Now()}); err != nil || pruned.Runs() != 1 {
		t.Fatal(pruned, err)
	}
	again := b.ask(desk, http.MethodPost, "/v1/runs", body).want(http.StatusOK)
	if again.member("run") != run || again.member("pruned_at") == "" {
		t.Errorf("the same order gives %s", again.text)
	}
	conflict := b.ask(desk, http.MethodPost, "/v1/runs", strings.Replace(body, "Kim", "Dana", 1)).want(http.StatusConflict, "conflict")
	if conflict.member("run") != run || conflict.member("inputs") != "" {
		t.Errorf("another order gives %s", conflict.text)
	}
	gone := b.ask(desk, http.MethodGet, "/v1/runs/"+run, "").want(http.StatusGone, "pruned")
	if gone.member("workflow") != "greet" || gone.member("request") != "100-1" {
		t.Errorf("the run is gone: %s", gone.text)
	}
	b.ask(desk, http.MethodGet, "/v1/runs/"+run+"/events", "").want(http.StatusGone, "pruned")
	b.ask(b.as("ops", access.Operator), http.MethodPost, "/v1/runs/"+run+"/retry", "").want(http.StatusGone, "pruned")
	b.ask(other, http.MethodGet, "/v1/runs/"+run, "").want(http.StatusNotFound, "not_found")
	b.ask(other, http.MethodPost, "/v1/runs", body).want(http.StatusConflict, "conflict")
	if len(b.calls) != 1 {
		t.Errorf("there were %d calls", len(b.calls))
	}
}

// A paused workflow starts nothing and puts nothing on record. Runs in flight go on.
func TestPausedWorkflow(t *testing.T) {
	b := newBench(t)
	desk := b.as("desk", access.Requester)
	kim := b.token(access.Token{Name: "kim", Roles: []access.Role{access.Approver}, Person: "robin"})
	run := b.start(desk, `{"workflow":"ask","request":"100-1"}`)
	if err := b.store.Pause(t.Context(), access.Pause{Name: "ask", By: "ops", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	r := b.ask(desk, http.MethodPost, "/v1/runs", `{"workflow":"ask","request":"100-2"}`).want(http.StatusServiceUnavailable, "paused")
	if r.header.Get("Retry-After") != "30" {
		t.Errorf("Retry-After is %q", r.header.Get("Retry-After"))
	}
	b.start(desk, `{"workflow":"greet","inputs":{"who":"Kim"}}`)
	b.settled(run, engine.Waiting)
	b.ask(kim, http.MethodPost, "/v1/runs/"+run+"/approve", `{"step":"ok","decision":"approve"}`).want(http.StatusOK)
	b.settled(run, engine.Succeeded)
	if runs, err := b.runner.List(t.Context(), engine.Query{Request: "100-2"}); err != nil || len(runs) > 0 {
		t.Errorf("on record is %+v, %v", runs, err)
	}
	if list := b.ask(desk, http.MethodGet, "/v1/workflows", "").text; !strings.Contains(list, `"paused":true`) {
		t.Errorf("the list does not say that it is paused: %s", list)
	}
	if _, err := b.store.Unpause(t.Context(), "ask"); err != nil {
		t.Fatal(err)
	}
	b.start(desk, `{"workflow":"ask","request":"100-2"}`)
}

// Health and readiness need no token. A bad definition does not make the service unready.
func TestHealth(t *testing.T) {
	b := newBench(t)
	b.ask("", http.MethodGet, "/healthz", "").want(http.StatusOK)
	b.workflows.bad = 2
	if r := b.ask("", http.MethodGet, "/readyz", "").want(http.StatusOK); r.text != "{\"ready\":true,\"bad_definitions\":2}\n" {
		t.Errorf("it is %s", r.text)
	}
	programs := b.workflows.programs
	b.workflows.programs = nil
	b.ask("", http.MethodGet, "/readyz", "").want(http.StatusServiceUnavailable)
	b.workflows.programs = programs
	b.server.Drain()
	if r := b.ask("", http.MethodGet, "/readyz", "").want(http.StatusServiceUnavailable); r.member("reason") != "the service is about to end" {
		t.Errorf("it is %s", r.text)
	}
	b.ask("", http.MethodGet, "/healthz", "").want(http.StatusOK)
}

// A copy of a home starts nothing, so it is not ready before somebody adopts it.
func TestACopyIsNotReady(t *testing.T) {
	b := newBench(t)
	ops := engine.Person{Name: "ops"}
	if _, err := b.runner.Suspect(t.Context(), ops); err != nil {
		t.Fatal(err)
	}
	desk := b.as("desk", access.Requester)
	b.ask(desk, http.MethodPost, "/v1/runs", `{"workflow":"greet","inputs":{"who":"Kim"}}`).want(http.StatusServiceUnavailable, "copy")
	if r := b.ask("", http.MethodGet, "/readyz", "").want(http.StatusServiceUnavailable); r.member("reason") != "the home is a copy of another one, and nobody has adopted it" {
		t.Errorf("it is %s", r.text)
	}
	if _, err := b.runner.AdoptAll(t.Context(), ops); err != nil {
		t.Fatal(err)
	}
	b.ask("", http.MethodGet, "/readyz", "").want(http.StatusOK)
	b.start(desk, `{"workflow":"greet","inputs":{"who":"Kim"}}`)
}

// A workflow is described with its inputs, and planned without a call.
func TestWorkflows(t *testing.T) {
	b := newBench(t)
	designer := b.as("designer", access.Designer)
	shown := into[struct {
		Workflow string
		Inputs   struct {
			Required   []string
			Properties map[string]any
		}
		Steps []struct{ ID, Task string }
	}](b.ask(designer, http.MethodGet, "/v1/workflows/greet", "").want(http.StatusOK))
	if shown.Workflow != "greet" || len(shown.Inputs.Required) != 1 || len(shown.Inputs.Properties) != 2 || shown.Steps[0].Task != "probe.once" {
		t.Errorf("it is %+v", shown)
	}
	planned := b.ask(designer, http.MethodPost, "/v1/workflows/greet/plan", `{"inputs":{"who":"Kim"}}`).want(http.StatusOK)
	if !strings.Contains(planned.text, `"text":"Kim 1"`) {
		t.Errorf("the plan is %s", planned.text)
	}
	b.ask(designer, http.MethodPost, "/v1/workflows/greet/plan", "").want(http.StatusOK)
	b.ask(designer, http.MethodPost, "/v1/workflows/greet/plan", `{"inputs":{"who":"kim"}}`).want(http.StatusUnprocessableEntity, "unfit")
	if len(b.calls) > 0 {
		t.Errorf("the plan made %d calls", len(b.calls))
	}
}
