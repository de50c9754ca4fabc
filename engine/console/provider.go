package console

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"errand/engine/access"
	"errand/engine/openid"
	"errand/engine/service"
)

// A Provider signs people in. Its errors are those of openid.Provider.
type Provider interface {
	// Begin returns the address of the provider's page, and what Finish needs.
	Begin(ctx context.Context) (address string, a openid.Attempt, err error)
	// Finish returns who signed in. query is what the provider sent to the callback.
	Finish(ctx context.Context, a openid.Attempt, query url.Values) (access.Token, error)
}

// beginSignIn leads to the page of the identity provider. A small page of ours goes there: what browsers
// allow forms to do here also governs the redirect that follows a form.
func beginSignIn(c *Console, v *visit) error {
	if c.Provider == nil {
		return errNoPage
	}
	form, err := v.form()
	if err != nil {
		return err
	}
	next := nextOf(one(form, "next"))
	address, attempt, err := c.Provider.Begin(v.context())
	if err != nil {
		return c.refuseSignIn(v, next, err)
	}
	if err := c.keepAttempt(v, begunSignIn{attempt, next}); err != nil {
		return err
	}
	c.write(v, http.StatusOK, v.page.name, onwardPage{frame: c.frame(v, "One moment"), Why: "You sign in with " + c.ProviderName + ".", Next: address})
	return nil
}

// finishSignIn signs in who comes back from the identity provider. The browser came from another site,
// so it would not send the cookie of the session with a redirect: a small page of ours goes on.
func finishSignIn(c *Console, v *visit) error {
	if c.Provider == nil {
		return errNoPage
	}
	begun := c.takeAttempt(v)
	next := nextOf(begun.Next)
	holder, err := c.Provider.Finish(v.context(), begun.Attempt, v.request.URL.Query())
	if err != nil {
		return c.refuseSignIn(v, next, err)
	}
	if err := c.begin(v, holder, access.Hash{}); err != nil {
		return err
	}
	c.write(v, http.StatusOK, v.page.name, onwardPage{frame: c.frame(v, "Signed in"), Why: "You are signed in.", Next: next})
	return nil
}

// refusedStatus is the status of the page that shows why nobody was signed in, by the reason.
var refusedStatus = map[openid.Code]int{
	openid.CodeUnavailable: http.StatusBadGateway,
	openid.CodeSettings:    http.StatusBadGateway,
	openid.CodeAttempt:     http.StatusBadRequest,
	openid.CodeProvider:    http.StatusForbidden,
	openid.CodeIdentity:    http.StatusForbidden,
	openid.CodePerson:      http.StatusForbidden,
	openid.CodeRoles:       http.StatusForbidden,
}

// refuseSignIn shows why nobody was signed in. Only the log has the details, which are for operators.
func (c *Console) refuseSignIn(v *visit, next string, err error) error {
	refused, ok := errors.AsType[*openid.RefusedError](err)
	if !ok {
		return err
	}
	c.Log.Warn("nobody was signed in", slog.String("code", string(refused.Code)), slog.String("reason", refused.Message), slog.String("detail", refused.Detail))
	p := c.signInPage(v, next)
	p.Problem = &service.Problem{Detail: refused.Message}
	c.write(v, refusedStatus[refused.Code], "signin", p)
	return nil
}
