package main

import (
	"net/http"
	"strings"

	"errand/cmd"
	"errand/engine/access"
)

// A gate lets those use the codec who have a token of the service. It implements temporal.Gate.
type gate struct{ tokens access.Tokens }

// mayDecode reports whether a token may read all runs.
func mayDecode(t access.Token) bool { return t.SeesAll() }

// Allowed implements temporal.Gate: whoever sees all runs may decode, and only an administrator may
// encode.
func (g gate) Allowed(r *http.Request) bool {
	t, ok := cmd.Bearer(r, g.tokens)
	if !ok {
		return false
	}
	if strings.HasSuffix(r.URL.Path, "/decode") {
		return mayDecode(t)
	}
	return t.Has(access.Admin)
}
