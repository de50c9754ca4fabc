package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/console"
)

// An example is how a test asks for a page.
type example struct {
	address string
	form    url.Values
	status  int // for whoever may see the page and everything on it
}

// examples are those of pages whose status is more than "not refused". The run is waiting for an
// approval that an operator may not give.
func examples(run string) map[string]example {
	at := "/runs/" + run
	return map[string]example{
		"GET /{$}":                         {"/", nil, 200},
		"POST /retry":                      {"/retry", url.Values{}, 422},
		"GET /runs":                        {"/runs?status=waiting&request=100-3", nil, 200},
		"GET /find":                        {"/find?q=" + run, nil, 303},
		"GET /runs/{id}":                   {at, nil, 200},
		"GET /runs/{id}/retry":             {at + "/retry", nil, 409},
		"POST /runs/{id}/retry":            {at + "/retry", url.Values{"from": {"act"}}, 409},
		"GET /runs/{id}/cancel":            {at + "/cancel", nil, 200},
		"POST /runs/{id}/cancel":           {at + "/cancel", url.Values{}, 303},
		"GET /runs/{id}/test":              {at + "/test", nil, 200},
		"GET /runs/{id}/whole/{what}":      {at + "/whole/inputs", nil, 200},
		"GET /runs/{id}/questions/{step}":  {at + "/questions/ok", nil, 200},
		"POST /runs/{id}/questions/{step}": {at + "/questions/ok", url.Values{"verdict": {"maybe"}}, 422},
		"GET /requests/{id}":               {"/requests/100-3", nil, 200},
		"GET /sign-in":                     {"/sign-in", nil, 303},
		"POST /sign-in":                    {"/sign-in", url.Values{"token": {"errand_0"}}, 401},
		"POST /sign-out":                   {"/sign-out", url.Values{}, 303},
		"GET /live":                        {"/live?run=" + run, nil, 200},
		"GET /console.css":                 {"/console.css", nil, 200},
		"GET /console.js":                  {"/console.js", nil, 200},
		"GET /icon.svg":                    {"/icon.svg", nil, 200},
	}
}

var wildcard = regexp.MustCompile(`\{([a-z]+)(\.\.\.)?\}`)

// exampleOf returns how to ask for a page. A page without an example of its own is asked for something
// that may not be there.
func exampleOf(r console.Row, run string) example {
	if e, ok := examples(run)[r.Method+" "+r.Pattern]; ok {
		return e
	}
	address := strings.TrimSuffix(r.Pattern, "{$}")
	return example{address: wildcard.ReplaceAllStringFunc(address, func(name string) string {
		switch name {
		case "{id}":
			return run
		case "{name}":
			return "greet"
		}
		return "x"
	})}
}

// see asks for a page.
func (v *visitor) see(r console.Row, e example) answer {
	v.Helper()
	if r.Method == http.MethodGet {
		return v.get(e.address)
	}
	return v.post(e.address, e.form)
}

// refusedByRole says that the table of pages refuses somebody.
const refusedByRole = "you have no role that may see this page"

// Who has a role sees the pages of the role, and no others.
func TestPagesAndRoles(t *testing.T) {
	b := newBench(t, setting{})
	desk := b.as("desk", access.Requester)
	for _, role := range access.Roles {
		secret := b.token(access.Token{Name: "a " + string(role), Person: "somebody", Roles: []access.Role{role}})
		token, err := b.tokenOf(secret)
		if err != nil {
			t.Fatal(err)
		}
		starter := desk
		if role == access.Requester {
			starter = secret // sees only its own
		}
		full, sees := token.Has(access.Operator), token.Has(access.Requester, access.Approver, access.Operator)
		for _, r := range console.Rows() {
			run := b.start(starter, "ask", "", nil)
			b.settled(run, engine.Waiting)
			e := exampleOf(r, run)
			if r.Pattern == "/requests/{id}" {
				e.address, e.status = "/requests/nothing", 404
			}
			a := b.signedIn(secret).see(r, e)
			refused := a.status == http.StatusForbidden && strings.Contains(a.text, refusedByRole)
			switch {
			case refused == r.Allows(token):
				t.Errorf("%s %s answers a %s with %d", r.Method, e.address, role, a.status)
			case a.status >= 500 || a.status == http.StatusUnauthorized && e.status != a.status:
				t.Errorf("%s %s answers a %s with %d", r.Method, e.address, role, a.status)
			case full && e.status != 0 && a.status != e.status:
				t.Errorf("%s %s answers a %s with %d; expected %d", r.Method, e.address, role, a.status, e.status)
			case sees && r.Method == http.MethodGet && e.status != 0 && !refused && a.status != e.status:
				t.Errorf("%s %s answers a %s with %d; expected %d", r.Method, e.address, role, a.status, e.status)
			}
			if v, err := b.runner.Read(t.Context(), run); err != nil || v.Status != engine.Waiting && !full {
				t.Errorf("%s %s let a %s change the run: %v", r.Method, e.address, role, err)
			}
		}
	}
}

// Without a session that is valid now, a person sees the pages for everybody and nothing else.
func TestPagesAndNobody(t *testing.T) {
	b := newBench(t, setting{})
	run := b.start(b.as("desk", access.Requester), "ask", "", nil)
	b.settled(run, engine.Waiting)
	admin := func(name string, change func(*access.Token)) *visitor {
		token := access.Token{Name: name, Roles: []access.Role{access.Admin}}
		change(&token)
		return b.signedIn(b.token(token))
	}
	same := func(*access.Token) {}
	revoked := admin("revoked", same)
	if err := b.store.RevokeToken(t.Context(), "revoked", time.Now()); err != nil {
		t.Fatal(err)
	}
	expired := admin("expired", func(t *access.Token) { t.Expires = time.Now().Add(30 * time.Minute) })
	ended := admin("ended", same)
	if n, err := b.store.EndSessions(t.Context(), "ended", time.Now()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	idle := admin("idle", same)
	b.late.Store(int64(access.SessionIdles))
	fresh := admin("fresh", same)
	two := fresh.secret()
	nobody := map[string]*visitor{"nobody": b.visitor(), "a revoked token": revoked, "an expired token": expired, "an ended session": ended, "an idle session": idle}
	cookies := map[string]string{
		"garbage":           "errand-session=" + strings.Repeat("x", 43),
		"another form":      "errand-session=1",
		"an empty one":      "errand-session=",
		"two cookies":       "errand-session=" + two + "; errand-session=" + two,
		"one and garbage":   "errand-session=" + strings.Repeat("x", 43) + "; errand-session=" + two,
		"that of TLS":       "__Host-errand-session=" + two,
		"a token":           "errand-session=" + b.as("boss", access.Admin),
		"a quoted token":    `errand-session="` + b.as("boss", access.Admin) + `"`,
		"a session's hash":  "errand-session=" + strings.Repeat("0", 64),
		"another name":      "Errand-Session=" + two,
		"a path of its own": "errand-session=" + two + "/; $Path=/",
	}
	before := b.changes(run)
	for _, r := range console.Rows() {
		if r.IsOpen() {
			continue
		}
		e := exampleOf(r, run)
		check := func(who string, a answer) {
			t.Helper()
			want := http.StatusUnauthorized
			if r.Method == http.MethodGet {
				want = http.StatusSeeOther
			}
			if a.status != want || want == http.StatusSeeOther && !strings.HasPrefix(a.header.Get("Location"), "/sign-in?next=%2F") {
				t.Errorf("%s: %s %s answers %d %q; expected %d", who, r.Method, e.address, a.status, a.header.Get("Location"), want)
			}
		}
		for who, v := range nobody {
			check(who, v.see(r, e))
		}
		for what, cookie := range cookies {
			check(what, b.visitor().send(r.Method, e.address, e.form.Encode(), "Cookie", cookie, "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin"))
		}
	}
	if after := b.changes(run); after != before {
		t.Errorf("nobody changed something:\n%s\n%s", before, after)
	}
	if a := fresh.get("/"); a.status != http.StatusOK {
		t.Errorf("the session that all others are compared with is not valid: %d", a.status)
	}
}

// The zero permission allows nobody, not even an admin.
func TestAPageForNobody(t *testing.T) {
	b := makeBench(t, setting{})
	b.console.AddForNobody("/secret", func() { t.Error("somebody sees it") })
	b.serve(setting{})
	admin := b.as("admin", access.Admin)
	if a := b.signedIn(admin).get("/secret"); a.status != http.StatusForbidden {
		t.Errorf("it answers %d", a.status)
	}
	if a := b.visitor().get("/secret"); a.status != http.StatusSeeOther {
		t.Errorf("nobody gets %d", a.status)
	}
}

// An address that is not one of the table never reaches a page, however it is written.
func TestUnknownAddresses(t *testing.T) {
	b := newBench(t, setting{})
	admin := b.signedIn(b.as("admin", access.Admin))
	run := b.start(b.as("desk", access.Requester), "ask", "", nil)
	b.settled(run, engine.Waiting)
	for _, path := range []string{
		"/nothing", "/runs/", "/Runs", "/RUNS", "//runs", "///", "/runs//", "/./runs", "/runs/.", "/runs/../runs", "/runs/../audit", "/audit/../runs", "/x/..//runs",
		"/runs/%2e%2e/runs", "/%2e/runs", "/runs/..%2Faudit", "/runs%2F" + run, "/runs/" + run + "%2Fcancel", "/runs/" + run + "/", "/runs/" + run + "//cancel", "/runs/" + run + "/./cancel",
		"/runs/" + run + "/cancel/..", "/runs/" + run + "/questions/", "/runs/" + run + "/questions", "/%2Fruns", "/%2F%2Fruns", "/runs;x", "/runs%00", "/runs%20", `/\runs`, "/%5Cruns",
		"/sign-in/", "/live/", "/console.css/", "/console.css/../runs", "/templates/run.html", "/static/console.css", "/favicon.ico", "/.git/config", "/index.html", "/robots.txt", "/metrics2",
	} {
		a := admin.get(path)
		if a.status != http.StatusNotFound || !strings.Contains(a.text, "there is no ") {
			t.Errorf("GET %s answers %d %q %.200s", path, a.status, a.header.Get("Location"), a.text)
		}
		if a := b.visitor().get(path); a.status != http.StatusSeeOther {
			t.Errorf("GET %s answers nobody with %d", path, a.status)
		}
	}
}

// The console changes nothing of the HTTP interface: it takes tokens, not cookies.
func TestTheInterfaceTakesNoCookies(t *testing.T) {
	b := newBench(t, setting{})
	secret := b.as("admin", access.Admin)
	admin := b.signedIn(secret)
	run := b.start(b.as("desk", access.Requester), "ask", "", nil)
	b.settled(run, engine.Waiting)
	before := b.changes(run)
	for _, r := range []struct{ method, path string }{
		{"GET", "/v1/runs"}, {"GET", "/v1/runs/" + run}, {"POST", "/v1/runs"}, {"POST", "/v1/runs/" + run + "/cancel"}, {"GET", "/v1/runs/" + run + "/events"}, {"GET", "/v1/nothing"},
		{"GET", "/v1"}, {"GET", "/v1/"}, {"GET", "//v1/runs"}, {"GET", "/v1//runs"}, {"GET", "/v1/../v1/runs"}, {"GET", "/runs/../v1/runs"}, {"GET", "/metrics"}, {"DELETE", "/v1/runs"}, {"GET", "/v1/audit"},
	} {
		a := admin.send(r.method, r.path, "{}", "Content-Type", "application/json", "Sec-Fetch-Site", "same-origin")
		if a.status != http.StatusUnauthorized || a.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(a.text, `"no_token"`) {
			t.Errorf("%s %s with a cookie answers %d %s %s", r.method, r.path, a.status, a.header.Get("Content-Type"), a.text)
		}
	}
	if after := b.changes(run); after != before {
		t.Errorf("a cookie changed something:\n%s\n%s", before, after)
	}
	if a := b.visitor().send("GET", "/v1/runs/"+run, "", "Authorization", "Bearer "+secret); a.status != http.StatusOK || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("with a token, it answers %d %s", a.status, a.header.Get("Content-Type"))
	}
	for _, path := range []string{"/", "/runs", "/runs/" + run} { // and the pages take no tokens
		if a := b.visitor().get(path, "Authorization", "Bearer "+secret); a.status != http.StatusSeeOther {
			t.Errorf("GET %s with a token answers %d", path, a.status)
		}
	}
	for _, path := range []string{"/livez", "/readyz", "/v1/openapi.json"} {
		if a := b.visitor().send("GET", path, ""); a.header.Get("Content-Type") == "text/html; charset=utf-8" {
			t.Errorf("GET %s is a page of the console", path)
		}
	}
}

// A requester sees its own runs. A run of somebody else is the same page, to the letter, as one that does
// not exist.
func TestARequesterSeesItsOwn(t *testing.T) {
	b := newBench(t, setting{})
	mine, theirs := b.as("kim", access.Requester), b.as("lena", access.Requester)
	ownPruned, otherPruned := b.pruned(mine, "100-6"), b.pruned(theirs, "200-6")
	own, other := b.cast(mine, "100"), b.cast(theirs, "200")
	kim := b.signedIn(mine)
	const unknown = "aaaaaaaaaaaaaaaa"
	before := b.changes(other.all()...)
	for _, r := range console.Rows() {
		if !strings.Contains(r.Pattern, "/runs/{id}") {
			continue
		}
		for _, run := range append(other.all(), otherPruned) {
			hidden, missing := kim.see(r, exampleOf(r, run)), kim.see(r, exampleOf(r, unknown))
			if hidden.status != http.StatusNotFound || strings.ReplaceAll(hidden.text, run, unknown) != missing.text {
				t.Errorf("%s %s: a hidden run answers %d, an unknown one %d:\n%s\n%s", r.Method, r.Pattern, hidden.status, missing.status, hidden.text, missing.text)
			}
		}
	}
	if after := b.changes(other.all()...); after != before {
		t.Errorf("kim changed the runs of lena:\n%s\n%s", before, after)
	}
	for _, path := range []string{"/", "/runs", "/runs?request=200-1", "/runs?status=failed", "/runs?after=" + other.asking, "/requests/100-1", "/find?q=200-1", "/history"} {
		a := kim.get(path)
		for _, run := range append(other.all(), otherPruned) {
			if strings.Contains(a.text, run) {
				t.Errorf("%s shows kim the run %s of lena", path, run)
			}
		}
	}
	if a, b := kim.get("/requests/200-1"), kim.get("/requests/300-1"); a.status != 404 || strings.ReplaceAll(a.text, "200-1", "300-1") != b.text {
		t.Errorf("a hidden request answers %d %s", a.status, a.text)
	}
	if a := kim.get("/find?q=" + other.asking); a.header.Get("Location") != "/requests/"+other.asking {
		t.Errorf("a search for a hidden run leads to %q", a.header.Get("Location"))
	}
	if a := kim.get("/live?run=" + other.asking); a.status != http.StatusNotFound {
		t.Errorf("the stream of a hidden run answers %d", a.status)
	}
	a := kim.post("/retry", url.Values{"run": {other.failed, unknown}})
	if a.status != http.StatusOK || strings.Count(a.text, "was not retried") != 2 {
		t.Errorf("retrying runs that are hidden answers %d %s", a.status, a.text)
	}
	list := kim.get("/runs").text
	for _, run := range own.all() {
		if !strings.Contains(list, run) || kim.get("/runs/"+run).status != http.StatusOK {
			t.Errorf("kim does not see the run %s", run)
		}
	}
	if a := kim.get("/runs/" + ownPruned); a.status != http.StatusOK || !strings.Contains(a.text, "was deleted as old") {
		t.Errorf("the page of a run whose record was deleted answers %d", a.status)
	}
	wide := b.signedIn(b.as("olga", access.Operator)).get("/runs").text
	for _, run := range slices.Concat(own.all(), other.all()) {
		if !strings.Contains(wide, run) {
			t.Errorf("an operator does not see the run %s", run)
		}
	}
}
