package service_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/access"
)

// Services of this kind were broken in these ways in the last years. Each subtest attacks in one.
func TestHowPeersWereBroken(t *testing.T) {
	t.Run("a second door without the lock", secondDoor)
	t.Run("a role promised and not enforced", roleNotEnforced)
	t.Run("the envelope checked and the letter not", letterNotChecked)
	t.Run("code by request", codeByRequest)
	t.Run("an id of the caller becomes a path", idBecomesPath)
	t.Run("body confusion", bodyConfusion)
	t.Run("foreign credentials or chosen addresses", chosenAddresses)
	t.Run("costly expressions", costlyExpressions)
	t.Run("a poisoned record at each start", poisonedRecord)
	t.Run("SQL or patterns from a query", queryIsLiteral)
	t.Run("one credential shared by all", sharedCredential)
}

var firstLine = regexp.MustCompile(`^HTTP/1\.[01] (\d\d\d) `)

// statusesOf returns the statuses of the answers on a connection.
func statusesOf(answers string) (all []string) {
	for line := range strings.Lines(answers) {
		if m := firstLine.FindStringSubmatch(line); m != nil {
			all = append(all, m[1])
		}
	}
	return all
}

// secondDoor looks for a way to a route around its token: by the spelling of the address, the method,
// headers of proxies, and what HTTP can be made to mean.
func secondDoor(t *testing.T) {
	b := newBench(t)
	admin := b.as("robin", access.Admin)
	run := b.start(admin, `{"workflow":"ask","request":"hidden-request"}`)
	b.settled(run, engine.Waiting)
	before := len(b.entries())
	tricks := []func(path string) string{
		func(p string) string { return p }, func(p string) string { return "/" + p }, func(p string) string { return p + "/" }, func(p string) string { return "/x/.." + p },
		func(p string) string { return "/healthz/.." + p }, func(p string) string { return "/healthz/%2e%2e" + p }, func(p string) string { return "/healthz%2f.." + p }, func(p string) string { return "/healthz;" + p },
		func(p string) string { return "/." + p }, func(p string) string { return p + "/." }, func(p string) string { return p + "%2f" }, func(p string) string { return p + "." }, func(p string) string { return p + "%00" },
		func(p string) string { return p + "%20" }, func(p string) string { return p + ";x=1" }, func(p string) string { return p + "?" }, func(p string) string { return p + "?access_token=" + admin }, strings.ToUpper,
		func(p string) string { return strings.ReplaceAll(p, "/", "//") }, func(p string) string { return strings.ReplaceAll(p, "/", "%2f") }, func(p string) string { return strings.ReplaceAll(p, "/", "\\") },
		func(p string) string { return strings.Replace(p, "v1", "%76%31", 1) }, func(p string) string { return strings.Replace(p, "/v1", "/v1/../v1", 1) }, func(p string) string { return strings.TrimPrefix(p, "/v1") },
		func(p string) string { return "http://localhost" + p }, func(p string) string { return "http://127.0.0.1/healthz/.." + p }, func(p string) string { return "https://x@localhost:1" + p }, func(p string) string { return "*" },
		func(p string) string { return p + "#/healthz" }, func(p string) string { return "/healthz?" + p }, func(p string) string { return p + "/healthz" }, func(p string) string { return "/readyz/../.." + p },
	}
	more := []string{
		"", "X-Original-URL: /healthz", "X-Rewrite-URL: /healthz", "X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "Forwarded: for=127.0.0.1;proto=https", "X-Forwarded-Host: localhost", "X-HTTP-Method-Override: GET", "X-HTTP-Method: GET",
		"X-Method-Override: GET", "Authorization: Bearer nothing", "Authorization: Basic YWRtaW46YWRtaW4=", "Proxy-Authorization: Bearer " + admin, "X-Authorization: Bearer " + admin, "Cookie: token=" + admin, "X-Api-Key: " + admin, "Connection: Authorization", "X-Remote-User: robin", "Accept: text/event-stream", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eHh4eHh4eHh4eHh4eHh4eA==", "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
	}
	methods := []string{http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodTrace, http.MethodConnect, "get", "POST"}
	attempts := 0
	try := func(op operation, request string) {
		attempts++
		answer := b.rawly(request)
		for _, status := range statusesOf(answer) {
			health := strings.Contains(answer, `{"ok":true}`) || strings.Contains(answer, `"bad_definitions"`)
			if status[0] != '4' && (!health || status != "200") && status != "501" && status != "505" {
				t.Errorf("%s without a token: %q is answered by %.400q", op, request, answer)
			}
		}
		if strings.Contains(answer, "hidden-request") || strings.Contains(answer, "Greet") || strings.Contains(answer, "robin") {
			t.Errorf("%s without a token: %q shows %.400q", op, request, answer)
		}
	}
	for _, op := range b.operations() {
		if op.public {
			continue
		}
		body := "Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
		for _, trick := range tricks {
			try(op, op.method+" "+trick(op.at(run))+" HTTP/1.1\r\nHost: x\r\n"+body)
		}
		for _, headers := range more {
			try(op, op.method+" "+op.at(run)+" HTTP/1.1\r\nHost: x\r\n"+strings.TrimPrefix(headers+"\r\n", "\r\n")+body)
			try(op, "GET /healthz HTTP/1.1\r\nHost: x\r\n"+strings.ReplaceAll(strings.TrimPrefix(headers+"\r\n", "\r\n"), "/healthz", op.at(run))+"Connection: close\r\n\r\n")
		}
		for _, method := range methods {
			try(op, method+" "+op.at(run)+" HTTP/1.1\r\nHost: x\r\n"+body)
		}
		try(op, op.method+" "+op.at(run)+" HTTP/1.0\r\n"+body)
		try(op, op.method+" "+op.at(run)+"\r\n")
		try(op, "OPTIONS * HTTP/1.1\r\nHost: x\r\n"+body)
		try(op, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	}
	// Two readings of one request: at most the first is answered as a request, and never as somebody else's.
	inner := "GET /v1/runs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + admin + "\r\n\r\n"
	for name, text := range map[string]string{
		"two lengths":           "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 500\r\n\r\n" + inner,
		"a list of lengths":     "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 500\r\n\r\n" + inner,
		"a signed length":       "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n" + inner,
		"an unknown coding":     "POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n" + inner,
		"two codings":           "POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + inner,
		"a blank in a name":     "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length : 0\r\n\r\n" + inner,
		"a folded line":         "POST /healthz HTTP/1.1\r\nHost: x\r\n Content-Length: 0\r\n\r\n" + inner,
		"two hosts":             "GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n" + inner,
		"no host":               "GET /healthz HTTP/1.1\r\n\r\n" + inner,
		"a bad chunk":           "POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + inner,
		"a line break in it":    "GET /healthz\r HTTP/1.1\r\nHost: x\r\n\r\n" + inner,
		"a NUL in a header":     "GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n" + inner,
		"coding under HTTP/1.0": "POST /healthz HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
	} {
		answer := b.rawly(text)
		if all := statusesOf(answer); len(all) != 1 || all[0][0] != '4' && all[0] != "501" || strings.Contains(answer, run) {
			t.Errorf("%s: the answers are %q: %.500q", name, all, answer)
		}
	}
	if entries := b.entries()[before:]; len(entries) > 0 {
		t.Errorf("callers without a token are in the audit log: %+v", entries)
	}
	t.Logf("%d attempts", attempts)
}

// roleNotEnforced asks for runs with tokens that must not see them, by every route and in every way
// that selects runs.
func roleNotEnforced(t *testing.T) {
	b := newBench(t)
	b.desk["hidden-request"] = []string{"Amira"}
	owner, admin := b.as("hidden-owner", access.Requester), b.as("robin", access.Admin)
	run := b.start(owner, `{"workflow":"ask","request":"hidden-request"}`)
	other := b.start(owner, `{"workflow":"greet","request":"hidden-other","inputs":{"who":"Hidden"}}`)
	b.settled(run, engine.Waiting)
	b.settled(other, engine.Succeeded)
	cursor := b.ask(admin, http.MethodGet, "/v1/runs?limit=1", "").want(http.StatusOK).member("next")
	for name, token := range map[string]access.Token{
		"a requester":             {Roles: []access.Role{access.Requester}, Workflows: b.workflows.Names()},
		"a person":                {Roles: []access.Role{access.Requester}, Workflows: b.workflows.Names(), Person: "token:hidden-owner"},
		"a group":                 {Roles: []access.Role{access.Requester}, Workflows: b.workflows.Names(), Person: "x", Groups: []string{"Amira", "hidden-owner"}},
		"a requester who designs": {Roles: []access.Role{access.Requester, access.Designer, access.Monitor}},
		"a designer":              {Roles: []access.Role{access.Designer}, Person: "amira"},
		"a monitor":               {Roles: []access.Role{access.Monitor}, Person: "amira"},
		"an unknown role":         {Roles: []access.Role{"root", "*", ""}, Person: "amira"},
	} {
		token.Name = strings.ReplaceAll(name, " ", "-")
		secret := b.token(token)
		ask := func(method, path, body string, headers ...string) {
			answer := b.ask(secret, method, path, body, headers...)
			for _, word := range []string{run, other, "hidden-owner", "Hidden", "hidden-request", "hidden-other", "Amira"} {
				if strings.Contains(answer.text, word) && !strings.Contains(path+body, word) {
					t.Errorf("%s sees %q by %s %s %s: %s", name, word, method, path, body, answer.text)
				}
			}
			if strings.Contains(path, run) && answer.status < 400 {
				t.Errorf("%s may %s %s: %d %s", name, method, path, answer.status, answer.text)
			}
		}
		for _, q := range []string{
			"", "?request=hidden-request", "?workflow=ask", "?status=waiting", "?status=succeeded", "?waits_for=person", "?since=2000-01-01T00:00:00Z", "?limit=500", "?cursor=" + cursor, "?limit=1&cursor=" + cursor, "?request=hidden-other&workflow=greet",
		} {
			ask(http.MethodGet, "/v1/runs"+q, "")
			ask(http.MethodHead, "/v1/runs"+q, "")
		}
		for _, id := range []string{run, other} {
			for _, op := range b.operations() {
				if op.public || op.method == http.MethodPost && op.path == "/v1/runs" || strings.Contains(op.path, "{name}") {
					continue
				}
				for _, body := range []string{`{}`, `{"step":"ok","decision":"approve"}`, `{"step":"act","verdict":"done"}`, `{"from":"act"}`} {
					if op.method == http.MethodGet {
						body = ""
					}
					ask(op.method, op.at(id), body, "Last-Event-ID", "1.1", "If-Match", "*")
				}
			}
		}
		ask(http.MethodPost, "/v1/runs", `{"workflow":"ask","request":"hidden-request"}`)
		ask(http.MethodPost, "/v1/runs", `{"workflow":"ask","request":"hidden-request"}`, "Idempotency-Key", run)
		ask(http.MethodPost, "/v1/runs", `{"workflow":"greet","request":"hidden-other","inputs":{"who":"Other"}}`)
	}
	if v := b.settled(run, engine.Waiting); len(v.Steps) > 0 && len(v.Steps[0].Decisions) > 0 {
		t.Errorf("somebody has decided: %+v", v.Steps)
	}
}

// letterNotChecked names another actor in a body, a query and a header.
func letterNotChecked(t *testing.T) {
	b := newBench(t)
	b.answer = losing("act")
	desk := b.as("desk", access.Requester)
	ops := b.token(access.Token{Name: "ops", Roles: []access.Role{access.Operator, access.Approver}, Person: "kim", Groups: []string{"deciders"}})
	ask, doubt := b.start(desk, `{"workflow":"ask","request":"100-1"}`), b.start(desk, `{"workflow":"doubtful"}`)
	b.settled(ask, engine.Waiting)
	b.settled(doubt, engine.Uncertain)
	bodies := map[string]string{
		"/v1/runs": `"workflow":"slow"`, "/v1/runs/" + ask + "/approve": `"step":"ok","decision":"approve"`, "/v1/runs/" + doubt + "/resolve": `"step":"act","verdict":"done"`, "/v1/runs/" + ask + "/cancel": ``, "/v1/runs/" + doubt + "/retry": `"from":"act"`,
		"/v1/workflows/greet/plan": `"inputs":{}`,
	}
	for path, body := range bodies {
		secret := ops
		if path == "/v1/runs" {
			secret = desk
		}
		for _, name := range []string{
			"by", "By", `\u0062y`, "person", "actor", "user", "as", "started_by", "requester", "requesters", "owner", "owners", "decided_by", "cancelled_by", "entered_by", "token", "groups", "roles", "on_behalf_of", "run", "step ", "__proto__", "constructor",
		} {
			for _, value := range []string{`"root"`, `{"name":"root"}`, `["root"]`, `null`} {
				text := strings.TrimSuffix(`{"`+name+`":`+value+`,`+body, ",") + "}"
				b.ask(secret, http.MethodPost, path, text).want(http.StatusUnprocessableEntity, "unfit")
			}
		}
		for _, query := range []string{"by=root", "as=root", "person=root", "access_token=x", "started_by=root"} {
			b.ask(secret, http.MethodPost, path+"?"+query, "{"+body+"}").want(http.StatusBadRequest, "query")
		}
	}
	headers := []string{"X-Forwarded-User", "root", "X-Remote-User", "root", "X-User", "root", "X-Auth-Request-User", "root", "From", "root@x", "X-Errand-Person", "root", "X-Forwarded-Groups", "admins", "Remote-User", "root"}
	started := b.ask(desk, http.MethodPost, "/v1/runs", `{"workflow":"slow"}`, headers...).want(http.StatusCreated)
	if by := started.member("started_by"); by != "desk" {
		t.Errorf("the run was started by %q", by)
	}
	b.ask(ops, http.MethodPost, "/v1/runs/"+ask+"/approve", `{"step":"ok","decision":"reject","comment":"as root"}`, headers...).want(http.StatusOK)
	b.ask(ops, http.MethodPost, "/v1/runs/"+doubt+"/resolve", `{"step":"act","verdict":"done"}`, headers...).want(http.StatusOK)
	if v := b.settled(ask, engine.Uncertain); len(v.Steps) == 0 || len(v.Steps[0].Decisions) != 1 || v.Steps[0].Decisions[0].By.Name != "kim" {
		t.Errorf("the approval is %+v", v.Steps)
	}
	for _, e := range b.entries() {
		if e.Token != "desk" && e.Token != "ops" || e.Person != "" && e.Person != "kim" {
			t.Errorf("the audit log has %+v", e)
		}
	}
}
