package service_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/access"
)

// A requester sees its own runs, and those of which its person is a requester; all others are not
// there. Who may decide sees all.
func TestSight(t *testing.T) {
	b := newBench(t)
	b.desk["100-1"], b.desk["100-2"] = []string{"Amira"}, []string{"ámira", "Dana"}
	one, two := b.as("one", access.Requester), b.as("two", access.Requester)
	amira := b.token(access.Token{Name: "amiras", Roles: []access.Role{access.Requester}, Person: "amira", Workflows: []string{"greet"}})
	monitor, ops := b.as("monitor", access.Monitor, access.Designer), b.as("ops", access.Operator)
	approver, admin := b.as("approver", access.Approver, access.Requester), b.as("admin", access.Admin)
	first := b.start(one, `{"workflow":"ask","request":"100-1"}`)
	second := b.start(two, `{"workflow":"ask","request":"100-2"}`)
	third := b.start(amira, `{"workflow":"greet","inputs":{"who":"Kim"}}`)
	for _, test := range []struct {
		name, secret string
		sees         []string
	}{
		{"the first desk", one, []string{first}}, {"the second desk", two, []string{second}}, {"a person", amira, []string{third, first}},
		{"an operator", ops, []string{third, second, first}}, {"an approver", approver, []string{third, second, first}}, {"an admin", admin, []string{third, second, first}},
	} {
		page := into[struct{ Runs []engine.Result }](b.ask(test.secret, http.MethodGet, "/v1/runs", "").want(http.StatusOK))
		var got []string
		for _, r := range page.Runs {
			got = append(got, r.Run)
		}
		if !slices.Equal(got, test.sees) {
			t.Errorf("%s sees %q; expected %q", test.name, got, test.sees)
		}
		unknown := b.ask(test.secret, http.MethodGet, "/v1/runs/aaaaaaaaaaaaaaaa", "").want(http.StatusNotFound, "not_found")
		for _, run := range []string{first, second, third} {
			for _, path := range []string{"", "/events"} {
				want := http.StatusNotFound
				if slices.Contains(test.sees, run) {
					want = http.StatusOK
				}
				if path == "/events" && want == http.StatusOK {
					continue // it would go on
				}
				r := b.ask(test.secret, http.MethodGet, "/v1/runs/"+run+path, "").want(want)
				if hidden := strings.Replace(r.text, run, "aaaaaaaaaaaaaaaa", 1); want == http.StatusNotFound && hidden != unknown.text {
					t.Errorf("%s can tell a hidden run from an unknown one: %s, %s", test.name, r.text, unknown.text)
				}
			}
		}
	}
	b.ask(monitor, http.MethodGet, "/v1/runs", "").want(http.StatusForbidden, "role")
	for _, body := range []string{`{"workflow":"ask","request":"100-1"}`} {
		r := b.ask(two, http.MethodPost, "/v1/runs", body).want(http.StatusConflict, "conflict")
		if strings.Contains(r.text, first) || strings.Contains(r.text, "inputs") {
			t.Errorf("the conflict with a hidden run says %s", r.text)
		}
	}
	greet := b.start(one, `{"workflow":"greet","request":"100-9","inputs":{"who":"Kim"}}`)
	r := b.ask(two, http.MethodPost, "/v1/runs", `{"workflow":"greet","request":"100-9","inputs":{"who":"Robin"}}`).want(http.StatusConflict, "conflict")
	if strings.Contains(r.text, greet) || strings.Contains(r.text, "Kim") {
		t.Errorf("the conflict with a hidden run says %s", r.text)
	}
	listed := into[struct {
		Workflows []struct{ Workflow string }
	}](b.ask(amira, http.MethodGet, "/v1/workflows", "").want(http.StatusOK))
	if len(listed.Workflows) != 1 || listed.Workflows[0].Workflow != "greet" {
		t.Errorf("a token for one workflow sees %+v", listed)
	}
	b.ask(amira, http.MethodGet, "/v1/workflows/ask", "").want(http.StatusNotFound, "no_workflow")
	b.ask(amira, http.MethodPost, "/v1/workflows/ask/plan", `{}`).want(http.StatusNotFound, "no_workflow")
}

// A page begins after the one before, also while new runs come. A cursor is good for its question
// only.
func TestPages(t *testing.T) {
	b := newBench(t)
	desk := b.as("desk", access.Requester)
	var want []string
	for i := range 7 {
		want = append([]string{b.start(desk, fmt.Sprintf(`{"workflow":"greet","request":"100-%d","inputs":{"who":"Kim"}}`, i))}, want...)
	}
	type page struct {
		Runs []engine.Result
		Next *string
	}
	var got, cursors []string
	for path := "/v1/runs?workflow=greet&limit=3"; ; {
		p := into[page](b.ask(desk, http.MethodGet, path, "").want(http.StatusOK))
		for _, r := range p.Runs {
			got = append(got, r.Run)
		}
		if p.Next == nil {
			break
		}
		b.start(desk, fmt.Sprintf(`{"workflow":"greet","request":"200-%d","inputs":{"who":"Kim"}}`, len(got)))
		cursors = append(cursors, *p.Next)
		path = "/v1/runs?workflow=greet&limit=3&cursor=" + *p.Next
	}
	if !slices.Equal(got, want) {
		t.Errorf("the pages have %q; expected %q", got, want)
	}
	for _, bad := range []string{
		"cursor=" + cursors[0], "workflow=ask&cursor=" + cursors[0], "workflow=greet&status=failed&cursor=" + cursors[0], "workflow=greet&cursor=x", "workflow=greet&cursor=",
		"workflow=greet&cursor=" + cursors[0][:len(cursors[0])-2], "limit=0", "limit=501", "limit=-1", "limit=1e2", "limit=", "status=done", "waits_for=godot", "since=yesterday",
		"sort=run", "status=failed&status=succeeded", "status=%zz", "request=1;limit=2", "Status=failed",
	} {
		b.ask(desk, http.MethodGet, "/v1/runs?"+bad, "").want(http.StatusBadRequest, "query")
	}
	b.ask(desk, http.MethodGet, "/v1/workflows?limit=1", "").want(http.StatusBadRequest, "query")
	if p := into[page](b.ask(desk, http.MethodGet, "/v1/runs?since=2100-01-01T00:00:00Z", "").want(http.StatusOK)); len(p.Runs) != 0 || p.Next != nil {
		t.Errorf("since the future: %+v", p)
	}
}
