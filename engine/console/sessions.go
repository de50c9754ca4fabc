package console

import (
	"context"
	"errors"
	"net/http"

	"errand/engine/access"
	"errand/engine/service"
)

// A sessionsPage lists the browsers that are signed in.
type sessionsPage struct {
	frame
	All      bool // the sessions of everybody are listed
	Sessions []sessionRow
}

// A sessionRow is a session in the table.
type sessionRow struct {
	access.Session
	Person string // who acts; "" if the token has no person
	By     string // what signed the browser in
	This   bool   // it is the session in which the page is read
}

// showSessions lists the sessions of who is signed in, and for administrators those of everybody.
func showSessions(c *Console, v *visit) error {
	p := sessionsPage{frame: c.frame(v, "Sessions"), All: admins.Allows(v.client.Token())}
	sessions, err := c.sessionsFor(v)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		p.Sessions = append(p.Sessions, sessionRow{Session: s, Person: s.Holder.Person, By: c.signedInBy(s), This: s.ID == v.session.ID})
	}
	c.write(v, http.StatusOK, v.page.name, p)
	return nil
}

// sessionsFor returns the sessions that the person may see and end, the newest first.
func (c *Console) sessionsFor(v *visit) ([]access.Session, error) {
	all, err := c.liveSessions(v.context())
	if err != nil {
		return nil, err
	}
	var seen []access.Session
	for i := len(all) - 1; i >= 0; i-- {
		if own := all[i].Holder.Name == v.session.Holder.Name; own || admins.Allows(v.client.Token()) {
			seen = append(seen, all[i])
		}
	}
	return seen, nil
}

// liveSessions returns the sessions in which somebody is signed in now: the store does not ask whether
// the token of a session is still valid.
func (c *Console) liveSessions(ctx context.Context) ([]access.Session, error) {
	now := c.now()
	all, err := c.Sessions.Sessions(ctx, now)
	if err != nil {
		return nil, troubled("reading the sessions", err)
	}
	tokens, err := c.Tokens.Tokens(ctx)
	if err != nil {
		return nil, troubled("reading the tokens", err)
	}
	valid := map[string]bool{"": true}
	for _, t := range tokens {
		valid[t.Name] = t.IsValid(now)
	}
	var live []access.Session
	for _, s := range all {
		if valid[s.Token] {
			live = append(live, s)
		}
	}
	return live, nil
}

// signedInBy names what signed a browser in.
func (c *Console) signedInBy(s access.Session) string {
	switch {
	case s.Token != "":
		return "the token " + s.Token
	case c.ProviderName != "":
		return c.ProviderName
	}
	return "an identity provider"
}

// endOneSession ends a session. Who may not see it gets the answer for a session that does not exist.
func endOneSession(c *Console, v *visit) error {
	if _, err := v.form(); err != nil {
		return err
	}
	sessions, err := c.sessionsFor(v)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		if s.ID != v.request.PathValue("id") {
			continue
		}
		if err := c.endSession(v, s); err != nil {
			return err
		}
		if s.ID == v.session.ID {
			http.SetCookie(v.write, c.cookie(v.request, ""))
			c.redirect(v, "/sign-in")
			return nil
		}
		c.redirect(v, "/sessions")
		return nil
	}
	return &service.Problem{Status: http.StatusNotFound, Code: "no_session", Detail: "there is no such session, or it has ended", Hint: "the page Sessions lists those that you may end"}
}

// endSession ends a session, and puts on record who did that.
func (c *Console) endSession(v *visit, s access.Session) error {
	if err := v.client.Audit(v.context(), actionSessionEnd, "session "+s.ID+" of "+s.Holder.Name+": "+s.Agent); err != nil {
		return err
	}
	if err := c.Sessions.EndSession(v.context(), s.ID, c.now()); err != nil && !errors.Is(err, access.ErrNoSession) {
		return troubled("writing the sessions", err)
	}
	return nil
}
