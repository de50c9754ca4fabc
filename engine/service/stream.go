package service

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"errand/engine"
)

// A stream writes server-sent events. A reader that takes nothing for too long is given up.
type stream struct {
	write    http.ResponseWriter
	control  *http.ResponseController
	patience time.Duration
	last     time.Time // when something was written last
}

// eventStream is the media type of server-sent events.
const eventStream = "text/event-stream"

func newStream(w http.ResponseWriter, patience time.Duration) *stream {
	h := w.Header()
	h.Set("Content-Type", eventStream)
	h.Set("X-Accel-Buffering", "no") // proxies pass each event on at once
	s := &stream{write: w, control: http.NewResponseController(w), patience: patience}
	s.deadline()
	w.WriteHeader(http.StatusOK)
	_ = s.control.Flush() // if the reader is gone, the next write says so
	s.last = time.Now()
	return s
}

// event writes an event. It reports whether the reader is still there.
func (s *stream) event(e engine.Event) bool {
	data, err := json.Marshal(e)
	if err != nil {
		panic(err) // an event can always be encoded
	}
	return s.send("id: %s\nevent: %s\ndata: %s\n\n", e.ID, e.Kind, data)
}

// beat writes a comment if nothing was written for a while, so that proxies keep the connection.
func (s *stream) beat() bool {
	if time.Since(s.last) < s.patience {
		return true
	}
	return s.send(": still here\n\n")
}

func (s *stream) send(format string, args ...any) bool {
	s.deadline()
	if _, err := fmt.Fprintf(s.write, format, args...); err != nil {
		return false
	}
	s.last = time.Now()
	return s.control.Flush() == nil
}

// deadline limits the next write. The server's own limit for a whole answer does not hold for a stream.
func (s *stream) deadline() { _ = s.control.SetWriteDeadline(time.Now().Add(s.patience)) }
