// Package console serves the pages in which people see runs, decide about them and start them. It is a
// client of package service inside the same process: every button is a call of the HTTP interface, with
// the same roles, refusals and audit entries, and whatever a page shows comes through the contract of a
// runner, restricted to what the person may see. The pages work without a script; the script only
// replaces parts of a page when something has changed.
//
// In reading order: console.go (a console and what it needs), page.go (what a page is) and pages.go (the
// table), visit.go with panic.go (one request), security.go (headers and the origin of requests),
// session.go with browser.go and next.go (who is signed in), form.go (what a form sent), render.go,
// funcs.go, words.go, outside.go, static.go and compress.go (how a page is written); then the pages, each
// with its template: signin.go with provider.go and attempt.go, inbox.go, runs.go, run.go with calls.go
// and whole.go, question.go, request.go, workflows.go, workflow.go with source.go, start.go with field.go,
// field_text.go and type_words.go, history.go, credentials.go, tokens.go, audit.go, sessions.go, about.go
// with checks.go and crashes.go; live.go (how pages learn of changes).
package console

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/service"
	"errand/engine/task"
)

// A Config is what a console needs. All members without a remark are needed.
type Config struct {
	Service   *service.Server
	Workflows service.Workflows
	Registry  *task.Registry
	Tokens    access.Tokens
	Sessions  access.Sessions
	Pauses    access.Pauses
	Audit     access.Audit
	Log       *slog.Logger // nil: nothing is logged

	// Definitions has the texts of the workflows; nil: the pages show none.
	Definitions Definitions
	// PublicURL is the address under which browsers reach the console, such as
	// https://errand.example.com, without a slash at its end; "" if it is not known. If it begins with
	// https, cookies are sent over TLS only.
	PublicURL string
	// Program is what is typed on the machine of the service, such as errand-worker; "" means errand.
	Program string
	// About says which program serves which home.
	About About
	// Examine returns what errand doctor finds about the home, the credentials and the systems. It may
	// call other systems. nil: the page about this service has no findings.
	Examine func(ctx context.Context) []Finding
	// Credentials lists the stored credentials, without their values; nil: none can be stored.
	Credentials func(ctx context.Context) ([]Credential, error)
	// Test makes a test case of a run; nil: the run page offers none.
	Test func(ctx context.Context, c service.Client, run string) ([]byte, error)
	// Provider signs people in who have no token; nil: everybody needs a token. ProviderName names it to
	// them, such as login.example.com, and Key seals the sign-ins that have begun; it is the same after
	// a restart.
	Provider     Provider
	ProviderName string
	Key          [32]byte
}

// A Console answers requests of browsers. It is safe for concurrent use.
type Console struct {
	Config
	mux    *http.ServeMux
	pages  map[string]*page // by method and pattern, as the mux returns it
	guard  *http.CrossOriginProtection
	render *renderer
	begun  time.Time // when the console was made
	checks checks
	counts counts
	now    func() time.Time
}

// New returns a console.
func New(c Config) *Console {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Program == "" {
		c.Program = "errand"
	}
	_, adopts := c.Service.Runner.(engine.Adopter)
	made := &Console{Config: c, mux: http.NewServeMux(), pages: map[string]*page{}, guard: http.NewCrossOriginProtection(), now: time.Now, begun: time.Now()}
	made.render = newRenderer(func() time.Time { return made.now() }, commandWords{c.Program, adopts})
	for _, p := range pages {
		made.pages[p.method+" "+p.pattern] = &p
		made.mux.Handle(p.method+" "+p.pattern, made.handler(&p))
	}
	return made
}

// Handler returns the handler of a whole service: the HTTP interface, and the console at all other
// addresses.
func (c *Console) Handler() http.Handler {
	api := c.Service.API()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := api.Handler(r); pattern != "" {
			c.Service.ServeHTTP(w, r)
			return
		}
		c.ServeHTTP(w, r)
	})
}
