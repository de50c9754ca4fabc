package openid

import (
	"context"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"errand/engine/access"
)

// A Provider signs people in. It asks the provider nothing before the first sign-in, so a service
// starts without it. It is safe for concurrent use.
type Provider struct {
	config   Config
	redirect string
	grants   grants
	found    *discovery
	used     usedStates
	now      func() time.Time
	timeout  time.Duration // of a request
}

// New returns a Provider. redirect is the absolute address of the callback, which the provider must
// know.
func New(c Config, redirect string) *Provider {
	c = c.withDefaults()
	p := &Provider{config: c, redirect: redirect, grants: newGrants(c), now: time.Now, timeout: requestTimeout}
	p.found = &discovery{
		now: func() time.Time { return p.now() },
		ask: func(ctx context.Context) (*discovered, *RefusedError) { return c.discover(ctx, p.timeout) },
	}
	return p
}

// Begin begins a sign-in. It returns the address of the provider's page, and an attempt for Finish,
// which the caller keeps in a sealed cookie of the browser. The error is a *RefusedError, or that of
// ctx.
func (p *Provider) Begin(ctx context.Context) (address string, a Attempt, err error) {
	d, err := p.found.get(ctx)
	if err != nil {
		return "", Attempt{}, err
	}
	a = newAttempt(p.now())
	return p.client(d).AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), a, nil
}

// Finish ends a sign-in with what the provider sent to the callback. It returns who signed in: the
// token has the name "openid:SUBJECT", which no stored token can have, and does not expire. An
// attempt can be finished once. The error is a *RefusedError, or that of ctx.
func (p *Provider) Finish(ctx context.Context, a Attempt, query url.Values) (access.Token, error) {
	if refused := a.check(p.now(), query); refused != nil {
		return access.Token{}, refused
	}
	if !p.used.add(a, p.now()) {
		return access.Token{}, refuseAttempt("this sign-in has ended already")
	}
	if refused := p.config.readAnswer(query); refused != nil {
		return access.Token{}, refused
	}
	d, err := p.found.get(ctx)
	if err != nil {
		return access.Token{}, err
	}
	claims, refused := p.exchange(ctx, d, a, query.Get("code"))
	if ctx.Err() != nil {
		return access.Token{}, ctx.Err()
	}
	if refused != nil {
		return access.Token{}, refused
	}
	t, refused := p.grant(claims)
	if refused != nil {
		return access.Token{}, refused
	}
	return t, nil
}

// client returns the client that the service is to the provider.
func (p *Provider) client(d *discovered) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret.Reveal(), Endpoint: d.endpoint, RedirectURL: p.redirect,
		Scopes: append([]string{oidc.ScopeOpenID}, p.config.Scopes...),
	}
}

// readAnswer returns an error if the provider did not send a code.
func (c Config) readAnswer(query url.Values) *RefusedError {
	if query.Has("iss") && single(query, "iss") != c.Issuer { // RFC 9207
		return refuseAttempt("this answer comes from another provider")
	}
	if query.Has("error") {
		message := "the provider refused the sign-in: " + clean(query.Get("error"), maxName)
		if said := clean(query.Get("error_description"), maxText); said != "" {
			message += ": " + said
		}
		return &RefusedError{Code: CodeProvider, Message: message}
	}
	if single(query, "code") == "" {
		return refuseAttempt("this answer of the provider has no code")
	}
	return nil
}
