package service

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"errand/engine/access"
)

// authenticate returns the token of a request, or that of the Client that makes it. It returns
// errNoToken whatever is wrong with the token: the caller does not learn whether it was ever valid.
func (s *Server) authenticate(r *http.Request) (access.Token, error) {
	if t, ok := clientIn(r.Context()); ok {
		return t, nil
	}
	given := r.Header.Values("Authorization")
	if len(given) != 1 {
		return access.Token{}, errNoToken
	}
	scheme, secret, _ := strings.Cut(given[0], " ")
	hash, ok := access.HashOf(secret)
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return access.Token{}, errNoToken
	}
	t, err := s.Tokens.FindToken(r.Context(), hash)
	switch {
	case errors.Is(err, access.ErrNoToken):
		return access.Token{}, errNoToken
	case err != nil:
		return access.Token{}, unreadable("reading the tokens", err)
	case !t.IsValid(time.Now()):
		return access.Token{}, errNoToken
	}
	return t, nil
}

// errNoToken says that a request has no token that is valid now.
var errNoToken = &Problem{
	Status: http.StatusUnauthorized, Code: "no_token", Detail: "the request has no valid token",
	Hint: "send one header Authorization: Bearer TOKEN with a token that has not expired and is not revoked",
}
