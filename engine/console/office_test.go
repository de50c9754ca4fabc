package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"errand/engine/access"
	_ "errand/engine/goldenfile"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/service"
	"errand/engine/task"
)

// An office is a console on loopback with a journal on disk.
type office struct {
	*testing.T
	*Console
	url   string
	store *journal.SQLite
	audit access.Audit
	log   bytes.Buffer
}

// flows are the workflows of an office.
type flows map[string]*program.Program

func (f flows) Workflow(name string) (*program.Program, bool) {
	p, ok := f[name]
	return p, ok
}

func (f flows) Names() []string {
	var names []string
	for _, name := range []string{"start", "stop"} {
		if f[name] != nil {
			names = append(names, name)
		}
	}
	return names
}

func (f flows) Bad() int { return 3 }

func openOffice(t *testing.T, change ...func(*Config)) *office {
	t.Helper()
	j, err := journal.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o := &office{T: t, store: j, audit: j.Audit(nil)}
	type empty struct{}
	var types []task.Type
	for _, effect := range []task.Effect{task.Pure, task.Reads, task.Keyed, task.Converges, task.Evident, task.Once} {
		types = append(types, task.Define("probe."+string(effect), "Does nothing.", effect, func(context.Context, task.Call, empty) (empty, error) { return empty{}, nil }))
	}
	registry := task.NewRegistry(task.Connector{Name: "probe", Title: "Probe", Types: types})
	runner := &local.Runner{Journal: j, Registry: registry, About: "the test"}
	log := slog.New(slog.NewTextHandler(&o.log, nil))
	server := httptest.NewUnstartedServer(nil)
	o.url = "http://" + server.Listener.Addr().String()
	config := Config{
		Workflows: flows{}, Registry: registry, Tokens: j, Sessions: j, Pauses: j, Audit: o.audit, Log: log, PublicURL: o.url, Key: [32]byte{2},
		About: About{Release: "v1.2.3", Go: "go1", Home: "/var/lib/canary-home"},
	}
	for _, c := range change {
		c(&config)
	}
	config.Service = service.New(service.Config{
		Key: [32]byte{1}, Runner: runner, Registry: config.Registry, Workflows: config.Workflows, Tokens: j, Audit: o.audit, Pauses: j,
	})
	o.Console = New(config)
	server.Config = service.HTTPServer(o.Handler(), log)
	server.Start()
	t.Cleanup(func() {
		server.Close()
		if err := errors.Join(runner.Close(), j.Close()); err != nil {
			t.Error(err)
		}
	})
	return o
}

// in returns the office for a subtest.
func (o *office) in(t *testing.T) *office {
	return &office{T: t, Console: o.Console, url: o.url, store: o.store, audit: o.audit}
}

// addToken adds a token and returns its secret.
func (o *office) addToken(token access.Token) string {
	o.Helper()
	secret, hash := access.NewSecret()
	if err := o.store.AddToken(o.Context(), token, hash); err != nil {
		o.Fatal(err)
	}
	return secret
}

// entries returns the audit log, an entry a line.
func (o *office) entries() string {
	o.Helper()
	entries, err := o.audit.Entries(o.Context(), 0, 1000)
	if err != nil {
		o.Fatal(err)
	}
	var b strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&b, "%s %s %s\n", e.Token, e.Action, e.Detail)
	}
	return b.String()
}

// A visitor is a browser.
type visitor struct {
	*office
	http.Client
}

func (o *office) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.Fatal(err)
	}
	return &visitor{o, http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signedIn returns a browser that is signed in with a new token.
func (o *office) signedIn(name string, roles ...access.Role) *visitor {
	o.Helper()
	secret := o.addToken(access.Token{Name: name, Roles: roles, Person: name, Workflows: []string{"start"}, Created: o.now().UTC()})
	v := o.visitor()
	v.post("/sign-in", "token", secret).want(http.StatusSeeOther)
	return v
}

// An answered request has what a browser got.
type answered struct {
	*testing.T
	*http.Response
	text string
}

func (v *visitor) do(r *http.Request) answered {
	v.Helper()
	got, err := v.Do(r)
	if err != nil {
		v.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		v.Fatal(err)
	}
	return answered{v.T, got, string(text)}
}

func (v *visitor) get(address string) answered {
	v.Helper()
	if strings.HasPrefix(address, "/") {
		address = v.url + address
	}
	r, err := http.NewRequestWithContext(v.Context(), http.MethodGet, address, nil)
	if err != nil {
		v.Fatal(err)
	}
	return v.do(r)
}

// post sends a form of pairs of names and values.
func (v *visitor) post(path string, pairs ...string) answered {
	v.Helper()
	return v.do(v.form(path, pairs...))
}

func (v *visitor) form(path string, pairs ...string) *http.Request {
	v.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(v.Context(), http.MethodPost, v.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// cookies returns the browser's cookies by name, seen from a path.
func (v *visitor) cookies(path string) map[string]string {
	at, err := url.Parse(v.url + path)
	if err != nil {
		v.Fatal(err)
	}
	all := map[string]string{}
	for _, c := range v.Jar.Cookies(at) {
		all[c.Name] = c.Value
	}
	return all
}

// want fails unless the answer has a status.
func (a answered) want(status int) answered {
	a.Helper()
	if a.StatusCode != status {
		a.Fatalf("the answer is %s: %s", a.Status, a.words())
	}
	return a
}

// says fails unless the page has some texts, without markup.
func (a answered) says(texts ...string) answered {
	a.Helper()
	for _, text := range texts {
		if !strings.Contains(a.words(), text) {
			a.Errorf("the page does not say %q:\n%s", text, a.words())
		}
	}
	return a
}

// hides fails if the page has one of some texts, also in its markup.
func (a answered) hides(texts ...string) answered {
	a.Helper()
	for _, text := range texts {
		if strings.Contains(a.text, text) || strings.Contains(a.words(), text) {
			a.Errorf("the page contains %q:\n%s", text, a.words())
		}
	}
	return a
}

var (
	markup      = regexp.MustCompile(`<[^>]*>|\s+`)
	punctuation = strings.NewReplacer(" ,", ",", " ;", ";")
)

// words returns the text of the page.
func (a answered) words() string {
	_, main, _ := strings.Cut(a.text, "<main")
	main = markup.ReplaceAllString(main, " ")
	return punctuation.Replace(strings.Join(strings.Fields(html.UnescapeString(main)), " "))
}

var refresh = regexp.MustCompile(`<meta http-equiv="refresh" content="0; url=([^"]*)">`)

// onward returns the address to which a page goes on by itself.
func (a answered) onward() string {
	a.Helper()
	found := refresh.FindStringSubmatch(a.text)
	if found == nil {
		a.Fatalf("the page does not go on: %s\n%s", a.Status, a.text)
	}
	return html.UnescapeString(found[1])
}

// later lets time pass for the console.
func (o *office) later(d time.Duration) {
	at := o.now().Add(d)
	o.Console.now = func() time.Time { return at }
}
