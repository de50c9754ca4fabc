package service_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/service"
)

// A panic of a route is a problem with status 500 and one entry in the log, and the service goes on.
// An answer that has begun is broken off, so that it never looks whole.
func TestPanic(t *testing.T) {
	log := &logged{}
	b := newBench(t, func(c *service.Config) { c.Log = slog.New(slog.NewTextHandler(log, nil)) })
	admin := b.as("admin", access.Admin)
	for action, how := range map[string]func(w http.ResponseWriter, r *http.Request) (int, any){
		"audit.list":    func(http.ResponseWriter, *http.Request) (int, any) { panic("put in on purpose") },
		"question.list": func(http.ResponseWriter, *http.Request) (int, any) { return 200, make(chan int) },
		"workflow.list": func(w http.ResponseWriter, _ *http.Request) (int, any) {
			w.WriteHeader(http.StatusOK)
			_, _ = io.WriteString(w, `{"version":1,`)
			panic("put in on purpose, in the middle")
		},
	} {
		if err := b.server.Break(action, how); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"/v1/audit", "/v1/questions"} {
		if r := b.ask(admin, http.MethodGet, path, "").want(http.StatusInternalServerError, "internal"); strings.Contains(r.text, "purpose") || r.header.Get("Content-Type") != problemMedia {
			t.Errorf("the caller is told %s", r.text)
		}
	}
	answer := b.rawly("GET /v1/workflows HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + admin + "\r\n\r\n")
	if !strings.HasPrefix(answer, "HTTP/1.1 200") && answer != "" || strings.HasSuffix(answer, "\r\n0\r\n\r\n") {
		t.Errorf("a part of an answer looks whole: %q", answer)
	}
	b.ask(admin, http.MethodGet, "/v1/runs", "").want(http.StatusOK)
	for _, want := range []string{"a handler panicked: put in on purpose\\n", "a handler panicked: put in on purpose, in the middle", "a handler panicked: json: unsupported type", "panic_test.go", `route="GET /v1/audit"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log has no %s:\n%s", want, log)
		}
	}
	if n := strings.Count(log.String(), "level=ERROR"); n != 3 {
		t.Errorf("the log has %d errors", n)
	}
}

// gone is a runner that answers when the caller is gone.
type gone struct{ service.Runner }

func (gone) List(ctx context.Context, _ engine.Query) ([]engine.View, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// A caller that does not wait for the answer is no fault of the service.
func TestCallerIsGone(t *testing.T) {
	log, store := &logged{}, newStore(t)
	secret, hash := access.NewSecret()
	if err := store.AddToken(t.Context(), access.Token{Name: "x", Roles: []access.Role{access.Admin}}, hash); err != nil {
		t.Fatal(err)
	}
	s := service.New(service.Config{Key: testKey, Runner: gone{}, Tokens: store, Audit: store, Pauses: store, Workflows: newShelf(t, nil), Log: slog.New(slog.NewTextHandler(log, nil))})
	for _, path := range []string{"/v1/runs", "/v1/questions", "/v1/runs/a/events"} {
		ctx, leave := context.WithCancel(t.Context())
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
		r.Header.Set("Authorization", "Bearer "+secret)
		w := httptest.NewRecorder()
		leave()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), `"code":"gone"`) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if log.String() != "" {
		t.Errorf("the log has\n%s", log)
	}
}

// HEAD of an event stream is answered at once, and takes no place of a stream.
func TestHeadOfAStream(t *testing.T) {
	b := newBench(t, streams(1))
	desk := b.as("desk", access.Requester)
	run := b.start(desk, `{"workflow":"slow"}`)
	b.settled(run, engine.Waiting)
	b.stream(desk, run, "").next()
	if r := b.ask(desk, http.MethodHead, "/v1/runs/"+run+"/events", "").want(http.StatusOK); r.header.Get("Content-Type") != "text/event-stream" || r.text != "" {
		t.Errorf("it is %s %q", r.header.Get("Content-Type"), r.text)
	}
}
