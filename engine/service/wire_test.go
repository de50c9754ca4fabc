package service_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A wire is the connection of one request in memory. Like a real one it refuses a body where HTTP has
// none and more than was declared, and it remembers what a real one would only log.
type wire struct {
	header http.Header
	status int
	body   bytes.Buffer
	faults []string

	sent    http.Header // the headers as they left
	head    bool
	stream  int // an event stream ends after so many writes
	hang    context.CancelFunc
	written int
}

// roundTrip sends a request to a handler, which gets what a server reads from the connection. ok is
// false if a server would not pass it on. A stream ends after some writes.
func roundTrip(h http.Handler, raw string, stream int) (w *wire, r *http.Request, ok bool) {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil {
		return nil, nil, false
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r = r.WithContext(ctx)
	r.RemoteAddr = "192.0.2.1:4711"
	w = &wire{header: http.Header{}, head: r.Method == http.MethodHead, stream: stream, hang: cancel}
	func() {
		defer func() {
			if p := recover(); p != nil {
				w.fault("the handler panicked: %v", p)
			}
		}()
		h.ServeHTTP(w, r)
	}()
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if declared := w.sent.Get("Content-Length"); declared != "" && !w.head && declared != strconv.Itoa(w.written) {
		w.fault("%d bytes were written, and %s declared", w.written, declared)
	}
	return w, r, true
}

func (w *wire) fault(format string, args ...any) {
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
}

// Header implements http.ResponseWriter.
func (w *wire) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *wire) WriteHeader(status int) {
	if w.status != 0 {
		w.fault("the status %d follows the status %d", status, w.status)
		return
	}
	w.status, w.sent = status, w.header.Clone()
}

// Write implements http.ResponseWriter.
func (w *wire) Write(data []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if w.status == http.StatusNoContent || w.status == http.StatusNotModified {
		w.fault("a status %d with a body", w.status)
		return 0, http.ErrBodyNotAllowed
	}
	w.written += len(data)
	if w.head {
		return len(data), nil
	}
	if w.sent.Get("Content-Type") == "text/event-stream" {
		if w.stream--; w.stream < 0 {
			w.hang()
			return 0, errors.New("the reader is gone")
		}
	}
	return w.body.Write(data)
}

// FlushError is for http.ResponseController.
func (w *wire) FlushError() error { return nil }

// SetWriteDeadline is for http.ResponseController.
func (w *wire) SetWriteDeadline(time.Time) error { return nil }
