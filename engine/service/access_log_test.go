package service_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"errand/engine/access"
	"errand/engine/service"
)

// A lockedBuffer is a buffer for several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(data)
}

func (l *lockedBuffer) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Split(strings.TrimSpace(l.b.String()), "\n")
}

// At debug, each request is logged with its route, never with what its address or its headers have.
func TestAccessLog(t *testing.T) {
	b := newBench(t)
	desk := b.as("desk", access.Requester)
	run := b.start(desk, `{"workflow":"greet","inputs":{"who":"Kim"}}`)
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo} {
		var out lockedBuffer
		log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: level}))
		h := httptest.NewServer(service.HTTPServer(b.server, log).Handler)
		t.Cleanup(h.Close)
		b.url = h.URL
		b.ask(desk, http.MethodGet, "/v1/runs/"+run, "").want(http.StatusOK)
		b.ask(desk, http.MethodGet, "/v1/runs?cursor=canary-cursor", "").want(http.StatusBadRequest)
		b.ask(desk, http.MethodGet, "/v1/canary-path", "").want(http.StatusNotFound)
		b.ask("canary-token", http.MethodGet, "/v1/runs", "").want(http.StatusUnauthorized)
		b.ask("", http.MethodGet, "/healthz", "").want(http.StatusOK)
		b.ask(desk, http.MethodGet, "/v1/audit", "").want(http.StatusForbidden)
		b.ask(desk, "CANARY-METHOD", "/v1/audit", "").want(http.StatusMethodNotAllowed)
		h.Close()
		if level == slog.LevelInfo {
			if lines := out.lines(); !slices.Equal(lines, []string{""}) {
				t.Errorf("at info, the log has %q", lines)
			}
			continue
		}
		want := []string{
			`level=DEBUG msg="a request was answered" method=GET route=/v1/runs/{id} status=200 token=desk`,
			`level=DEBUG msg="a request was answered" method=GET route=/v1/runs status=400 token=desk`,
			`level=DEBUG msg="a request was answered" method=GET route=none status=404 token=desk`,
			`level=DEBUG msg="a request was answered" method=GET route=/v1/runs status=401`,
			`level=DEBUG msg="a request was answered" method=GET route=/healthz status=200`,
			`level=DEBUG msg="a request was answered" method=GET route=/v1/audit status=403 token=desk`,
			`level=DEBUG msg="a request was answered" method=other route=none status=405 token=desk`,
		}
		differs := regexp.MustCompile(`^time=\S+ | took=\S+`)
		lines := out.lines()
		for i := range lines {
			lines[i] = differs.ReplaceAllString(lines[i], "")
		}
		if !slices.Equal(lines, want) {
			t.Errorf("the log has\n%s\nexpected\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
		if text := strings.Join(out.lines(), "\n"); strings.Contains(strings.ToLower(text), "canary") || strings.Contains(text, desk) || strings.Contains(text, run) {
			t.Errorf("the log has what a caller sent:\n%s", text)
		}
	}
}
