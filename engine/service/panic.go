package service

import (
	"fmt"
	"net/http"
	"runtime/debug"
)

// A writer writes an answer and remembers whether it has begun.
type writer struct {
	http.ResponseWriter
	begun bool
}

// WriteHeader implements http.ResponseWriter.
func (w *writer) WriteHeader(status int) {
	w.begun = true
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *writer) Write(data []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(data)
}

// Unwrap returns the writer of the connection, for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// panicked answers a request whose handler panicked: with a problem, or by breaking the connection if
// the answer has begun, so that nobody takes a part of it for the whole. Other requests go on.
func (s *Server) panicked(w *writer, r *http.Request, value any) {
	switch value {
	case nil:
		return
	case http.ErrAbortHandler:
		panic(value)
	}
	err := fmt.Errorf("a handler panicked: %v\n%s", value, debug.Stack())
	if w.begun {
		s.logFailure(r, http.StatusInternalServerError, err)
		panic(http.ErrAbortHandler)
	}
	s.fail(w, r, err)
}
