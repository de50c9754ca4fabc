package cmd_test

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// A gate is a proxy between the processes and the sandbox. It forwards all requests, and holds one
// that asks for a change: before it forwards the request, or before it returns the answer of the
// sandbox.
type gate struct {
	t        *testing.T
	base     string // URL of the sandbox
	way      http.Transport
	at       int64  // the number of the change to hold, from 1
	only     string // if it is set, only changes with this name are counted
	answered bool   // hold the change with its answer
	changes  atomic.Int64
	held     chan string   // receives the name of the held request
	open     chan struct{} // closed to release the request
}

// withGate returns the scene with its requests going through a gate.
func (s *scene) withGate(t *testing.T, at int, answered bool) (*scene, *gate) {
	t.Helper()
	g := &gate{t: t, base: s.base, at: int64(at), answered: answered, held: make(chan string, 1), open: make(chan struct{})}
	server := httptest.NewServer(g)
	t.Cleanup(func() {
		server.Close()
		g.way.CloseIdleConnections()
	})
	return s.withVariable("AWS_ENDPOINT_URL_EC2=" + server.URL + "/ec2").withVariable("ERRAND_ISM_APP_URL=" + server.URL + "/ism"), g
}

// ServeHTTP implements http.Handler.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the client has ended
	}
	name := effect(r.Method, r.URL.Path, string(body))
	holds := name != "" && (g.only == "" || g.only == name) && g.changes.Add(1) == g.at
	if holds && !g.answered {
		g.hold(r, name)
	}
	answer, text, err := g.forward(r, body)
	if err != nil {
		if g.t.Context().Err() == nil {
			g.t.Errorf("the sandbox does not answer %s: %v", name, err)
		}
		panic(http.ErrAbortHandler)
	}
	if holds && g.answered {
		g.hold(r, name)
	}
	maps.Copy(w.Header(), answer.Header)
	w.WriteHeader(answer.StatusCode)
	_ = http.NewResponseController(w).Flush() // a network delivers an answer in pieces
	_, _ = w.Write(text)                      // the client may have ended
}

// forward forwards a request to the sandbox, even if the client no longer waits for the answer.
func (g *gate) forward(r *http.Request, body []byte) (*http.Response, []byte, error) {
	request, err := http.NewRequestWithContext(g.t.Context(), r.Method, g.base+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	request.Header = r.Header
	answer, err := g.way.RoundTrip(request)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	return answer, text, err
}

// hold blocks a request until the gate is opened. If the client or the test ends before that, it
// aborts the request.
func (g *gate) hold(r *http.Request, name string) {
	g.held <- name
	select {
	case <-g.open:
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	case <-g.t.Context().Done():
		panic(http.ErrAbortHandler)
	}
}

// wait waits until a request is held, and returns its name. over is closed when the process that
// makes the request ends.
func (g *gate) wait(over <-chan struct{}) string {
	g.t.Helper()
	select {
	case name := <-g.held:
		return name
	case <-over:
		g.t.Fatal("the process ended before a request was held")
		return ""
	}
}
