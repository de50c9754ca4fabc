package console_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/catalog"
	"errand/engine/console"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/service"
	"errand/engine/task"
	"errand/tasks"
)

// A flowBench is a console with definitions in a folder and a journal on disk. Nobody works on its runs
// unless a test does.
type flowBench struct {
	*testing.T
	folder  string
	catalog *catalog.Catalog
	journal *journal.SQLite
	runner  *local.Runner
	console *console.Console
}

// newFlowBench makes a console. change may change the configuration of its service.
func newFlowBench(t *testing.T, change func(*service.Config), definitions ...string) *flowBench {
	t.Helper()
	b := &flowBench{T: t, folder: t.TempDir()}
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	b.catalog = catalog.New(b.folder, registry)
	b.define(definitions...)
	var err error
	if b.journal, err = journal.Open(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	b.runner = &local.Runner{Journal: b.journal, Registry: registry, About: "the test", Poll: 20 * time.Millisecond}
	t.Cleanup(func() {
		if err := errors.Join(b.runner.Close(), b.journal.Close()); err != nil {
			t.Error(err)
		}
	})
	audit := b.journal.Audit(nil)
	config := service.Config{Runner: b.runner, Registry: registry, Workflows: b.catalog, Tokens: b.journal, Audit: audit, Pauses: b.journal, Key: [32]byte{1}}
	if change != nil {
		change(&config)
	}
	b.console = console.New(console.Config{
		Service: service.New(config), Workflows: b.catalog, Definitions: b.catalog, Registry: registry, Tokens: b.journal, Sessions: b.journal, Pauses: b.journal,
	})
	return b
}

// define writes definitions, each under the name in its first line, and loads them.
func (b *flowBench) define(definitions ...string) {
	b.Helper()
	for _, text := range definitions {
		first, _, _ := strings.Cut(strings.TrimLeft(text, "\n"), "\n")
		file := filepath.Join(b.folder, strings.TrimPrefix(first, "workflow: ")+".yaml")
		if err := os.WriteFile(file, []byte(strings.TrimLeft(text, "\n")), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := b.catalog.Load(); err != nil {
		b.Fatal(err)
	}
}

// A flowPerson is somebody who is signed in.
type flowPerson struct {
	*flowBench
	cookie *http.Cookie
}

// as signs in somebody with roles, who may start some workflows.
func (b *flowBench) as(name string, workflows []string, roles ...access.Role) flowPerson {
	b.Helper()
	secret, hash := access.NewSecret()
	if err := b.journal.AddToken(b.Context(), access.Token{Name: name, Roles: roles, Workflows: workflows}, hash); err != nil {
		b.Fatal(err)
	}
	p := flowPerson{flowBench: b}
	answer := p.post("/sign-in", url.Values{"token": {secret}})
	for _, cookie := range answer.Result().Cookies() {
		p.cookie = cookie
	}
	if p.cookie == nil {
		b.Fatalf("%s cannot sign in: %d %s", name, answer.Code, answer.Body)
	}
	return p
}

// admin signs in an administrator.
func (b *flowBench) admin() flowPerson { return b.as("admin", nil, access.Admin) }

// get returns a page, which must have a status.
func (p flowPerson) get(path string, status int) string {
	p.Helper()
	return p.want(p.send(httptest.NewRequest(http.MethodGet, path, nil)), status)
}

// post sends a form.
func (p flowPerson) post(path string, form url.Values) *httptest.ResponseRecorder {
	p.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.send(r)
}

func (p flowPerson) send(r *http.Request) *httptest.ResponseRecorder {
	if p.cookie != nil {
		r.AddCookie(p.cookie)
	}
	answer := httptest.NewRecorder()
	p.console.Handler().ServeHTTP(answer, r)
	return answer
}

// want returns the content of a page, which must have a status.
func (p flowPerson) want(answer *httptest.ResponseRecorder, status int) string {
	p.Helper()
	if answer.Code != status {
		p.Fatalf("the answer is %d %s; expected %d", answer.Code, answer.Body, status)
	}
	_, main, _ := strings.Cut(answer.Body.String(), "<main")
	main, _, _ = strings.Cut(main, "</main>")
	return "<main" + main + "</main>\n"
}

// wants fails for each text that a page lacks.
func (p flowPerson) wants(page string, texts ...string) {
	p.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			p.Errorf("the page lacks %q:\n%s", text, page)
		}
	}
}

// lacks fails for each text that a page has.
func (p flowPerson) lacks(page string, texts ...string) {
	p.Helper()
	for _, text := range texts {
		if strings.Contains(page, text) {
			p.Errorf("the page has %q:\n%s", text, page)
		}
	}
}

// runs returns all runs.
func (b *flowBench) runs() []engine.View {
	b.Helper()
	runs, err := b.runner.List(b.Context(), engine.Query{})
	if err != nil {
		b.Fatal(err)
	}
	return runs
}

// work carries out all runs until they have ended.
func (b *flowBench) work() {
	b.Helper()
	ctx, stop := context.WithTimeout(b.Context(), time.Minute)
	defer stop()
	if err := b.runner.Work(ctx, true, nil); err != nil {
		b.Fatal(err)
	}
	if open, err := b.runner.List(b.Context(), engine.Query{Open: true}); err != nil || len(open) > 0 {
		b.Fatal(open, err)
	}
}

// start puts a run of a workflow without inputs on record.
func (b *flowBench) start(workflow, request, owner string) string {
	b.Helper()
	p, ok := b.catalog.Workflow(workflow)
	if !ok {
		b.Fatal("there is no workflow", workflow)
	}
	order := engine.Order{Run: strings.ToLower(rand.Text()[:16]), Request: request, StartedBy: owner, Inputs: map[string]any{}, Program: p, Owners: engine.Owners(owner)}
	receipt, err := b.runner.Accept(b.Context(), order)
	if err != nil {
		b.Fatal(err)
	}
	return receipt.Run
}
