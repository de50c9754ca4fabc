package service_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/access"
)

// tree lists the files below a folder.
func tree(t *testing.T, folder string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		files = append(files, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// idBecomesPath uses paths as ids of runs, names of workflows, requests and keys.
func idBecomesPath(t *testing.T) {
	b := newBench(t)
	admin := b.token(access.Token{Name: "admin", Roles: []access.Role{access.Admin}, Person: "robin"})
	b.settled(b.start(admin, `{"workflow":"greet","inputs":{"who":"Kim"}}`), engine.Succeeded)
	before := tree(t, filepath.Dir(b.folder))
	paths := []string{
		"..", "../..", "../../etc/passwd", "/etc/passwd", `..\..\windows`, `C:\x`, "\x00", "a\x00.yaml", "a/../b", "....//....//x", "~root", "file:///etc/passwd", "journal.db", "CON", "a\r\nb", "%2e%2e%2f", ".", "-rf", "$HOME", strings.Repeat("a", 5000), strings.Repeat("../", 1000),
		"\xff\xfe", "a\u202eb", "AAAAAAAAAAAAAAAA",
	}
	for _, path := range paths {
		for _, op := range b.operations() {
			if !strings.Contains(op.path, "{") {
				continue
			}
			body := ""
			if op.method == http.MethodPost {
				body = map[string]string{"approve": `{"step":"ok","decision":"approve"}`, "resolve": `{"step":"ok","verdict":"done"}`}[op.path[strings.LastIndex(op.path, "/")+1:]]
				if body == "" {
					body = "{}"
				}
			}
			r := b.ask(admin, op.method, strings.NewReplacer("{id}", url.PathEscape(path), "{name}", url.PathEscape(path)).Replace(op.path), body)
			unsigned := op.public && r.status == http.StatusUnauthorized // as with a webhook that exists
			if r.status != http.StatusNotFound && !unsigned || len(r.text) > 8192 {
				t.Errorf("%s with %.50q: %d, %d bytes", op, path, r.status, len(r.text))
			}
		}
		for _, start := range []map[string]any{{"workflow": path}, {"workflow": "greet", "request": path, "inputs": map[string]any{"who": "Kim"}}} {
			body, err := json.Marshal(start)
			if err != nil {
				t.Fatal(err)
			}
			if r := b.ask(admin, http.MethodPost, "/v1/runs", string(body)); r.status >= 500 {
				t.Errorf("%.100q: %d %s", body, r.status, r.text)
			} else if r.status == http.StatusCreated && !regexp.MustCompile(`^[a-z0-9]{16}$`).MatchString(r.member("run")) {
				t.Errorf("the run has the id %q", r.member("run"))
			}
		}
		if key := strings.Map(func(r rune) rune { return max(r, '!') }, path); len(key) < 200 && strings.ToValidUTF8(key, "") == key && !strings.ContainsFunc(key, func(r rune) bool { return r > '~' }) {
			r := b.ask(admin, http.MethodPost, "/v1/runs", `{"workflow":"greet","inputs":{"who":"Kim"}}`, "Idempotency-Key", key).want(http.StatusCreated)
			if !regexp.MustCompile(`^[a-z0-9]{16}$`).MatchString(r.member("run")) {
				t.Errorf("the key %q gives the id %q", key, r.member("run"))
			}
		}
	}
	for _, e := range b.entries() {
		if !regexp.MustCompile(`^[a-z0-9]{0,64}$`).MatchString(e.Run) || len(e.Detail) > 2000 {
			t.Errorf("the audit log has %+v", e)
		}
	}
	if after := tree(t, filepath.Dir(b.folder)); !slices.Equal(before, after) {
		t.Errorf("the files were\n%q, and are\n%q", before, after)
	}
}

// chosenAddresses sends addresses and credentials. They are texts, and nobody follows them.
func chosenAddresses(t *testing.T) {
	b := newBench(t)
	b.define("workflow: visit\ninputs:\n  url: {type: string}\n  credential: {type: string}\nsteps:\n  - {id: act, task: probe.once, with: {text: '${{ inputs.url }} ${{ inputs.credential }}'}}\noutputs:\n  said: ${{ steps.act.text }}\n")
	desk := b.token(access.Token{Name: "desk", Roles: []access.Role{access.Requester}, Workflows: b.workflows.Names()})
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	visited := make(chan string, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				close(visited)
				return
			}
			visited <- c.RemoteAddr().String()
			_ = c.Close()
		}
	}()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "[::ffff:127.0.0.1]", "localhost", "0x7f.1", "2130706433"} {
		address := "http://" + host + ":" + port + "/"
		run := b.start(desk, `{"workflow":"visit","inputs":{"url":"`+address+`","credential":"admin"}}`)
		if v := b.settled(run, engine.Succeeded); v.Outputs["said"] != address+" admin" {
			t.Errorf("the run says %v", v.Outputs)
		}
		for _, name := range []string{"url", "credential", "credentials", "endpoint", "callback", "webhook", "proxy", "host", "region", "headers", "profile"} {
			b.ask(desk, http.MethodPost, "/v1/runs", `{"workflow":"greet","inputs":{"who":"Kim"},"`+name+`":"`+address+`"}`).want(http.StatusUnprocessableEntity, "unfit")
			b.ask(desk, http.MethodPost, "/v1/runs", `{"workflow":"greet","inputs":{"who":"Kim","`+name+`":"`+address+`"}}`).want(http.StatusUnprocessableEntity, "unfit")
			b.ask(desk, http.MethodPost, "/v1/runs?"+name+"="+url.QueryEscape(address), `{"workflow":"greet","inputs":{"who":"Kim"}}`).want(http.StatusBadRequest, "query")
		}
		for _, header := range []string{"Host", "X-Forwarded-Host", "Origin", "Referer", "X-Callback-URL", "Destination", "Location"} {
			b.ask(desk, http.MethodGet, "/v1/workflows", "", header, address).want(http.StatusOK)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for visitor := range visited {
		t.Errorf("%s followed an address", visitor)
	}
	address := regexp.MustCompile(`(?i)credential|url|uri|endpoint|host|proxy|callback|hook|token|secret|password|region|profile|file|path`)
	for _, o := range readContract(b).operations {
		properties, _ := o.request["properties"].(map[string]any)
		for name := range properties {
			if address.MatchString(name) {
				t.Errorf("the body of %s has the member %s", o, name)
			}
		}
	}
}

// costlyExpressions sends what takes long to read, to match or to describe.
func costlyExpressions(t *testing.T) {
	b := newBench(t)
	b.define("workflow: match\ninputs:\n  text: {type: string, pattern: '^(a+)+$'}\n  list: {type: list, default: []}\nsteps:\n  - for_each: ${{ inputs.list }}\n    as: item\n    steps:\n      - {task: probe.once}\n")
	desk := b.token(access.Token{Name: "desk", Roles: []access.Role{access.Requester}, Workflows: b.workflows.Names()})
	a, n := strings.Repeat("a", 60_000), 20_000
	var many strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, `"m%d":1,`, i)
	}
	for name, body := range map[string]string{
		"backtracking":       `{"workflow":"match","inputs":{"text":"` + a + `!"}}`,
		"deep lists":         `{"workflow":"match","inputs":{"list":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}}`,
		"deep objects":       `{"workflow":"match","inputs":` + strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000) + `}`,
		"open lists":         strings.Repeat("[", 60_000),
		"a large exponent":   `{"workflow":"match","inputs":{"text":1e999999999}}`,
		"many digits":        `{"workflow":"match","inputs":{"text":` + strings.Repeat("9", 60_000) + `}}`,
		"many members":       `{` + many.String() + `"workflow":"match"}`,
		"many inputs":        `{"workflow":"match","inputs":{` + strings.TrimSuffix(many.String(), ",") + `}}`,
		"one member often":   `{` + strings.Repeat(`"a":1,`, 9000) + `"workflow":"match"}`,
		"many faults":        strings.Repeat(`\x`, 30_000),
		"an expression":      `{"workflow":"match","inputs":{"text":"${{ repeat('a', 1000000000) }}"}}`,
		"a name of 60 KB":    `{"` + a + `":1}`,
		"a workflow of 60 K": `{"workflow":"` + a + `"}`,
	} {
		r := b.ask(desk, http.MethodPost, "/v1/runs", body)
		if r.status != http.StatusUnprocessableEntity && r.status != http.StatusBadRequest {
			t.Errorf("%s: %d %.300s", name, r.status, r.text)
		}
		if len(r.text) > maxProblem {
			t.Errorf("%s: %d bytes are answered by %d: %.2000s", name, len(body), len(r.text), r.text)
		}
	}
	list := `{"inputs":{"text":"a","list":[` + strings.TrimSuffix(strings.Repeat("1,", 30_000), ",") + `]}}`
	if r := b.ask(desk, http.MethodPost, "/v1/workflows/match/plan", list); r.status != http.StatusUnprocessableEntity && len(r.text) > 10<<20 {
		t.Errorf("the plan of a long list: %d, %d bytes", r.status, len(r.text))
	}
}

// maxProblem is how many bytes a problem has at most.
const maxProblem = 128 << 10
