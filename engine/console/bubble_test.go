package console_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine/service"
)

// pipes is a listener in memory, for bubbles of synctest.
type pipes struct {
	incoming chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

func newPipes() *pipes { return &pipes{incoming: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.incoming:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.incoming <- there:
		return here, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// inBubble runs a test with a bench whose time passes at once and whose connections are in memory. The
// bench is in memory, too, and nobody works on its runs.
func inBubble(t *testing.T, s setting, test func(*testing.T, *bench)) {
	synctest.Test(t, func(t *testing.T) {
		s.idle = true
		b := makeBench(t, s)
		l := newPipes()
		server := service.HTTPServer(b.console.Handler(), slog.New(slog.DiscardHandler))
		transport := &http.Transport{DialContext: l.dial}
		var served sync.WaitGroup
		served.Go(func() { _ = server.Serve(l) })
		t.Cleanup(func() {
			transport.CloseIdleConnections()
			_ = server.Close()
			served.Wait()
			time.Sleep(time.Second) // whoever looks for changes finds that nobody watches
		})
		b.url, b.client = "http://127.0.0.1:1", &http.Client{Transport: transport}
		test(t, b)
	})
}
