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
	if v.answer.Begun() {
		c.Log.Error("a page failed", "page", v.request.Pattern, "error", err)
		panic(http.ErrAbortHandler)
	}
	c.fail(v, err)
}
