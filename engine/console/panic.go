package console

import (
	"fmt"
	"net/http"
	"runtime/debug"
)

// panicked answers a request whose page panicked: with a page that says so, or by breaking the connection
// if the answer has begun, so that nobody takes a part of it for the whole.
func (c *Console) panicked(v *visit, value any) {
	switch value {
	case nil:
		return
	case http.ErrAbortHandler:
		panic(value)
	}
	err := fmt.Errorf("a page panicked: %v\n%s", value, debug.Stack())
	if v.began() {
		c.Log.Error("a page failed", "page", v.request.Pattern, "error", err)
		panic(http.ErrAbortHandler)
	}
	c.fail(v, err)
}

// A begun response writer knows whether the answer has begun.
type begun struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *begun) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *begun) Write(data []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(data)
}

// Unwrap returns the writer that http.NewResponseController needs.
func (w *begun) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// began reports whether the answer of a visit has begun.
func (v *visit) began() bool {
	w, ok := v.write.(*begun)
	return !ok || w.status != 0
}
