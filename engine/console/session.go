package console

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"errand/engine/access"
)

// Names of the cookie of a session. A browser accepts one that begins with __Host- only over TLS, and
// only from this very host.
const (
	cookieName       = "errand-session"
	secureCookieName = "__Host-errand-session"
)

// isSecure reports whether the browser reaches the console over TLS.
func (c *Console) isSecure(r *http.Request) bool {
	return r.TLS != nil || strings.HasPrefix(c.PublicURL, "https:")
}

func (c *Console) cookieName(r *http.Request) string {
	if c.isSecure(r) {
		return secureCookieName
	}
	return cookieName
}

// cookie returns the cookie of a session. An empty secret makes the browser forget it.
func (c *Console) cookie(r *http.Request, secret string) *http.Cookie {
	made := &http.Cookie{
		Name: c.cookieName(r), Value: secret, Path: "/",
		HttpOnly: true, Secure: c.isSecure(r), SameSite: http.SameSiteStrictMode, MaxAge: int(access.SessionLasts / time.Second),
	}
	if secret == "" {
		made.MaxAge = -1
	}
	return made
}

// identify finds out who is signed in. It reports false if nobody is.
func (c *Console) identify(v *visit) (bool, error) {
	given := v.request.CookiesNamed(c.cookieName(v.request))
	if len(given) != 1 { // of two, nobody knows which one is ours
		return false, nil
	}
	hash, ok := access.SessionHashOf(given[0].Value)
	if !ok {
		return false, nil
	}
	s, err := c.Sessions.FindSession(v.context(), hash)
	now := c.now()
	switch {
	case errors.Is(err, access.ErrNoSession):
		return false, nil
	case err != nil:
		return false, troubled("reading the sessions", err)
	case !s.IsValid(now):
		return false, nil
	}
	holder, valid, err := c.holder(v, s)
	if !valid || err != nil {
		return false, err
	}
	v.session, v.client = s, c.Service.Client(holder)
	if now.Sub(s.Seen) >= touchEvery && !isOfScript(v.request) {
		if err := c.Sessions.TouchSession(v.context(), s.ID, now); err != nil {
			return false, troubled("writing the sessions", err)
		}
	}
	return true, nil
}

// touchEvery is how exactly a session knows when it was used last.
const touchEvery = time.Minute

// isOfScript reports whether the script of a page made a request. Such requests do not show that a person
// is there. Of an event stream, older browsers send only the media type that they accept.
func isOfScript(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Dest") == "empty" || r.Header.Get("Accept") == eventStream
}

// holder returns the token of a session as it is now. A session does not outlive its token.
func (c *Console) holder(v *visit, s access.Session) (t access.Token, valid bool, err error) {
	if s.Token == "" { // a provider has signed the person in, and still may
		return s.Holder, c.Provider != nil && s.Holder.IsValid(c.now()), nil
	}
	t, err = c.Tokens.FindToken(v.context(), s.TokenHash)
	switch {
	case errors.Is(err, access.ErrNoToken):
		return t, false, nil
	case err != nil:
		return t, false, troubled("reading the tokens", err)
	}
	return t, t.IsValid(c.now()), nil
}

// begin signs somebody in. The session is always a new one, whatever the browser brought.
func (c *Console) begin(v *visit, holder access.Token, hash access.Hash) error {
	secret, sessionHash := access.NewSessionSecret()
	s := access.NewSession(browserOf(v.request.UserAgent()), c.now().UTC())
	s.Holder, s.TokenHash = holder, hash
	if hash != (access.Hash{}) {
		s.Token = holder.Name
	}
	client := c.Service.Client(holder)
	if err := client.Audit(v.context(), actionSessionBegin, s.Agent); err != nil {
		return err
	}
	if err := c.Sessions.AddSession(v.context(), s, sessionHash); err != nil {
		return troubled("writing the sessions", err)
	}
	http.SetCookie(v.write, c.cookie(v.request, secret))
	return nil
}
