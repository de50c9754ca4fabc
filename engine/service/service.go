// Package service serves a home over HTTP: programs and people start runs, see them and decide about
// them. It is one more face of a runner, beside the command line: every answer comes from the
// contract of engine.Runner, and every refusal has the words of engine.Refusal.
//
// One table of routes (routes.go) makes the handlers, the OpenAPI document and the tests. A route
// says who may call it; a route that does not say so cannot be made, and the zero permission allows
// nobody. What a token may see is restricted where runs are read (sight.go).
//
// In reading order: service.go (a server and what it needs), http_server.go with access_log.go (its
// connections), route.go (what a route is) and routes.go (the table), serve_http.go with writer.go (one
// request), authenticate.go, ratelimit.go, sight.go (who sees what), body.go and query.go (what is asked),
// problem.go, problem_words.go, answer.go and panic.go (what is answered), cursor.go (pages), record.go
// (the audit log); then the routes: runs_start.go with start_problems.go, runs_read.go, runs_decide.go,
// questions.go with consequences.go, hooks.go, events.go with stream.go, stream_places.go and changes.go,
// workflows.go, audit.go, health.go, metrics.go; client.go (the same inside the process); run.go with
// listen.go, public_url.go, certificate.go and manager.go (a process that serves); openapi.go and
// openapi_schema.go (the document).
package service

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/intake"
	"errand/engine/program"
	"errand/engine/task"
)

// A Runner is what the service needs of a runner.
type Runner interface {
	engine.Starter
	engine.Decider
	engine.Retrier
	engine.Reader
	engine.Historian
	engine.Marker
}

// Workflows are the definitions that the service starts runs with.
type Workflows interface {
	// Workflow returns the present program of a workflow. ok is false if there is none.
	Workflow(name string) (p *program.Program, ok bool)
	// Names returns the names of the workflows that can be started, sorted.
	Names() []string
	// Bad returns how many definitions have problems. A good older one may be used instead of them.
	Bad() int
}

// Hooks take the messages of webhooks.
type Hooks interface {
	// Receive verifies a message and starts what its rules say. The error is that of intake.Clerk, or
	// ErrNoHook.
	Receive(ctx context.Context, name string, header http.Header, body []byte) (intake.Reply, error)
}

// ErrNoHook says that no rules are for a webhook.
var ErrNoHook = errors.New("there is no such webhook")

// A Config is what a server serves. All members without a remark are needed.
type Config struct {
	Runner    Runner
	Registry  *task.Registry
	Workflows Workflows
	Tokens    access.Tokens
	Audit     access.Audit
	Pauses    access.Pauses
	Hooks     Hooks        // nil: there are no webhooks
	Key       [32]byte     // seals what callers bring back, such as cursors; the same after a restart
	Log       *slog.Logger // nil: nothing is logged
	Release   string       // of the program, for the OpenAPI document
	Metrics   http.Handler // answers GET /metrics; nil: there are no metrics
	PublicURL string       // where people reach the service: ParsePublicURL; "": run.url of new runs is null

	// Rate is how many requests each token may make.
	Rate Rate
	// MaxStreams is how many event streams may be open at once, half of them of one token; 0 means 2000.
	MaxStreams int
	// Heartbeat is how often an idle event stream sends a comment; 0 means 15 s.
	Heartbeat time.Duration
}

// A Server answers requests. It is safe for concurrent use.
type Server struct {
	Config
	mux      *http.ServeMux
	routes   map[string]*route // by method and pattern, as the mux returns it
	document []byte            // the OpenAPI document
	changes  *changes
	limits   *limits
	streams  *streamPlaces
	draining chan struct{} // closed when the server takes no new work
}

// New returns a server.
func New(c Config) *Server {
	if c.Key == [32]byte{} {
		panic("service: without a key everybody could seal cursors")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.MaxStreams == 0 {
		c.MaxStreams = 2000
	}
	if c.Heartbeat == 0 {
		c.Heartbeat = 15 * time.Second
	}
	s := &Server{
		Config: c, mux: http.NewServeMux(), routes: map[string]*route{}, changes: newChanges(c.Runner), limits: newLimits(c.Rate),
		streams: newStreamPlaces(c.MaxStreams), draining: make(chan struct{}),
	}
	for _, r := range routes {
		s.routes[r.method+" "+r.pattern] = &r
		s.mux.Handle(r.method+" "+r.pattern, s.handler(&r))
	}
	s.document = openAPI(routes, c.Release)
	return s
}

// Drain makes the server refuse readiness and end its event streams, so that http.Server.Shutdown
// does not wait for them. It may be called once.
func (s *Server) Drain() { close(s.draining) }
