package service_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/task"
)

// questions returns what waits for a person, as a token sees it.
func (b *bench) questions(secret string) []map[string]any {
	b.Helper()
	page := into[struct{ Questions []map[string]any }](b.ask(secret, http.MethodGet, "/v1/questions", "").want(http.StatusOK))
	return page.Questions
}

// An approval is decided by whom it names, once.
func TestApprove(t *testing.T) {
	b := newBench(t)
	b.desk["100-1"] = []string{"Amira", "Dana"}
	desk := b.as("desk", access.Requester)
	robin := b.token(access.Token{Name: "robins", Roles: []access.Role{access.Approver}, Person: "Robin"})
	kim := b.token(access.Token{Name: "kims", Roles: []access.Role{access.Approver}, Person: "kim", Groups: []string{"deciders"}})
	run := b.start(desk, `{"workflow":"ask","request":"100-1"}`)
	b.settled(run, engine.Waiting)
	path := "/v1/runs/" + run + "/approve"
	const approve = `{"step":"ok","decision":"approve","comment":"fine"}`

	for _, test := range []struct {
		name   string
		token  access.Token
		status int
		code   string
	}{
		{"without the role", access.Token{Roles: []access.Role{access.Operator, access.Requester, access.Monitor, access.Designer}, Person: "robin"}, 403, "role"},
		{"for no person", access.Token{Roles: []access.Role{access.Approver}, Groups: []string{"deciders"}}, 403, "may_not_decide"},
		{"for a person whom it does not name", access.Token{Roles: []access.Role{access.Approver}, Person: "joao"}, 403, "may_not_decide"},
		{"for a person with the name of a group", access.Token{Roles: []access.Role{access.Approver}, Person: "nobody", Groups: []string{"decider"}}, 403, "may_not_decide"},
		{"for the requester", access.Token{Roles: []access.Role{access.Approver}, Person: "AMIRA ", Groups: []string{"deciders"}}, 403, "requester"},
		{"for the one whom it is for", access.Token{Roles: []access.Role{access.Admin}, Person: "dana", Groups: []string{"deciders"}}, 403, "requester"},
		{"for the one who started it", access.Token{Roles: []access.Role{access.Admin}, Person: "desk", Groups: []string{"deciders"}}, 403, "requester"},
	} {
		test.token.Name = strings.ReplaceAll(test.name, " ", "-")
		b.ask(b.token(test.token), http.MethodPost, path, approve).want(test.status, test.code)
	}
	for body, status := range map[string]int{
		`{"step":"ok","decision":"done"}`: 422, `{"step":"ok"}`: 422, `{"decision":"approve"}`: 422, `{"step":"ok","decision":"approve","by":"robin"}`: 422,
		`{"step":"nope","decision":"approve"}`: 409, `{"step":"act","decision":"reject"}`: 409,
	} {
		if r := b.ask(robin, http.MethodPost, path, body); r.status != status {
			t.Errorf("%s: %d %s; expected %d", body, r.status, r.text, status)
		}
	}
	asked := b.questions(robin)
	if len(asked) != 1 || asked[0]["kind"] != "approval" || asked[0]["ask"] != "Go for 100-1?" || asked[0]["may"] != true || asked[0]["name"] != "May it act" || asked[0]["until"] == nil {
		t.Fatalf("robin is asked %+v", asked)
	}
	etag := asked[0]["etag"].(string)
	b.ask(kim, http.MethodPost, path, approve, "If-Match", `"another"`).want(http.StatusPreconditionFailed, "changed")
	if v := into[map[string]any](b.ask(kim, http.MethodPost, path, approve, "If-Match", etag).want(http.StatusOK)); v["run"] != run {
		t.Errorf("the answer is %v", v)
	}
	late := b.ask(robin, http.MethodPost, path, `{"step":"ok","decision":"reject"}`).want(http.StatusConflict, "decided")
	if got := late.member("decision"); got != `{"by":{"name":"kim"},"comment":"fine","verdict":"approve"}` {
		t.Errorf("who was too late is told %s", got)
	}
	b.ask(robin, http.MethodPost, path, approve, "If-Match", etag).want(http.StatusPreconditionFailed, "changed")
	v := b.settled(run, engine.Succeeded)
	if len(v.Steps) != 2 || len(v.Steps[0].Decisions) != 1 || v.Steps[0].Decisions[0].By.Name != "kim" {
		t.Errorf("the run is %+v", v)
	}
	if asked := b.questions(robin); len(asked) != 0 {
		t.Errorf("it still asks %+v", asked)
	}
}

// An uncertain step is resolved by an operator, who sees the evidence and the consequences.
func TestResolve(t *testing.T) {
	b := newBench(t)
	b.answer = losing("act")
	ops := b.as("ops", access.Operator)
	approver := b.token(access.Token{Name: "approver", Roles: []access.Role{access.Approver}, Person: "robin"})
	run := b.start(b.as("desk", access.Requester), `{"workflow":"doubtful"}`)
	b.settled(run, engine.Uncertain)
	asked := b.questions(ops)
	if len(asked) != 1 || asked[0]["kind"] != "uncertain" || asked[0]["may"] != true || asked[0]["name"] != "Act once" {
		t.Fatalf("the operator is asked %+v", asked)
	}
	evidence, _ := asked[0]["evidence"].(map[string]any)
	consequences, _ := asked[0]["consequences"].(map[string]any)
	if evidence["task"] != "probe.once" || evidence["key"] == "" || evidence["failure"] != "no answer came" {
		t.Errorf("the evidence is %+v", evidence)
	}
	if consequences["retry"] != "the request is sent once more, so this may happen twice: probe maybe, poked" || len(consequences) != 3 {
		t.Errorf("the consequences are %+v", consequences)
	}
	if other := b.questions(approver); len(other) != 1 || other[0]["may"] != false || other[0]["why_not"] != "the token does not have the role operator" {
		t.Errorf("the approver is asked %+v", other)
	}
	path := "/v1/runs/" + run + "/resolve"
	b.ask(approver, http.MethodPost, path, `{"step":"act","verdict":"done"}`).want(http.StatusForbidden, "role")
	b.ask(ops, http.MethodPost, path, `{"step":"act","verdict":"approve"}`).want(http.StatusUnprocessableEntity, "unfit")
	b.ask(approver, http.MethodPost, "/v1/runs/"+run+"/approve", `{"step":"act","decision":"approve"}`).want(http.StatusConflict, "wrong_verdict")
	b.ask(ops, http.MethodPost, path, `{"step":"act","verdict":"done","comment":"it is there"}`, "If-Match", asked[0]["etag"].(string)).want(http.StatusOK)
	v := b.settled(run, engine.Succeeded)
	if d := v.Steps[0].Decisions; len(d) != 1 || d[0].By.Name != "ops" || d[0].Comment != "it is there" {
		t.Errorf("the decisions are %+v", d)
	}
}

// A run that is cancelled while nobody knows what became of a step says so, and what each verdict then
// does. A verdict on the question as it was before is refused.
func TestCancelAnUncertainRun(t *testing.T) {
	b := newBench(t)
	b.answer = losing("act")
	ops := b.as("ops", access.Operator)
	run := b.start(b.as("desk", access.Requester), `{"workflow":"doubtful"}`)
	b.settled(run, engine.Uncertain)
	before := b.questions(ops)[0]
	b.ask(ops, http.MethodPost, "/v1/runs/"+run+"/cancel", "").want(http.StatusOK)
	for _, path := range []string{"/v1/runs/" + run, "/v1/runs"} {
		if r := b.ask(ops, http.MethodGet, path, "").want(http.StatusOK); !strings.Contains(r.text, `"cancelled_by":{"name":"ops"}`) || !strings.Contains(r.text, `"cancelling":true`) || strings.Contains(r.text, `"1970-`) {
			t.Errorf("%s says %s", path, r.text)
		}
	}
	asked := b.questions(ops)[0]
	by, _ := asked["cancelled_by"].(map[string]any)
	if asked["cancelling"] != true || by["name"] != "ops" {
		t.Errorf("the question is %+v", asked)
	}
	consequences, _ := asked["consequences"].(map[string]any)
	for _, verdict := range []string{"done", "retry", "fail"} {
		if text, _ := consequences[verdict].(string); !strings.Contains(text, "ends as cancelled") || strings.Contains(text, "once more") {
			t.Errorf("%s does: %s", verdict, text)
		}
	}
	path := "/v1/runs/" + run + "/resolve"
	b.ask(ops, http.MethodPost, path, `{"step":"act","verdict":"retry"}`, "If-Match", before["etag"].(string)).want(http.StatusPreconditionFailed, "changed")
	b.ask(ops, http.MethodPost, path, `{"step":"act","verdict":"retry"}`, "If-Match", asked["etag"].(string)).want(http.StatusOK)
	if v := b.settled(run, engine.Cancelled); v.CancelledBy.Name != "ops" || len(b.calls) != 1 {
		t.Errorf("the run is %+v after %d calls", v, len(b.calls))
	}
}

// A run is cancelled, and one that has ended goes on.
func TestCancelAndRetry(t *testing.T) {
	b := newBench(t)
	desk, ops := b.as("desk", access.Requester), b.as("ops", access.Operator)
	run := b.start(desk, `{"workflow":"slow","request":"100-1"}`)
	b.settled(run, engine.Waiting)
	b.ask(desk, http.MethodPost, "/v1/runs/"+run+"/cancel", "").want(http.StatusForbidden, "role")
	b.ask(ops, http.MethodPost, "/v1/runs/"+run+"/retry", "{}").want(http.StatusConflict, "not_ended")
	b.ask(ops, http.MethodPost, "/v1/runs/"+run+"/cancel", "").want(http.StatusOK)
	if v := b.settled(run, engine.Cancelled); v.CancelledBy.Name != "ops" {
		t.Errorf("it was cancelled by %+v", v.CancelledBy)
	}
	b.ask(ops, http.MethodPost, "/v1/runs/"+run+"/cancel", `{}`).want(http.StatusConflict, "ended")
	b.ask(ops, http.MethodPost, "/v1/runs/"+run+"/cancel", `{"why":"x"}`).want(http.StatusUnprocessableEntity, "unfit")
	refused := b.ask(ops, http.MethodPost, "/v1/runs/"+run+"/retry", `{"from":"act"}`).want(http.StatusUnprocessableEntity, "unknown_step")
	if refused.member("steps") != `["wait"]` {
		t.Errorf("the steps are %s", refused.text)
	}
	b.ask(ops, http.MethodPost, "/v1/runs/"+run+"/retry", "").want(http.StatusOK)
	b.settled(run, engine.Waiting)

	b.answer = func(task.Call) error { return &task.Failure{Code: "Refused", Message: "not now", Status: 400} }
	failed := b.start(desk, `{"workflow":"greet","inputs":{"who":"Kim"}}`)
	b.settled(failed, engine.Failed)
	b.answer = nil
	b.ask(ops, http.MethodPost, "/v1/runs/"+failed+"/retry", `{"from":"act"}`).want(http.StatusOK)
	if v := b.settled(failed, engine.Succeeded); len(v.Rounds) != 1 || v.Rounds[0].By.Name != "ops" {
		t.Errorf("the run is %+v", v)
	}
	b.ask(ops, http.MethodPost, "/v1/runs/"+failed+"/retry", `{}`).want(http.StatusConflict, "succeeded")
}

// A copy of a home takes no decision and no cancellation before somebody adopts the run, and starts
// nothing. A refused start names no run, because there is none.
func TestACopyDecidesNothing(t *testing.T) {
	b := newBench(t)
	desk, ops := b.as("desk", access.Requester), b.as("ops", access.Operator)
	kim := b.token(access.Token{Name: "kim", Roles: []access.Role{access.Approver}, Person: "kim", Groups: []string{"deciders"}})
	run := b.start(desk, `{"workflow":"ask","request":"100-1"}`)
	v := b.settled(run, engine.Waiting)
	if _, err := b.runner.Suspect(t.Context(), engine.Person{Name: "root"}); err != nil {
		t.Fatal(err)
	}
	approve := func() reply {
		return b.ask(kim, http.MethodPost, "/v1/runs/"+run+"/approve", `{"step":"ok","decision":"approve"}`)
	}
	approve().want(http.StatusConflict, "waits_for_adoption")
	b.ask(ops, http.MethodPost, "/v1/runs/"+run+"/cancel", "").want(http.StatusConflict, "waits_for_adoption")
	if refused := b.ask(desk, http.MethodPost, "/v1/runs", `{"workflow":"ask","request":"100-2"}`).want(http.StatusServiceUnavailable, "copy"); refused.member("run") != "" {
		t.Errorf("the refused start names a run: %s", refused.text)
	}
	isolated, err := b.runner.Read(t.Context(), run)
	if err != nil || isolated.Cancelling || isolated.NotNow(v.Questions[0].Question, time.Now()) == nil {
		t.Errorf("the run is %+v, %v", isolated, err)
	}
	if _, err := b.runner.AdoptAll(t.Context(), engine.Person{Name: "root"}); err != nil {
		t.Fatal(err)
	}
	approve().want(http.StatusOK)
	b.settled(run, engine.Uncertain) // the other home may have acted
}

// A body that may be missing may also be missing from a request that says it has JSON, and from no other.
func TestAnEmptyBodyOfJSON(t *testing.T) {
	b := newBench(t)
	b.answer = func(task.Call) error { return &task.Failure{Code: "Refused", Message: "not now", Status: 400} }
	desk, ops := b.as("desk", access.Requester), b.as("ops", access.Operator)
	waiting, failed := b.start(desk, `{"workflow":"slow"}`), b.start(desk, `{"workflow":"greet","inputs":{"who":"Kim"}}`)
	b.settled(waiting, engine.Waiting)
	b.settled(failed, engine.Failed)
	for _, path := range []string{"/v1/runs/" + waiting + "/cancel", "/v1/runs/" + failed + "/retry", "/v1/workflows/greet/plan"} {
		b.ask(ops, http.MethodPost, path, "", "Content-Type", "text/plain").want(http.StatusUnsupportedMediaType, "media_type")
		b.ask(ops, http.MethodPost, path, " ", "Content-Type", "application/json").want(http.StatusBadRequest, "json")
		b.ask(ops, http.MethodPost, path, "", "Content-Type", "application/json; charset=utf-8").want(http.StatusOK)
	}
	b.ask(desk, http.MethodPost, "/v1/runs", "", "Content-Type", "application/json").want(http.StatusBadRequest, "json")
}
