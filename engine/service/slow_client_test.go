package service_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/service"
)

// A listener accepts connections in memory, in which time can be made to jump.
type listener chan net.Conn

func (l listener) Accept() (net.Conn, error) {
	c, open := <-l
	if !open {
		return nil, net.ErrClosed
	}
	return c, nil
}

// Close implements net.Listener. The server calls it once.
func (l listener) Close() error {
	close(l)
	return nil
}

func (listener) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

// dial returns the client's end of a new connection.
func (l listener) dial() net.Conn {
	mine, theirs := net.Pipe()
	l <- theirs
	return mine
}

// A still is a runner with one run, to which nothing happens before it is over.
type still struct {
	service.Runner
	over chan struct{}
}

func (s still) isOver() bool {
	select {
	case <-s.over:
		return true
	default:
		return false
	}
}

func (s still) List(context.Context, engine.Query) ([]engine.View, error) {
	v := engine.View{}
	if s.isOver() {
		v.Ended = time.Now()
	}
	return []engine.View{v}, nil
}

func (still) Events(context.Context, string, engine.EventID) ([]engine.Event, error) { return nil, nil }

func (s still) Mark(context.Context, string) (string, error) {
	if s.isOver() {
		return "over", nil
	}
	return "still", nil
}

// inMemory serves a run to which nothing happens. It returns the secret of a token.
func inMemory(t *testing.T, visit func(t *testing.T, l listener, secret string, end func())) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		tokens, runner, l := newStore(t), still{over: make(chan struct{})}, make(listener)
		secret, hash := access.NewSecret()
		if err := tokens.AddToken(t.Context(), access.Token{Name: "x", Roles: []access.Role{access.Admin}}, hash); err != nil {
			t.Fatal(err)
		}
		s := service.New(service.Config{Key: testKey, Runner: runner, Tokens: tokens, Audit: tokens, Pauses: tokens, Workflows: newShelf(t, nil), Heartbeat: 15 * time.Second})
		h := service.HTTPServer(s, slog.New(slog.DiscardHandler))
		served := make(chan error)
		go func() { served <- h.Serve(l) }()
		visit(t, l, secret, func() { close(runner.over) })
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		<-served
		time.Sleep(time.Second) // who looks for changes stops when nobody has watched for a while
		time.Sleep(time.Second) // who looks for changes stops when nobody has watched for a while
	})
}

// lasts returns how long a connection stays open while a client sends one more byte each second.
func lasts(c net.Conn, text string) (answer string, after time.Duration) {
	began := time.Now()
	go func() {
		for i := range len(text) {
			if _, err := c.Write([]byte{text[i]}); err != nil {
				return
			}
			time.Sleep(time.Second)
		}
	}()
	all, _ := io.ReadAll(c)
	return string(all), time.Since(began)
}

// A client that sends too slowly, or nothing, loses its connection.
func TestSlowClients(t *testing.T) {
	long := strings.Repeat("x", 1000)
	inMemory(t, func(t *testing.T, l listener, secret string, _ func()) {
		for name, test := range map[string]struct {
			text string
			most time.Duration
		}{
			"nothing":      {"", 10 * time.Second},
			"slow headers": {"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + long, 11 * time.Second},
		} {
			if answer, after := lasts(l.dial(), test.text); answer != "" && !strings.HasPrefix(answer, "HTTP/1.1 4") || after > test.most {
				t.Errorf("%s: %q after %s", name, answer, after)
			}
		}

		c := l.dial()
		head := "POST /v1/runs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + secret + "\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
		if _, err := io.WriteString(c, head); err != nil {
			t.Fatal(err)
		}
		if answer, after := lasts(c, long); !strings.HasPrefix(answer, "HTTP/1.1 400") || !strings.Contains(answer, `"code":"body"`) || after > time.Minute {
			t.Errorf("a slow body: %q after %s", answer, after)
		}

		c = l.dial()
		if _, err := io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if answer, after := lasts(c, ""); !strings.HasPrefix(answer, "HTTP/1.1 200") || after != 2*time.Minute {
			t.Errorf("an idle connection: %q after %s", answer, after)
		}
	})
}

// A client that asks and takes no answer loses its connection.
func TestAnswerWithoutAReader(t *testing.T) {
	inMemory(t, func(t *testing.T, l listener, secret string, _ func()) {
		c := l.dial()
		if _, err := io.WriteString(c, "GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+secret+"\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if answer, _ := io.ReadAll(c); len(answer) > 0 {
			t.Errorf("after two minutes there is an answer of %d bytes", len(answer))
		}
	})
}

// A stream on which nothing happens for hours stays open, and its connection can be used afterwards.
func TestQuietStream(t *testing.T) {
	inMemory(t, func(t *testing.T, l listener, secret string, end func()) {
		c := l.dial()
		ask := func(path string) *http.Response {
			go func() {
				_, _ = io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+secret+"\r\n\r\n")
			}()
			answer, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			return answer
		}
		answer := ask("/v1/runs/a/events")
		began, lines := time.Now(), bufio.NewScanner(answer.Body)
		for lines.Scan() {
			if time.Since(began) > 3*time.Hour {
				end()
				break
			}
		}
		for lines.Scan() {
		}
		if err := lines.Err(); err != nil || time.Since(began) < 3*time.Hour {
			t.Fatalf("the stream ended after %s: %v", time.Since(began), err)
		}
		time.Sleep(time.Minute)
		if answer := ask("/healthz"); answer.StatusCode != http.StatusOK {
			t.Errorf("afterwards the connection gives %s", answer.Status)
		}
		_ = c.Close()
	})
}

// A reader that takes nothing loses its stream.
func TestStreamWithoutAReader(t *testing.T) {
	inMemory(t, func(t *testing.T, l listener, secret string, _ func()) {
		c := l.dial()
		if _, err := io.WriteString(c, "GET /v1/runs/a/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+secret+"\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if answer, _ := io.ReadAll(c); len(answer) > 0 {
			t.Errorf("after a minute there is an answer: %q", answer)
		}
	})
}
