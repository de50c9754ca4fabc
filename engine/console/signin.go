package console

import (
	"errors"
	"net/http"

	"errand/engine/access"
	"errand/engine/service"
)

// A signInPage asks who somebody is.
type signInPage struct {
	frame
	Next     string
	Provider string // the name of the identity provider; "" if there is none
	Problem  *service.Problem
}

// errSignedOut says that a request needs somebody who is signed in.
var errSignedOut = &service.Problem{Status: http.StatusUnauthorized, Code: "signed_out", Detail: "you are not signed in, or your session or its token has ended", Hint: "sign in and try again; nothing was changed"}

func (c *Console) signInPage(v *visit, next string) signInPage {
	p := signInPage{frame: c.frame(v, "Sign in"), Next: nextOf(next)}
	if c.Provider != nil {
		p.Provider = plain(c.ProviderName)
	}
	return p
}

// showSignIn asks for a token.
func showSignIn(c *Console, v *visit) error {
	next := v.request.URL.Query().Get("next")
	if v.session.ID != "" {
		c.redirect(v, nextOf(next))
		return nil
	}
	c.write(v, http.StatusOK, v.page.name, c.signInPage(v, next))
	return nil
}

// signIn begins a session with a token.
func signIn(c *Console, v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	token, hash, err := c.tokenOf(v, one(form, "token"))
	if err != nil {
		return err
	}
	if !token.IsValid(c.now()) {
		p := c.signInPage(v, one(form, "next"))
		p.Problem = &service.Problem{Detail: "the token is not valid: it is unknown, has expired or was revoked", Hint: "ask an administrator for a new one"}
		c.write(v, http.StatusUnauthorized, v.page.name, p)
		return nil
	}
	if err := c.end(v); err != nil {
		return err
	}
	if err := c.begin(v, token, hash); err != nil {
		return err
	}
	c.redirect(v, nextOf(one(form, "next")))
	return nil
}

// tokenOf returns the token with a secret; the zero token, which is not valid, if there is none.
func (c *Console) tokenOf(v *visit, secret string) (t access.Token, h access.Hash, err error) {
	h, ok := access.HashOf(secret)
	if !ok {
		return t, h, nil
	}
	t, err = c.Tokens.FindToken(v.context(), h)
	if errors.Is(err, access.ErrNoToken) {
		return access.Token{}, h, nil
	}
	if err != nil {
		return t, h, troubled("reading the tokens", err)
	}
	return t, h, nil
}

// end ends the session of a visit, if it has one.
func (c *Console) end(v *visit) error {
	if v.session.ID == "" {
		return nil
	}
	return c.endSession(v, v.session)
}

// signOut ends the session.
func signOut(c *Console, v *visit) error {
	if _, err := v.form(); err != nil {
		return err
	}
	if err := c.end(v); err != nil {
		return err
	}
	http.SetCookie(v.write, c.cookie(v.request, ""))
	c.redirect(v, "/sign-in")
	return nil
}
