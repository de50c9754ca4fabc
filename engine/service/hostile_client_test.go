package service_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/service"
)

// dial opens a connection to the service.
func (b *bench) dial() net.Conn {
	b.Helper()
	c, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", strings.TrimPrefix(b.url, "http://"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil { // a fault must not hang the test
		b.Fatal(err)
	}
	return c
}

// rawly sends bytes, and returns the answers up to the end of the connection. It says that no more
// will come only when an answer has begun: a service that hears it earlier may take its caller for gone.
func (b *bench) rawly(text string) string {
	b.Helper()
	c := b.dial()
	_, _ = io.WriteString(c, text) // the service may answer before it has read everything
	answer := bufio.NewReader(c)
	if _, err := answer.Peek(1); err != nil {
		return ""
	}
	if half, is := c.(*net.TCPConn); is {
		_ = half.CloseWrite()
	}
	rest, _ := io.ReadAll(answer)
	return string(rest)
}

// post is the head of a start, with more headers.
func post(secret, more string) string {
	return "POST /v1/runs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + secret + "\r\nContent-Type: application/json\r\n" + more + "\r\n"
}

// Headers and bodies have a limit, however they are sent.
func TestLargeRequests(t *testing.T) {
	b := newBench(t)
	desk := b.as("desk", access.Requester)
	long := strings.Repeat("x", 1<<20)
	for name, test := range map[string]struct{ text, status string }{
		"a long header":        {"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + long + "\r\n\r\n", "431"},
		"many headers":         {"GET /healthz HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X: y\r\n", 50_000) + "\r\n", "431"},
		"a long address":       {"GET /" + long + " HTTP/1.1\r\nHost: x\r\n\r\n", "431"},
		"a long method":        {long + " / HTTP/1.1\r\nHost: x\r\n\r\n", "431"},
		"a long body":          {post(desk, fmt.Sprintf("Content-Length: %d\r\n", len(long))) + long, "413"},
		"a declared long body": {post(desk, "Content-Length: 9000000000000000000\r\n") + long, "413"},
		"a body in pieces":     {post(desk, "Transfer-Encoding: chunked\r\n") + strings.Repeat("400\r\n"+strings.Repeat(" ", 1024)+"\r\n", 1000) + "0\r\n\r\n", "413"},
		"a body in bytes":      {post(desk, "Transfer-Encoding: chunked\r\n") + strings.Repeat("1\r\n \r\n", 100_000) + "0\r\n\r\n", "4"},
		"a long trailer":       {post(desk, "Transfer-Encoding: chunked\r\nTrailer: X\r\n") + "2\r\n{}\r\n0\r\nX: " + long + "\r\n\r\n", "4"},
		"a long piece":         {post(desk, "Transfer-Encoding: chunked\r\n") + "fffffffffffffff\r\n" + long, "413"},
		"a long extension":     {post(desk, "Transfer-Encoding: chunked\r\n") + "2;" + long + "\r\n{}\r\n0\r\n\r\n", "400"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := b.rawly(test.text)
			if !strings.HasPrefix(answer, "HTTP/1.1 "+test.status) || strings.Count(answer, "HTTP/1.1 ") != 1 {
				t.Errorf("the answer is %.300q", answer)
			}
			if len(answer) > 4096 {
				t.Errorf("the answer has %d bytes", len(answer))
			}
		})
	}
	if runs, err := b.runner.List(t.Context(), engine.Query{}); err != nil || len(runs) > 0 {
		t.Errorf("on record is %+v, %v", runs, err)
	}
}

// Clients that are gone in the middle leave nothing behind, and the log has no errors: of a stream, a
// body, a start, or before the answer.
func TestClientsVanish(t *testing.T) {
	log := &logged{}
	b := newBench(t, streams(40), func(c *service.Config) { c.Log = slog.New(slog.NewTextHandler(log, nil)) })
	desk := b.as("desk", access.Requester)
	run := b.start(desk, `{"workflow":"slow"}`)
	b.settled(run, engine.Waiting)
	get := func(path string) string {
		return "GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + desk + "\r\n\r\n"
	}
	const body = `{"workflow":"greet","request":"100-1","inputs":{"who":"Kim"}}`
	for range 20 {
		for _, text := range []string{
			"", "GET", get("/v1/runs"), get("/v1/runs/" + run), get("/v1/runs/" + run + "/events"), post(desk, "Content-Length: 100\r\n") + "{", post(desk, "Transfer-Encoding: chunked\r\n") + "5\r\n{",
			post(desk, fmt.Sprintf("Content-Length: %d\r\n", len(body))) + body,
		} {
			c := b.dial()
			if _, err := io.WriteString(c, text); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(text, "/events") {
				if _, err := bufio.NewReader(c).ReadString('\n'); err != nil {
					t.Fatal(err)
				}
			}
			if hard, is := c.(*net.TCPConn); is {
				_ = hard.SetLinger(0) // the connection is reset
			}
			_ = c.Close()
		}
	}
	for deadline := time.Now().Add(30 * time.Second); len(b.streamsAtOnce(desk, run)) < 20; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the places of readers that are gone are not free")
		}
	}
	b.ask(desk, http.MethodPost, "/v1/runs", body)
	if runs, err := b.runner.List(t.Context(), engine.Query{Request: "100-1"}); err != nil || len(runs) != 1 {
		t.Errorf("the request has %d runs, %v", len(runs), err)
	}
	if strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("the log has\n%s", log)
	}
}

// streamsAtOnce opens at most 20 event streams, which is half of the places, until one is refused,
// and closes them. It returns
// those that were open at once.
func (b *bench) streamsAtOnce(secret, run string) (open []*reader) {
	b.Helper()
	for len(open) < 20 {
		r := b.stream(secret, run, "")
		if r.answer.StatusCode != http.StatusOK {
			r.cancel()
			break
		}
		open = append(open, r)
	}
	for _, r := range open {
		r.cancel()
		r.rest()
	}
	return open
}

// A thousand idle event streams cost little, and a thousand connections that send nothing less. The
// service still answers.
func TestManyConnections(t *testing.T) {
	const many = 1000
	b := newBench(t, func(c *service.Config) { c.Heartbeat = time.Minute })
	desk := b.as("desk", access.Requester)
	run := b.start(desk, `{"workflow":"slow"}`)
	b.settled(run, engine.Waiting)
	measure := func() (goroutines, bytes int) {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return runtime.NumGoroutine(), int(m.HeapInuse + m.StackInuse)
	}
	open := func(what, text string, mostGoroutines, mostBytes int) {
		goroutines, bytes := measure()
		for range many {
			c := b.dial()
			if text == "" {
				continue
			}
			if _, err := io.WriteString(c, text); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewReaderSize(c, 16)
			for line, err := "", error(nil); !strings.HasPrefix(line, "id: "); line, err = lines.ReadString('\n') {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		b.ask(desk, http.MethodGet, "/v1/runs", "").want(http.StatusOK)
		g, m := measure()
		t.Logf("%d %s: %.1f goroutines and %d bytes for each", many, what, float64(g-goroutines)/many, (m-bytes)/many)
		if g-goroutines > mostGoroutines*many+50 || m-bytes > mostBytes*many {
			t.Errorf("%d %s take %d goroutines and %d bytes", many, what, g-goroutines, m-bytes)
		}
	}
	open("idle event streams", "GET /v1/runs/"+run+"/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+desk+"\r\n\r\n", 3, 200_000)
	open("silent connections", "", 2, 100_000)
	b.ask(desk, http.MethodPost, "/v1/runs", `{"workflow":"greet","inputs":{"who":"Kim"}}`).want(http.StatusCreated)
}
