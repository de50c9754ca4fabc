package service

import (
	"fmt"
	"net/http"
	"runtime/debug"
)

// panicked answers a request whose handler panicked: with a problem, or by breaking the connection if
// the answer has begun, so that nobody takes a part of it for the whole. Other requests go on.
func (s *Server) panicked(w *Writer, r *http.Request, value any) {
	switch value {
	case nil:
		return
	case http.ErrAbortHandler:
		panic(value)
	}
	err := fmt.Errorf("a handler panicked: %v\n%s", value, debug.Stack())
	if w.Begun() {
		s.logFailure(r, http.StatusInternalServerError, err)
		panic(http.ErrAbortHandler)
	}
	s.fail(w, r, err)
}
