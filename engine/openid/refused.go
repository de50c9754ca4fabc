package openid

import (
	"strings"

	"errand/engine/diag"
)

// A Code says why a sign-in was refused.
type Code string

// The codes.
const (
	CodeUnavailable Code = "unavailable" // the provider cannot be reached, or does not answer as it must; later it may
	CodeSettings    Code = "settings"    // the configuration here, or that of the provider, is wrong
	CodeAttempt     Code = "attempt"     // the attempt is missing, too old, used, or another one; a new one may succeed
	CodeProvider    Code = "provider"    // the provider refused the sign-in
	CodeIdentity    Code = "identity"    // what the provider says about the person is not proved
	CodePerson      Code = "person"      // the provider sent no usable name of the person
	CodeRoles       Code = "roles"       // no group of the person has a role
)

// A RefusedError says why nobody was signed in. It contains no secret, code or token. Its texts may
// contain what the provider sent, without control characters; a page must escape them.
type RefusedError struct {
	Code    Code
	Message string // for the person who signs in
	Detail  string // for the log: what only operators can act on; may be empty
}

func (e *RefusedError) Error() string {
	if e.Detail == "" {
		return e.Message
	}
	return e.Message + ": " + e.Detail
}

// The limits of texts from outside in messages, in characters.
const (
	maxText = 300
	maxName = 80
)

// clean returns a text from outside as a message may have it: on one line, without characters that
// are not printable, and with at most limit characters. It returns "" if the text contains one of
// some secrets.
func clean(text string, limit int, secrets ...string) string {
	for _, secret := range secrets {
		if secret != "" && strings.Contains(text, secret) {
			return ""
		}
	}
	text = diag.Printable(strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " "))
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}
