package service_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/service"
)

// A client inside the process gets what a caller with its token gets over HTTP: the same status and the
// same code, for every operation and role.
func TestClientIsNoSecondDoor(t *testing.T) {
	b := newBench(t)
	mine := b.start(b.as("role-requester", access.Requester), `{"workflow":"greet","inputs":{"who":"Kim"}}`)
	others := b.start(b.as("starter", access.Admin), `{"workflow":"greet","inputs":{"who":"Kim"}}`)
	for _, run := range []string{mine, others} {
		b.settled(run, engine.Succeeded)
	}
	for _, role := range access.Roles {
		secret := b.as("role-"+string(role), role)
		hash, _ := access.HashOf(secret)
		token, err := b.store.FindToken(t.Context(), hash)
		if err != nil {
			t.Fatal(err)
		}
		client := b.server.Client(token)
		for _, op := range b.operations() {
			if strings.HasSuffix(op.path, "/events") || op.path == "/metrics" || strings.Contains(op.path, "hooks") {
				continue // a client watches runs by itself; the others have no JSON or no token
			}
			for _, run := range []string{mine, others} {
				var body any
				text := ""
				if op.method != http.MethodGet {
					body, text = map[string]any{}, "{}"
				}
				want := b.ask(secret, op.method, op.at(run), text)
				err := client.Call(t.Context(), op.method, op.at(run), nil, body, nil)
				p, _ := errors.AsType[*service.Problem](err)
				switch {
				case p == nil && err != nil:
					t.Errorf("%s as %s: %v is no problem", op, role, err)
				case p == nil && want.status >= 400:
					t.Errorf("%s as %s: a caller gets %d, and the client gets through", op, role, want.status)
				case p != nil && (p.Status != want.status || p.Code != want.member("code")):
					t.Errorf("%s as %s: a caller gets %d %s, and the client %d %s", op, role, want.status, want.member("code"), p.Status, p.Code)
				}
			}
		}
		read := func(run string) bool { _, err := client.Read(t.Context(), run); return err == nil }
		events := func(run string) bool { _, err := client.Events(t.Context(), run); return err == nil }
		record := func(run string) bool { _, err := client.Record(t.Context(), run); return err == nil }
		list := func(run string) bool {
			found, err := client.List(t.Context(), engine.Query{Run: run})
			return err == nil && len(found) == 1
		}
		for _, run := range []string{mine, others} {
			sees := b.ask(secret, http.MethodGet, "/v1/runs/"+run, "").status == http.StatusOK
			for name, got := range map[string]bool{"Read": read(run), "Events": events(run), "Record": record(run), "List": list(run)} {
				if got != sees {
					t.Errorf("%s of a run as %s is allowed: %t; over HTTP: %t", name, role, got, sees)
				}
			}
		}
	}
}

// What a client is told about a question is what the list of questions says.
func TestClientQuestions(t *testing.T) {
	b := newBench(t)
	run := b.start(b.as("desk", access.Requester), `{"workflow":"ask","request":"100-1"}`)
	v := b.settled(run, engine.Waiting)
	secret := b.token(access.Token{Name: "robin", Roles: []access.Role{access.Approver}, Person: "Robin"})
	hash, _ := access.HashOf(secret)
	token, err := b.store.FindToken(t.Context(), hash)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(b.server.Client(token).Questions(v))
	if err != nil {
		t.Fatal(err)
	}
	want := b.ask(secret, http.MethodGet, "/v1/questions", "").want(http.StatusOK).member("questions")
	var a, c any
	if json.Unmarshal(got, &a) != nil || json.Unmarshal([]byte(want), &c) != nil {
		t.Fatal(string(got), want)
	}
	left, _ := json.Marshal(a)
	right, _ := json.Marshal(c)
	if string(left) != string(right) || !strings.Contains(want, `"may":true`) {
		t.Errorf("the client is told\n%s\nand the list says\n%s", left, right)
	}
}

// A client whose token has ended since it was made can do nothing.
func TestClientOfAnEndedToken(t *testing.T) {
	b := newBench(t)
	client := b.server.Client(access.Token{Name: "old", Roles: []access.Role{access.Admin}, Revoked: time.Now()})
	err := client.Call(t.Context(), http.MethodGet, "/v1/runs", nil, nil, nil)
	if p, ok := errors.AsType[*service.Problem](err); !ok || p.Status != http.StatusUnauthorized {
		t.Errorf("it gets %v", err)
	}
}
