package cmd

import (
	"net/http"
	"strings"
	"time"

	"errand/engine/access"
)

// Bearer returns the valid token that a request shows in its only Authorization header. ok is false if
// there is none.
func Bearer(r *http.Request, tokens access.Tokens) (t access.Token, ok bool) {
	given := r.Header.Values("Authorization")
	if len(given) != 1 {
		return t, false
	}
	scheme, secret, _ := strings.Cut(given[0], " ")
	hash, ok := access.HashOf(secret)
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return t, false
	}
	t, err := tokens.FindToken(r.Context(), hash)
	return t, err == nil && t.IsValid(time.Now())
}
