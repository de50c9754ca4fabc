package main

import (
	"net/http"
	"strings"
	"time"

	"errand/engine/access"
)

// A gate lets those use the codec who have a token of the service. It implements temporal.Gate.
type gate struct{ tokens access.Tokens }

// mayDecode reports whether a token may read all runs.
func mayDecode(t access.Token) bool { return t.SeesAll() }

// Allowed implements temporal.Gate: whoever sees all runs may decode, and only an administrator may
// encode.
func (g gate) Allowed(r *http.Request) bool {
	given := r.Header.Values("Authorization")
	if len(given) != 1 {
		return false
	}
	scheme, secret, _ := strings.Cut(given[0], " ")
	hash, ok := access.HashOf(secret)
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return false
	}
	t, err := g.tokens.FindToken(r.Context(), hash)
	if err != nil || !t.IsValid(time.Now()) {
		return false
	}
	if strings.HasSuffix(r.URL.Path, "/decode") {
		return mayDecode(t)
	}
	return t.Has(access.Admin)
}
