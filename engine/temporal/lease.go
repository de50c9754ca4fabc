package temporal

import (
	"context"
	"net"
	"net/http/httptrace"
	"sync"
	"time"
)

// A lease says until when a worker may send what a call sends. It ends with the time of the request,
// and unheard after the last heartbeat that the server has answered. Each answer renews it.
//
// The context of a request ends with the lease too, but by a timer. A process that was paused may go
// on before its timers do. So a lease is also asked right before a request is written. What remains
// is a pause between that question and the write itself: a few instructions.
type lease struct {
	unheard time.Duration
	stop    context.CancelFunc // ends the request

	mu    sync.Mutex
	end   time.Time // of the time of the request
	heard time.Time // when the last heartbeat left that was answered
}

// renew takes the answer to a heartbeat that left at a time.
func (l *lease) renew(left time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = left
}

// left returns how much of the lease is left.
func (l *lease) left() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return min(until(l.end), until(l.heard.Add(l.unheard)))
}

// until returns the time until t by the monotonic clock or by the wall clock, whichever is shorter: the
// monotonic clock stands still while a machine sleeps.
func until(t time.Time) time.Duration {
	return min(time.Until(t), t.Round(0).Sub(time.Now().Round(0)))
}

// isOver reports whether the lease has ended. Then it ends the request.
func (l *lease) isOver() bool {
	over := l.left() <= 0
	if over {
		l.stop()
	}
	return over
}

// guard returns a context whose requests over HTTP are not written after the end of the lease: their
// connection is closed instead.
func (l *lease) guard(ctx context.Context) context.Context {
	var mu sync.Mutex
	var conn net.Conn
	check := func() {
		mu.Lock()
		defer mu.Unlock()
		if l.isOver() && conn != nil {
			_ = conn.Close()
		}
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) {
			mu.Lock()
			conn = got.Conn
			mu.Unlock()
			check()
		},
		WroteHeaders: check, // HTTP/1 has them in a buffer then
	})
}
