package service

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/program"
)

// A Client does in this process what a caller with its token can do over HTTP: with the same roles,
// limits, audit entries and refusals. What it reads are values of the runner's contract, which say more
// than their JSON.
type Client struct {
	s   *Server
	who caller
}

// Client returns the client of a token. Whoever calls it has made sure that the token is valid.
func (s *Server) Client(t access.Token) Client { return Client{s, callerOf(t)} }

// Token returns the client's token.
func (c Client) Token() access.Token { return c.who.token }

// Admit counts one request of the client for what its token may ask for. The error is a *Problem if it is
// one too many. Call counts by itself; whoever reads for a request calls Admit first.
func (c Client) Admit() error { return c.s.limits.allow(c.who.token) }

// Read returns a run that the client sees.
func (c Client) Read(ctx context.Context, run string) (engine.View, error) {
	if !runID.MatchString(run) {
		return engine.View{}, &engine.Refusal{Code: engine.RefusedNotFound, Run: run}
	}
	return c.s.read(ctx, c.who, run)
}

// Kept returns what there is of a run that the client sees: all of it, or what is left of one whose
// record was deleted.
func (c Client) Kept(ctx context.Context, run string) (engine.View, error) {
	if !runID.MatchString(run) {
		return engine.View{}, &engine.Refusal{Code: engine.RefusedNotFound, Run: run}
	}
	if err := c.s.sees(ctx, c.who, run); err != nil {
		return engine.View{}, err
	}
	return c.s.kept(ctx, run)
}

// List returns the runs of a query that the client sees.
func (c Client) List(ctx context.Context, q engine.Query) ([]engine.View, error) {
	return c.s.Runner.List(ctx, c.who.sight.query(q))
}

// Events returns the events of a run that the client sees.
func (c Client) Events(ctx context.Context, run string) ([]engine.Event, error) {
	if err := c.s.sees(ctx, c.who, run); err != nil {
		return nil, err
	}
	return c.s.Runner.Events(ctx, run, engine.EventID{})
}

// Record returns what a run that the client sees went through.
func (c Client) Record(ctx context.Context, run string) (engine.Record, error) {
	if err := c.s.sees(ctx, c.who, run); err != nil {
		return engine.Record{}, err
	}
	return c.s.Runner.Record(ctx, run)
}

// Preview returns what a retry of a run that the client sees would keep and do again.
func (c Client) Preview(ctx context.Context, run, from string) (engine.RetryPreview, error) {
	if err := c.s.sees(ctx, c.who, run); err != nil {
		return engine.RetryPreview{}, err
	}
	return c.s.Runner.Preview(ctx, run, engine.Retry{From: from, By: c.who.person()})
}

// Questions returns what can be decided about a run now, as the client sees it.
func (c Client) Questions(v engine.View) []Question {
	shown := make([]Question, len(v.Questions))
	for i, q := range v.Questions {
		shown[i] = c.who.question(v, q)
	}
	return shown
}

// Workflow returns a workflow that the client sees.
func (c Client) Workflow(name string) (*program.Program, error) { return c.s.workflow(c.who, name) }

// Watch returns a channel that receives a value after each change of a run, or of any run if run is "",
// and at once. The caller must have read the run, and must call stop.
func (c Client) Watch(run string) (changed <-chan struct{}, stop func()) {
	return c.s.changes.watch(run)
}

// Stream takes one of the places for event streams. The caller must call leave. The error is a *Problem
// if there is no place.
func (c Client) Stream() (leave func(), err error) {
	name := c.who.token.Name
	if err := c.s.streams.take(name); err != nil {
		return nil, err
	}
	return func() { c.s.streams.leave(name) }, nil
}

// Draining returns a channel that is closed when the server takes no new work.
func (s *Server) Draining() <-chan struct{} { return s.draining }

// ProblemOf returns how the service words an error.
func ProblemOf(err error) *Problem { return problemOf(err) }

// Call carries out one route. The body is encoded as JSON unless it is nil, and the answer is decoded
// into the value that into points to unless that is nil. The error is a *Problem.
func (c Client) Call(ctx context.Context, method, address string, header http.Header, body, into any) error {
	r, err := c.request(ctx, method, address, header, body)
	if err != nil {
		return problemOf(err)
	}
	got := &recorder{header: http.Header{}}
	c.s.ServeHTTP(got, r)
	if got.status >= http.StatusBadRequest {
		p := &Problem{}
		if err := json.Unmarshal(got.body.Bytes(), p); err != nil {
			return problemOf(err)
		}
		return p
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(got.body.Bytes(), into); err != nil {
		return problemOf(err)
	}
	return nil
}

func (c Client) request(ctx context.Context, method, address string, header http.Header, body any) (*http.Request, error) {
	var data []byte
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	r, err := http.NewRequestWithContext(withClient(ctx, c.who.token), method, address, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	maps.Copy(r.Header, header)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, nil
}

// clientKey is the key of a client's token in the context of its request.
type clientKey struct{}

func withClient(ctx context.Context, t access.Token) context.Context {
	return context.WithValue(ctx, clientKey{}, t)
}

// clientIn returns the token of a request that a Client makes.
func clientIn(ctx context.Context) (access.Token, bool) {
	t, ok := ctx.Value(clientKey{}).(access.Token)
	return t, ok && t.IsValid(time.Now())
}

// A recorder keeps an answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(data []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(data)
}

// Audit puts on record that the client did something that is no route.
func (c Client) Audit(ctx context.Context, action, detail string) error {
	return c.s.record(ctx, c.who, access.Entry{Action: action, Detail: detail})
}

// API returns a mux that has a pattern for each request that is one of the HTTP interface: those of the
// routes, and all of version 1, whether or not there is such a route.
func (s *Server) API() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/v1", s)
	mux.Handle("/v1/", s)
	for _, r := range s.routes {
		if !strings.HasPrefix(r.pattern, "/v1/") {
			mux.Handle(r.pattern, s)
		}
	}
	return mux
}
