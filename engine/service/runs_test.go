package service_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/access"
)

// A run is started once for a workflow, a request and its inputs.
func TestStart(t *testing.T) {
	b := newBench(t)
	desk := b.as("desk", access.Requester)
	const body = `{"workflow":"greet","request":"100-291","inputs":{"who":"Kim"}}`
	first := b.ask(desk, http.MethodPost, "/v1/runs", body).want(http.StatusCreated)
	run := first.member("run")
	if at := first.header.Get("Location"); at != "/v1/runs/"+run {
		t.Errorf("the location is %q", at)
	}
	if v := b.settled(run, engine.Succeeded); v.Outputs["said"] != "Kim 1" || v.StartedBy != "desk" {
		t.Errorf("the run is %+v", v)
	}
	again := b.ask(desk, http.MethodPost, "/v1/runs", body).want(http.StatusOK)
	if again.member("run") != run || again.member("status") != "succeeded" {
		t.Errorf("the same order gives %s", again.text)
	}
	conflict := b.ask(desk, http.MethodPost, "/v1/runs", strings.Replace(body, "Kim", "Robin", 1)).want(http.StatusConflict, "conflict")
	if conflict.member("inputs") != `{"times":1,"who":"Kim"}` || conflict.member("run") != run {
		t.Errorf("the conflict is %s", conflict.text)
	}
	if len(b.calls) != 1 {
		t.Errorf("there were %d calls", len(b.calls))
	}
}

// The answer to a start shows the run as it is on record.
func TestStartShowsTheRun(t *testing.T) {
	b := newBench(t)
	b.idle()
	desk := b.token(access.Token{Name: "desk", Roles: []access.Role{access.Requester}, Person: "amira", Workflows: []string{"greet", "single"}})
	for _, c := range []struct{ name, body, waits string }{
		{"a run", `{"workflow":"greet","request":"100-1","inputs":{"who":"Kim"}}`, "process"},
		{"a run whose turn it is", `{"workflow":"single"}`, "process"},
		{"a run that waits for its turn", `{"workflow":"single"}`, "turn"},
	} {
		started := into[map[string]any](b.ask(desk, http.MethodPost, "/v1/runs", c.body).want(http.StatusCreated))
		read := into[map[string]any](b.ask(desk, http.MethodGet, "/v1/runs/"+started["run"].(string), "").want(http.StatusOK))
		delete(started, "steps") // a reader also sees the step that comes first
		delete(read, "steps")
		if !reflect.DeepEqual(started, read) || started["waits"].([]any)[0].(map[string]any)["for"] != c.waits {
			t.Errorf("%s: the answer is\n%v\nand then the run is\n%v", c.name, started, read)
		}
	}
}

// What does not fit is refused with each problem, and nothing is put on record.
func TestStartRefused(t *testing.T) {
	b := newBench(t)
	desk := b.as("desk", access.Requester)
	small := b.token(access.Token{Name: "small", Roles: []access.Role{access.Requester}, Workflows: []string{"ask"}})
	for _, test := range []struct {
		name, secret, body string
		status             int
		code               string
		says               []string
	}{
		{"an unknown workflow", desk, `{"workflow":"none"}`, 404, "no_workflow", nil},
		{"a workflow that is not the token's", small, `{"workflow":"greet","inputs":{"who":"Kim"}}`, 404, "no_workflow", nil},
		{"a missing input", desk, `{"workflow":"greet"}`, 422, "unfit", []string{"inputs.who", "the workflow needs this input"}},
		{"two misfits", desk, `{"workflow":"greet","inputs":{"who":"kim","times":7}}`, 422, "unfit", []string{"inputs.who", "inputs.times"}},
		{"an unknown input", desk, `{"workflow":"greet","inputs":{"who":"Kim","tims":2}}`, 422, "unfit", []string{"tims", "known names are who, times"}},
		{"no request", desk, `{"workflow":"ask"}`, 422, "unfit", []string{`"field":"request"`}},
		{"a request with a line break", desk, `{"workflow":"ask","request":"100\n-1"}`, 422, "unfit", []string{`"field":"request"`}},
		{"an inline definition", desk, `{"workflow":"greet","definition":"steps: []","inputs":{"who":"Kim"}}`, 422, "unfit", []string{"definition", "known members are workflow, request, inputs"}},
		{"a requester in the body", desk, `{"workflow":"greet","started_by":"root","inputs":{"who":"Kim"}}`, 422, "unfit", []string{"started_by"}},
		{"a member in another case", desk, `{"Workflow":"greet"}`, 422, "unfit", []string{"Workflow"}},
		{"a repeated member", desk, `{"workflow":"greet","workflow":"ask"}`, 400, "json", []string{"byte"}},
		{"no JSON", desk, `workflow=greet`, 400, "json", nil},
		{"a list", desk, `[]`, 422, "unfit", nil},
		{"inputs that are a list", desk, `{"workflow":"greet","inputs":[]}`, 422, "unfit", []string{"inputs"}},
		{"a desk that does not answer", desk, `{"workflow":"ask","request":"999-1"}`, 503, "desk", []string{"nothing was put on record"}},
		{"a request that the desk does not have", desk, `{"workflow":"ask","request":"404-1"}`, 422, "unfit", []string{`"field":"request"`, "there is no ticket 404-1"}},
		{"too large", desk, `{"workflow":"` + strings.Repeat("x", 70_000) + `"}`, 413, "too_large", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := b.ask(test.secret, http.MethodPost, "/v1/runs", test.body).want(test.status, test.code)
			if r.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("it is %s", r.header.Get("Content-Type"))
			}
			for _, text := range test.says {
				if !strings.Contains(r.text, text) {
					t.Errorf("it does not say %q: %s", text, r.text)
				}
			}
		})
	}
	for _, media := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "application/json, text/plain", "multipart/form-data"} {
		b.ask(desk, http.MethodPost, "/v1/runs", `{"workflow":"greet"}`, "Content-Type", media).want(http.StatusUnsupportedMediaType, "media_type")
	}
	runs, err := b.runner.List(t.Context(), engine.Query{})
	if err != nil || len(runs) != 0 {
		t.Errorf("on record are %+v, %v", runs, err)
	}
}
