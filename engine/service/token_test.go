package service_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/goldenfile"
)

// An operation is a route as the served document has it.
type operation struct {
	method, path string
	public       bool // it needs no token
}

func (o operation) String() string { return o.method + " " + o.path }

// at is the path with a run and a workflow in it.
func (o operation) at(run string) string {
	return strings.NewReplacer("{id}", run, "/v1/workflows/{name}", "/v1/workflows/greet", "{name}", "none").Replace(o.path)
}

// operations returns the routes that the document lists.
func (b *bench) operations() (all []operation) {
	b.Helper()
	doc := into[struct {
		Paths map[string]map[string]struct {
			Security *[]any
		}
	}](b.ask(b.as("reader", access.Monitor), http.MethodGet, "/v1/openapi.json", "").want(http.StatusOK))
	for path, item := range doc.Paths {
		for method, op := range item {
			all = append(all, operation{strings.ToUpper(method), path, op.Security != nil && len(*op.Security) == 0})
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return all
}

// Every route but the public ones answers 401 to whatever is no valid token, with the same words, and
// so does an address that does not exist.
func TestBadTokens(t *testing.T) {
	b := newBench(t)
	good := b.as("good", access.Admin)
	run := b.start(good, `{"workflow":"slow"}`)
	expired := b.token(access.Token{Name: "expired", Roles: []access.Role{access.Admin}, Expires: time.Now().Add(-time.Second)})
	roleless := b.token(access.Token{Name: "roleless"})
	revoked := b.as("revoked", access.Admin)
	if err := b.store.RevokeToken(t.Context(), "revoked", time.Now()); err != nil {
		t.Fatal(err)
	}
	unknown, _ := access.NewSecret()
	bad := map[string][]string{ // the Authorization headers
		"none":                     nil,
		"empty":                    {""},
		"garbage":                  {"garbage"},
		"the scheme alone":         {"Bearer"},
		"the scheme and a blank":   {"Bearer "},
		"the word nothing":         {"Bearer nothing"},
		"another scheme":           {"Basic " + good},
		"no scheme":                {good},
		"two blanks":               {"Bearer  " + good},
		"in capitals":              {"Bearer " + strings.ToUpper(good)},
		"cut":                      {"Bearer " + good[:len(good)-1]},
		"with something behind it": {"Bearer " + good + "0"},
		"its hash":                 {"Bearer " + fmt.Sprintf("%x", hashOf(t, good))},
		"unknown":                  {"Bearer " + unknown},
		"expired":                  {"Bearer " + expired},
		"revoked":                  {"Bearer " + revoked},
		"without roles":            {"Bearer " + roleless},
		"two headers":              {"Bearer " + good, "Bearer " + good},
		"a good and a bad one":     {"Bearer " + good, "Bearer nothing"},
		"a list":                   {"Bearer " + good + ", Bearer " + good},
	}
	operations := append(b.operations(), operation{"GET", "/v1/nothing", false}, operation{"DELETE", "/v1/runs", false}, operation{"GET", "/", false}, operation{"OPTIONS", "/v1/runs", false})
	if len(operations) < 16 {
		t.Fatalf("there are only %d routes", len(operations))
	}
	for name, headers := range bad {
		texts := map[string]bool{}
		for _, op := range operations {
			r, err := http.NewRequestWithContext(t.Context(), op.method, b.url+op.at(run), strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			r.Header["Authorization"] = headers
			r.Header.Set("Content-Type", "application/json")
			answer := b.send(r)
			if op.public {
				if answer.status == http.StatusUnauthorized && !strings.Contains(op.path, "hooks") {
					t.Errorf("%s, %s: a public address asks for a token", op, name)
				}
				continue
			}
			texts[answer.text] = true
			if answer.status != http.StatusUnauthorized || answer.header.Get("WWW-Authenticate") != `Bearer realm="errand"` || answer.header.Get("Allow") != "" {
				t.Errorf("%s, %s: %d %s", op, name, answer.status, answer.text)
			}
		}
		if len(texts) != 1 {
			t.Errorf("%s: the answers differ: %v", name, texts)
		}
	}
	b.ask(good, http.MethodGet, "/v1/nothing", "").want(http.StatusNotFound, "no_route")
	if r := b.ask(good, http.MethodDelete, "/v1/runs", "").want(http.StatusMethodNotAllowed, "method"); r.header.Get("Allow") != "GET, POST, HEAD" {
		t.Errorf("the methods are %q", r.header.Get("Allow"))
	}
	for _, scheme := range []string{"bearer", "BEARER"} { // RFC 9110: the scheme has no case
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+"/v1/runs", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", scheme+" "+good)
		b.send(r).want(http.StatusOK)
	}
}

func hashOf(t *testing.T, secret string) access.Hash {
	t.Helper()
	h, ok := access.HashOf(secret)
	if !ok {
		t.Fatal("the token has no hash")
	}
	return h
}

// Which role may do what. testdata/roles.txt is the table.
func TestRoles(t *testing.T) {
	b := newBench(t)
	run := b.start(b.as("starter", access.Admin), `{"workflow":"greet","inputs":{"who":"Kim"}}`)
	b.settled(run, engine.Succeeded)
	var table strings.Builder
	fmt.Fprintf(&table, "%-34s", "")
	secrets := make([]string, len(access.Roles))
	for i, role := range access.Roles {
		fmt.Fprintf(&table, " %-9s", role)
		secrets[i] = b.as("role-"+string(role), role)
	}
	for _, op := range b.operations() {
		fmt.Fprintf(&table, "\n%-34s", op)
		for _, secret := range secrets {
			body := ""
			if op.method != http.MethodGet {
				body = "{}"
			}
			word := "may"
			if b.ask(secret, op.method, op.at(run), body).status == http.StatusForbidden {
				word = "-"
			}
			fmt.Fprintf(&table, " %-9s", word)
		}
	}
	lines := strings.Split(table.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	goldenfile.Check(t, "testdata/roles.txt", []byte(strings.Join(lines, "\n")+"\n"))
}

// Each change has an entry in the audit log before it is made, and each refusal one; without the log
// nothing is done.
func TestAudit(t *testing.T) {
	b := newBench(t)
	b.answer = losing("act")
	desk, ops := b.as("desk", access.Requester), b.token(access.Token{Name: "ops", Roles: []access.Role{access.Operator}, Person: "kim"})
	run := b.start(desk, `{"workflow":"doubtful","request":"100-1"}`)
	b.settled(run, engine.Uncertain)
	b.ask(desk, http.MethodPost, "/v1/runs/"+run+"/resolve", `{"step":"act","verdict":"done"}`).want(http.StatusForbidden)
	b.ask(ops, http.MethodPost, "/v1/runs/"+run+"/resolve", `{"step":"act","verdict":"done","comment":"secret words"}`).want(http.StatusOK)
	b.ask(ops, http.MethodPost, "/v1/runs/"+run+"/resolve", `{"step":"act","verdict":"fail"}`).want(http.StatusConflict)
	b.ask(ops, http.MethodGet, "/v1/audit", "").want(http.StatusForbidden)
	admin := b.as("admin", access.Admin)
	var got []string
	for path := "/v1/audit?limit=2"; ; {
		page := into[struct {
			Entries []access.Entry
			Next    *string
		}](b.ask(admin, http.MethodGet, path, "").want(http.StatusOK))
		for _, e := range page.Entries {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%d %s %s %s %s", e.Seq, e.Token, e.Person, e.Action, e.Detail)))
		}
		if page.Next == nil {
			break
		}
		path = "/v1/audit?limit=2&cursor=" + *page.Next
	}
	want := []string{
		`1 desk  run.start {"request":"100-1","workflow":"doubtful"}`,
		`2 desk  run.resolve refused: role`,
		`3 ops kim run.resolve {"step":"act","verdict":"done"}`,
		`4 ops kim run.resolve {"step":"act","verdict":"fail"}`,
		`5 ops kim run.resolve entry 4 refused: decided`,
		`6 ops kim audit.list refused: role`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("the log has\n%s\nexpected\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if first := b.entries()[0]; first.Run != run {
		t.Errorf("the first entry is %+v, expected one of run %s", first, run)
	}
	b.ask(desk, http.MethodPost, "/v1/runs", `{"workflow":"doubtful","request":"100-1"}`).want(http.StatusOK)
	if all := b.entries(); all[len(all)-1].Action != "run.start" || all[len(all)-1].Run != "" {
		t.Errorf("a start that made no run has the entry %+v", all[len(all)-1])
	}
	b.forbidEntries()
	b.ask(desk, http.MethodPost, "/v1/runs", `{"workflow":"greet","request":"100-7","inputs":{"who":"Kim"}}`).want(http.StatusServiceUnavailable, "store")
	b.ask(ops, http.MethodPost, "/v1/runs/"+run+"/cancel", "").want(http.StatusServiceUnavailable, "store")
	if runs, err := b.runner.List(t.Context(), engine.Query{Request: "100-7"}); err != nil || len(runs) > 0 {
		t.Errorf("without a log there is %+v, %v", runs, err)
	}
	if v, err := b.runner.Read(t.Context(), run); err != nil || v.Cancelling {
		t.Errorf("without a log the run is %+v, %v", v, err)
	}
}
