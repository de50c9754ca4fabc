package service_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
)

// poisonedRecord damages runs in the journal. The service starts again, and shows and carries on all
// others.
func poisonedRecord(t *testing.T) {
	folder := t.TempDir()
	runs := map[string]string{}
	poisons := map[string]string{
		"an entry that is not JSON":       `UPDATE entries SET data = '{' WHERE run = %s`,
		"an entry of another kind":        `UPDATE entries SET data = '{"kind":"exploded","step":"../x"}' WHERE run = %s`,
		"an entry that is a list":         `UPDATE entries SET data = '[]' WHERE run = %s`,
		"entries without the first":       `DELETE FROM entries WHERE run = %s AND seq = (SELECT min(seq) FROM entries WHERE run = %s)`,
		"a wrong chain":                   `UPDATE runs SET chain = x'00' WHERE number = %s`,
		"inputs that are not JSON":        `UPDATE runs SET inputs = '{"who":' WHERE number = %s`,
		"a result that is not JSON":       `UPDATE runs SET result = 'x' WHERE number = %s`,
		"a result of another shape":       `UPDATE runs SET result = '{"status":7,"outputs":[]}' WHERE number = %s`,
		"waits that are not JSON":         `UPDATE runs SET waits = '[{' WHERE number = %s`,
		"requesters that are not JSON":    `UPDATE runs SET requesters = 'Amira' WHERE number = %s`,
		"a status that nobody knows":      `UPDATE runs SET status = 'exploded' WHERE number = %s`,
		"no definition":                   `UPDATE runs SET definition = NULL WHERE number = %s`,
		"times before and after all time": `UPDATE runs SET started = -9223372036854775808, ended = 9223372036854775807 WHERE number = %s`,
		"a start in the far future":       `UPDATE runs SET started = 9223372036854775807, wake = 0 WHERE number = %s`,
		"bytes that are no text":          `UPDATE runs SET workflow = CAST(x'ff00fe' AS TEXT), request = CAST(x'ff' AS TEXT) WHERE number = %s`,
		"a number that is too large":      `UPDATE runs SET next = 9223372036854775807 WHERE number = %s`,
		"a version of the future":         `UPDATE runs SET version = 99 WHERE number = %s`,
	}
	t.Run("before", func(t *testing.T) {
		b := newBenchIn(t, folder)
		desk := b.as("desk", access.Requester)
		for name := range poisons {
			for _, workflow := range []string{`{"workflow":"greet","inputs":{"who":"Kim"}}`, `{"workflow":"slow"}`} {
				run := b.start(desk, workflow)
				runs[name+workflow] = run
			}
		}
		runs["good"], runs["waits"], runs["asks"] = b.start(desk, `{"workflow":"greet","inputs":{"who":"Kim"}}`), b.start(desk, `{"workflow":"slow"}`), b.start(desk, `{"workflow":"ask","request":"100-1"}`)
		for name, run := range runs {
			if strings.HasSuffix(name, `slow"}`) || name == "waits" || name == "asks" {
				b.settled(run, engine.Waiting)
			} else {
				b.settled(run, engine.Succeeded)
			}
		}
	})
	t.Run("after", func(t *testing.T) {
		b := &bench{T: t, folder: folder}
		for name, statement := range poisons {
			for key, run := range runs {
				if strings.HasPrefix(key, name+"{") {
					b.sql(strings.ReplaceAll(statement, "%s", "(SELECT number FROM runs WHERE id = '"+run+"')"))
				}
			}
		}
		b = newBenchIn(t, folder)
		admin := b.token(access.Token{Name: "admin", Roles: []access.Role{access.Admin}, Person: "robin"})
		k := readContract(b)
		examine := func(method, path, body string) *wire {
			media := "Content-Type: application/json\r\nContent-Length: " + fmt.Sprint(len(body)) + "\r\n"
			w, r, ok := roundTrip(b.server, method+" "+path+" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+admin+"\r\n"+media+"\r\n"+body, 100)
			if !ok {
				t.Fatal(path)
			}
			if err := k.check(r, body, true, w); err != nil {
				t.Errorf("%s %s: %v", method, path, err)
			}
			return w
		}
		listed := map[string]bool{}
		for path := "/v1/runs?limit=5"; ; {
			var page struct {
				Runs []struct{ Run string }
				Next *string
			}
			w := examine(http.MethodGet, path, "")
			if err := json.Unmarshal(w.body.Bytes(), &page); err != nil || w.status != http.StatusOK {
				t.Fatalf("%d %s %v", w.status, w.body.String(), err)
			}
			for _, r := range page.Runs {
				listed[r.Run] = true
			}
			if page.Next == nil {
				break
			}
			path = "/v1/runs?limit=5&cursor=" + *page.Next
		}
		for _, name := range []string{"good", "waits", "asks"} {
			if !listed[runs[name]] {
				t.Errorf("the list is without the run that is %s", name)
			}
			if w := examine(http.MethodGet, "/v1/runs/"+runs[name], ""); w.status != http.StatusOK {
				t.Errorf("the run that is %s: %d %s", name, w.status, w.body.String())
			}
		}
		for _, path := range []string{"/v1/questions", "/v1/runs?status=waiting", "/v1/runs?status=succeeded", "/v1/runs?waits_for=trouble", "/v1/runs?since=2000-01-01T00:00:00Z", "/readyz", "/v1/audit"} {
			if w := examine(http.MethodGet, path, ""); w.status != http.StatusOK {
				t.Errorf("%s: %d %s", path, w.status, w.body.String())
			}
		}
		b.ask(b.token(access.Token{Name: "robin", Roles: []access.Role{access.Approver}, Person: "robin"}), http.MethodPost, "/v1/runs/"+runs["asks"]+"/approve", `{"step":"ok","decision":"approve"}`).want(http.StatusOK)
		b.settled(runs["asks"], engine.Succeeded)
		for name, run := range runs {
			if name == "good" || name == "waits" || name == "asks" {
				continue
			}
			for _, op := range k.operations {
				if !strings.Contains(op.path, "{id}") {
					continue
				}
				body := ""
				if op.request != nil {
					body = map[string]string{"run.approve": `{"step":"wait","decision":"approve"}`, "run.resolve": `{"step":"wait","verdict":"done"}`}[op.action]
				}
				if op.optional {
					body = "{}"
				}
				w := examine(op.method, op.at(run), body)
				if w.status >= 500 {
					t.Errorf("%s, %s: %d %s", name, op, w.status, w.body.String())
				}
			}
		}
		run := b.start(admin, `{"workflow":"greet","inputs":{"who":"Kim"}}`)
		b.settled(run, engine.Succeeded)
	})
}

// queryIsLiteral asks with what means something in SQL, in patterns and in JSON.
func queryIsLiteral(t *testing.T) {
	b := newBench(t)
	admin := b.as("admin", access.Admin)
	requests := []string{"100-1", "100_1", "100%", "%", "_", "*", "?", "it's", `a"b`, "' OR '1'='1", `\`, "100-1;", "[1]", "NULL", "null", "100-1 -- x", "é", "e\u0301", "É", "$1", "?1", ":x", "(select 1)"}
	runs := map[string]string{}
	for _, request := range requests {
		body, err := json.Marshal(map[string]any{"workflow": "greet", "request": request, "inputs": map[string]any{"who": "Kim"}})
		if err != nil {
			t.Fatal(err)
		}
		runs[request] = b.start(admin, string(body))
	}
	list := func(query string) (found []string) {
		page := into[struct {
			Runs []struct{ Run string }
		}](b.ask(admin, http.MethodGet, "/v1/runs?limit=500&"+query, "").want(http.StatusOK))
		for _, r := range page.Runs {
			found = append(found, r.Run)
		}
		return found
	}
	for _, request := range requests {
		if found := list("request=" + url.QueryEscape(request)); !slices.Equal(found, []string{runs[request]}) {
			t.Errorf("request %q selects %q; expected %q", request, found, runs[request])
		}
		if found := list("workflow=" + url.QueryEscape(request)); len(found) > 0 {
			t.Errorf("workflow %q selects %q", request, found)
		}
		for _, name := range []string{"status", "waits_for", "since", "limit", "cursor"} {
			b.ask(admin, http.MethodGet, "/v1/runs?"+name+"="+url.QueryEscape(request), "").want(http.StatusBadRequest, "query")
		}
	}
	for _, other := range []string{"gre%", "g*", "GREET", "greet'--", "greet\x00", "gree_"} {
		if found := list("workflow=" + url.QueryEscape(other)); len(found) > 0 {
			t.Errorf("workflow %q selects %q", other, found)
		}
	}
	cursor := b.ask(admin, http.MethodGet, "/v1/runs?limit=3", "").want(http.StatusOK).member("next")
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		tampered := bytes.Clone(data)
		tampered[i] ^= 1
		b.ask(admin, http.MethodGet, "/v1/runs?limit=3&cursor="+base64.RawURLEncoding.EncodeToString(tampered), "").want(http.StatusBadRequest, "query")
		b.ask(admin, http.MethodGet, "/v1/runs?limit=3&cursor="+base64.RawURLEncoding.EncodeToString(data[:i]), "").want(http.StatusBadRequest, "query")
	}
	for _, path := range []string{"/v1/audit?cursor=", "/v1/questions?cursor=", "/v1/runs?status=failed&cursor="} {
		b.ask(admin, http.MethodGet, path+cursor, "").want(http.StatusBadRequest, "query")
	}
}

// sharedCredential looks for a token that is good for more than its own, and for one that nobody has
// made.
func sharedCredential(t *testing.T) {
	b := newBench(t)
	admin := b.as("admin", access.Admin)
	operations := b.operations()
	small := b.token(access.Token{Name: "small", Roles: []access.Role{access.Requester}, Workflows: []string{"greet"}})
	none := b.token(access.Token{Name: "none", Roles: []access.Role{access.Requester}})
	for secret, sees := range map[string]string{small: "greet", none: ""} {
		for _, name := range b.workflows.Names() {
			status := http.StatusNotFound
			if name == sees {
				status = http.StatusOK
			}
			b.ask(secret, http.MethodGet, "/v1/workflows/"+name, "").want(status)
			b.ask(secret, http.MethodPost, "/v1/workflows/"+name+"/plan", "{}").want(status)
			if name != sees {
				b.ask(secret, http.MethodPost, "/v1/runs", `{"workflow":"`+name+`","request":"100-1"}`).want(http.StatusNotFound, "no_workflow")
			}
			if list := b.ask(secret, http.MethodGet, "/v1/workflows", "").text; strings.Contains(list, `"`+name+`"`) != (name == sees) {
				t.Errorf("the token for %q sees %s", sees, list)
			}
		}
	}
	run := b.start(admin, `{"workflow":"slow"}`)
	b.store.tokens = newStore(t).tokens // a service without tokens
	for _, secret := range []string{"", "errand", "admin", "changeme", "errand_", "errand_" + strings.Repeat("0", 64), "errand_" + strings.Repeat("f", 64), admin, small, "null", "undefined", "Bearer"} {
		for _, op := range operations {
			if op.public {
				continue
			}
			body := ""
			if op.method == http.MethodPost {
				body = "{}"
			}
			b.ask(secret, op.method, op.at(run), body).want(http.StatusUnauthorized, "no_token")
		}
	}
	if v, err := b.runner.Read(t.Context(), run); err != nil || v.Cancelling || v.CancelledBy.Name != "" || time.Since(v.Started) < 0 {
		t.Errorf("the run is %+v, %v", v, err)
	}
}
