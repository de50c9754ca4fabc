package service_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/service"
	"errand/engine/task"
)

var requests = flag.Int("requests", 2000, "how many requests TestContract sends")

const (
	perHome    = 20_000 // requests before another home begins
	perFixture = 500    // requests before there are new runs in each status
)

// TestContract sends wild requests to a service that has runs in each status. Each answer must be one
// that the served document lists, with a body of the schema there.
func TestContract(t *testing.T) {
	counts := map[string]int{}
	for sent := 0; sent < *requests; sent += perHome {
		t.Run(strconv.Itoa(sent/perHome), func(t *testing.T) {
			for answer, n := range newAttack(t).run(t, min(perHome, *requests-sent)) {
				counts[answer] += n
			}
		})
	}
	names := slices.Sorted(maps.Keys(counts))
	total := 0
	for _, name := range names {
		t.Logf("%8d %s", counts[name], name)
		total += counts[name]
	}
	t.Logf("%8d requests", total)
	if len(counts) < 60 && *requests >= 2000 {
		t.Errorf("only %d kinds of answers came", len(counts))
	}
}

// TestContract can fail: it notices a route that does not keep to the document, however it does not.
func TestContractNotices(t *testing.T) {
	for name, fault := range map[string]struct {
		action, says string
		how          func(w http.ResponseWriter, r *http.Request) (int, any)
	}{
		"a status that is not documented": {"run.show", "the status 418 is not documented", func(http.ResponseWriter, *http.Request) (int, any) { return 418, map[string]any{} }},
		"a body that is not documented": {"workflow.list", "got string, want array", func(http.ResponseWriter, *http.Request) (int, any) {
			return 200, map[string]any{"version": 1, "workflows": "none"}
		}},
		"a member that is not documented": {"health", "additional properties 'more' not allowed", func(http.ResponseWriter, *http.Request) (int, any) { return 200, map[string]any{"ok": true, "more": 1} }},
		"another media type": {"health", `the media type "text/html" is not documented`, func(w http.ResponseWriter, _ *http.Request) (int, any) {
			w.Header().Set("Content-Type", "text/html")
			return 200, map[string]any{"ok": true}
		}},
		"a panic":                       {"run.list", "an internal failure", func(http.ResponseWriter, *http.Request) (int, any) { panic("a fault put in on purpose") }},
		"a panic in the middle":         {"workflow.show", "the handler panicked: net/http: abort Handler", func(w http.ResponseWriter, _ *http.Request) (int, any) { w.WriteHeader(200); panic("on purpose") }},
		"a body that cannot be encoded": {"audit.list", "an internal failure", func(http.ResponseWriter, *http.Request) (int, any) { return 200, json.RawMessage("{") }},
		"two statuses":                  {"ready", "the status 503 follows the status 200", func(w http.ResponseWriter, _ *http.Request) (int, any) { w.WriteHeader(200); return 503, nil }},
		"a bad header that is accepted": {"run.events", "the status is 204, although the header Last-Event-ID", func(http.ResponseWriter, *http.Request) (int, any) { return 204, nil }},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAttack(t)
			if err := a.server.Break(fault.action, fault.how); err != nil {
				t.Fatal(err)
			}
			draw := rapid.Custom(a.draw)
			for i := range 3000 {
				if _, err := a.send(draw.Example(i)); err != nil {
					if !strings.Contains(err.Error(), fault.says) {
						t.Errorf("it says %v; expected %q", err, fault.says)
					}
					return
				}
			}
			t.Error("3000 requests noticed nothing")
		})
	}
}

// An attack is a bench whose service gets wild requests.
type attack struct {
	*bench
	contract *contract
	inputs   map[string]map[string]any
	secrets  map[string]string // Authorization headers, by the name of the token
	names    []string
	good     map[string]bool // which of them are valid
	log      *logged

	runs    map[string]string // by how they stand
	cursors []string
	etags   []string
	turn    int
}

// A logged is what a service has logged.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(data)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newAttack(t *testing.T) *attack {
	t.Helper()
	log := &logged{}
	a := &attack{log: log, secrets: map[string]string{}, good: map[string]bool{}, inputs: map[string]map[string]any{}}
	a.bench = newBench(t, func(c *service.Config) {
		c.Heartbeat = 6 * time.Millisecond
		c.Log = slog.New(slog.NewTextHandler(log, nil))
	})
	a.contract = readContract(a.bench)
	a.answer = func(c task.Call) error {
		switch {
		case strings.Contains(string(c.Input), "maybe"):
			return &task.Failure{Code: task.CodeNoReply, Message: "no answer came", Transient: true, Unknown: true}
		case strings.Contains(string(c.Input), "Fail"):
			return &task.Failure{Code: "Refused", Message: "not now", Status: 400}
		}
		return nil
	}
	a.desk["100-2"] = []string{"Kim", "Dana"}
	for _, role := range access.Roles {
		a.add(access.Token{Name: "the-" + string(role), Roles: []access.Role{role}, Workflows: a.workflows.Names()}, true)
	}
	a.add(access.Token{Name: "kim", Roles: []access.Role{access.Requester, access.Approver}, Person: "kim", Groups: []string{"deciders"}, Workflows: a.workflows.Names()}, true)
	a.add(access.Token{Name: "robin", Roles: []access.Role{access.Admin}, Person: "Robin"}, true)
	a.add(access.Token{Name: "small", Roles: []access.Role{access.Requester}, Workflows: []string{"greet"}}, true)
	a.add(access.Token{Name: "expired", Roles: []access.Role{access.Admin}, Expires: time.Now().Add(-time.Hour)}, false)
	a.add(access.Token{Name: "roleless"}, false)
	a.secrets["none"], a.secrets["nothing"], a.secrets["basic"] = "", "Bearer nothing", "Basic "+strings.TrimPrefix(a.secrets["robin"], "Bearer ")
	a.names = slices.Sorted(maps.Keys(a.secrets))
	for range 3 { // good tokens are drawn more often
		a.names = append(a.names, slices.Sorted(maps.Keys(a.good))...)
	}
	for _, name := range a.workflows.Names() {
		shown := into[struct{ Inputs map[string]any }](a.ask(strings.TrimPrefix(a.secrets["robin"], "Bearer "), http.MethodGet, "/v1/workflows/"+name, "").want(http.StatusOK))
		a.inputs[name] = shown.Inputs
	}
	busy := a.start(a.secret("robin"), `{"workflow":"busy"}`)
	if err := a.store.Pause(t.Context(), access.Pause{Name: "busy"}); err != nil {
		t.Fatal(err)
	}
	damaged := a.start(a.secret("robin"), `{"workflow":"greet","inputs":{"who":"Kim"}}`)
	a.settled(damaged, engine.Succeeded)
	a.sql(`UPDATE entries SET data = '{' WHERE run = (SELECT number FROM runs WHERE id = ?)`, damaged)
	a.runs = map[string]string{"running": busy, "damaged": damaged}
	a.renew()
	return a
}

// add adds a token. Those that are not valid stay out of good.
func (a *attack) add(t access.Token, valid bool) {
	a.Helper()
	a.secrets[t.Name] = "Bearer " + a.token(t)
	if valid {
		a.good[t.Name] = true
	}
}

func (a *attack) secret(name string) string { return strings.TrimPrefix(a.secrets[name], "Bearer ") }

// renew starts runs that stand in each way, and reads what clients know of them.
func (a *attack) renew() {
	a.Helper()
	a.turn++
	admin, desk := a.secret("robin"), a.secret("the-requester")
	for how, body := range map[string]string{
		"succeeded": `{"workflow":"greet","inputs":{"who":"Kim"}}`, "failed": `{"workflow":"greet","inputs":{"who":"Fail"}}`,
		"approval": fmt.Sprintf(`{"workflow":"ask","request":"fixture-%d"}`, a.turn), "uncertain": `{"workflow":"doubtful"}`, "cancelled": `{"workflow":"slow"}`, "waiting": `{"workflow":"slow"}`,
	} {
		a.runs[how] = a.start(desk, body)
	}
	a.settled(a.runs["succeeded"], engine.Succeeded)
	a.settled(a.runs["failed"], engine.Failed)
	a.settled(a.runs["approval"], engine.Waiting)
	a.settled(a.runs["uncertain"], engine.Uncertain)
	a.ask(admin, http.MethodPost, "/v1/runs/"+a.runs["cancelled"]+"/cancel", "").want(http.StatusOK)
	a.cursors, a.etags = nil, nil
	for _, path := range []string{"/v1/runs?limit=1", "/v1/runs?workflow=slow&limit=1", "/v1/questions?limit=1", "/v1/audit?limit=1"} {
		if next := a.ask(admin, http.MethodGet, path, "").want(http.StatusOK).member("next"); next != "" {
			a.cursors = append(a.cursors, next)
		}
	}
	for _, q := range a.questions(admin) {
		a.etags = append(a.etags, q["etag"].(string))
	}
}

// pools are what facts are drawn from, and what fits an action.
var pools = map[string][]string{
	"run":                  {"succeeded", "failed", "approval", "uncertain", "cancelled", "waiting", "running", "damaged", "unknown"},
	"run for run.approve":  {"approval"},
	"run for run.resolve":  {"uncertain"},
	"run for run.retry":    {"failed", "cancelled"},
	"step":                 {"act", "ok", "wait", "after", "none"},
	"step for run.approve": {"ok"},
	"step for run.resolve": {"act"},
	"from":                 {"act", "wait", "none"},
	"workflow":             {"greet", "greet", "greet", "ask", "doubtful", "slow", "busy", "none"},
	"request":              {"100-1", "100-2", "100-3", "200-1", "999-1", "fixture-1"},
	"Last-Event-ID":        {"1.1", "1.2", "2.1", "3.1", "4.1", "9.9", "0.0"},
}

// fact draws a fact of the present fixture.
func (a *attack) fact(t *rapid.T, kind string) string {
	pick := func(from []string) string {
		n := even.Draw(t, kind)
		if len(from) == 0 {
			return "none"
		}
		return from[n%len(from)]
	}
	if name, is := strings.CutPrefix(kind, "token "); is {
		return a.secrets[name]
	}
	kind, action, _ := strings.Cut(kind, " for ")
	options := pools[kind]
	if fitting := pools[kind+" for "+action]; fitting != nil && even.Draw(t, "fitting "+kind) >= 1500 {
		options = fitting
	}
	switch kind {
	case "run":
		if run := a.runs[pick(options)]; run != "" {
			return run
		}
		return "aaaaaaaaaaaaaaaa"
	case "cursor":
		return pick(a.cursors)
	case "If-Match":
		return pick(a.etags)
	}
	if options != nil {
		return pick(options)
	}
	t.Fatalf("there is no fact %q", kind)
	return ""
}

// draw draws a request.
func (a *attack) draw(t *rapid.T) wild {
	d := drawer{T: t, contract: a.contract, tokens: a.names, inputs: a.inputs}
	d.facts = func(kind string) string { return a.fact(t, kind) }
	return d.request()
}

// run sends requests, and returns how many got which answer.
func (a *attack) run(t *testing.T, n int) map[string]int {
	t.Helper()
	defer checks(t, n)()
	counts := map[string]int{}
	sent := 0
	rapid.Check(t, func(t *rapid.T) {
		if sent++; sent%perFixture == 0 {
			a.renew()
		}
		what, err := a.send(a.draw(t))
		if err != nil {
			t.Fatal(err)
		}
		counts[what]++
	})
	for name := range a.good {
		if strings.Contains(a.log.String(), a.secret(name)) {
			t.Errorf("the log has the secret of %s", name)
		}
	}
	if strings.Contains(a.log.String(), "level=ERROR") && !a.expectedErrors() {
		t.Errorf("the log has errors:\n%s", a.log.String())
	}
	return counts
}

// expectedErrors reports whether the log has only those failures that a fixture asks for: a workflow
// that is paused and a desk that does not answer.
func (a *attack) expectedErrors() bool {
	for line := range strings.Lines(a.log.String()) {
		if strings.Contains(line, "level=ERROR") && !strings.Contains(line, "is paused") && !strings.Contains(line, "the desk does not answer") {
			return false
		}
	}
	return true
}

// send sends a request and examines the answer. It returns what was asked and answered.
func (a *attack) send(w wild) (string, error) {
	answer, r, ok := roundTrip(a.server, w.raw(), w.stream)
	if !ok {
		return "malformed", nil
	}
	body := w.body
	if len(r.TransferEncoding) > 0 {
		if _, rest, found := strings.Cut(body, "\r\n"); found {
			body = strings.TrimSuffix(strings.TrimSuffix(rest, "0\r\n\r\n"), "\r\n")
		}
	}
	err := a.contract.check(r, body, a.good[w.bearer], answer)
	if err == nil && answer.sent.Get("Content-Type") == "text/event-stream" {
		err = checkStream(answer)
	}
	if err != nil {
		return "", fmt.Errorf("%w\n%s\n\n%d %s", err, shown(w.raw()), answer.status, shown(answer.body.String()))
	}
	name := "nothing documented"
	if op := a.contract.find(r); op != nil {
		name = op.action
	}
	if r.Method == http.MethodHead {
		name = "HEAD " + name
	}
	return fmt.Sprintf("%-20s %d %s", name, answer.status, codeOf(answer)), nil
}

// codeOf is the code of a problem.
func codeOf(w *wire) string {
	var p struct{ Code string }
	if json.Unmarshal(w.body.Bytes(), &p) != nil {
		return ""
	}
	return p.Code
}

func shown(text string) string {
	if len(text) > 2000 {
		text = text[:2000] + "…"
	}
	return strconv.Quote(text)
}

// checkStream examines the form of an event stream.
func checkStream(w *wire) error {
	for event := range strings.SplitSeq(strings.TrimSuffix(w.body.String(), "\n\n"), "\n\n") {
		lines := strings.Split(event, "\n")
		switch {
		case len(lines) == 1 && (lines[0] == "" || strings.HasPrefix(lines[0], ": ")):
		case len(lines) == 3 && strings.HasPrefix(lines[0], "id: ") && strings.HasPrefix(lines[1], "event: ") && strings.HasPrefix(lines[2], "data: {"):
			if !json.Valid([]byte(lines[2][len("data: "):])) {
				return fmt.Errorf("the data is %s", lines[2])
			}
		default:
			return fmt.Errorf("the stream has %q", event)
		}
	}
	return nil
}

// checks makes rapid check n times and write no files, until the returned function is called. A
// request in a file is worth little, because it has the tokens and runs of its own home.
func checks(t *testing.T, n int) (restore func()) {
	t.Helper()
	before := map[string]string{}
	for name, value := range map[string]string{"rapid.checks": strconv.Itoa(n), "rapid.nofailfile": "true"} {
		f := flag.Lookup(name)
		before[name] = f.Value.String()
		if err := f.Value.Set(value); err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		for name, value := range before {
			if err := flag.Set(name, value); err != nil {
				t.Error(err)
			}
		}
	}
}
