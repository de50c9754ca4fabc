package openid

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// exchange sends the code to the provider, and returns the claims of the ID token that it gets.
func (p *Provider) exchange(ctx context.Context, d *discovered, a Attempt, code string) (claims, *RefusedError) {
	ctx = oidc.ClientContext(ctx, d.client)
	answer, err := p.client(d).Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return nil, refuseExchange(err, code, a.Verifier, p.config.ClientSecret.Reveal())
	}
	raw, ok := answer.Extra("id_token").(string)
	if !ok {
		return nil, refuseUnavailable("the answer of its token endpoint has no ID token")
	}
	keys := &watchedKeys{KeySet: d.keys}
	verifier := oidc.NewVerifier(p.config.Issuer, keys, &oidc.Config{
		ClientID: p.config.ClientID, SupportedSigningAlgs: d.algorithms,
		Now: func() time.Time { return p.now().Add(-skew) },
	})
	token, err := verifier.Verify(ctx, raw)
	if _, unanswered := errors.AsType[*url.Error](keys.failure); unanswered {
		return nil, refuseUnavailable("its keys: " + reason(keys.failure))
	}
	if err != nil {
		return nil, refuseIdentity(clean(err.Error(), maxText, raw, answer.AccessToken, answer.RefreshToken))
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(a.Nonce)) != 1 {
		return nil, refuseIdentity("the nonce of the ID token is that of another sign-in")
	}
	var said claims
	if err := token.Claims(&said); err != nil {
		return nil, refuseIdentity("the ID token is not a JSON object")
	}
	party, named := said.text("azp")
	if named && party != p.config.ClientID || !named && len(token.Audience) > 1 {
		return nil, refuseIdentity(fmt.Sprintf("the ID token was issued to the client %q", clean(party, maxName)))
	}
	return said, nil
}

// A watchedKeys is a set of keys that keeps its last error: the library makes a text of it.
type watchedKeys struct {
	oidc.KeySet
	failure error
}

// VerifySignature implements oidc.KeySet.
func (w *watchedKeys) VerifySignature(ctx context.Context, token string) (payload []byte, err error) {
	payload, w.failure = w.KeySet.VerifySignature(ctx, token)
	return payload, w.failure
}

func refuseIdentity(detail string) *RefusedError {
	return &RefusedError{Code: CodeIdentity, Message: "the provider's answer does not prove who you are; sign in again", Detail: detail}
}

// refuseExchange returns the error for a code that got no token. What the provider says about it is
// left out if it contains one of some secrets.
func refuseExchange(err error, secrets ...string) *RefusedError {
	refused, answered := errors.AsType[*oauth2.RetrieveError](err)
	if !answered {
		if _, failed := errors.AsType[*url.Error](err); failed {
			return refuseUnavailable("its token endpoint: " + reason(err))
		}
		return refuseUnavailable("the answer of its token endpoint is not a token")
	}
	if refused.ErrorCode == "" {
		return refuseUnavailable("its token endpoint: " + (&statusError{refused.Response.StatusCode}).Error())
	}
	detail := "the token endpoint answered " + clean(refused.ErrorCode, maxName, secrets...)
	if said := clean(refused.ErrorDescription, maxText, secrets...); said != "" {
		detail += ": " + said
	}
	switch refused.ErrorCode {
	case "invalid_client", "unauthorized_client":
		return refuseSettings(detail)
	case "invalid_grant":
		e := refuseAttempt("the provider does not accept the code of this sign-in, which was used, is too old, or is for another client")
		e.Detail = detail
		return e
	case "server_error", "temporarily_unavailable":
		return refuseUnavailable(detail)
	}
	return &RefusedError{Code: CodeProvider, Message: "the provider refused the sign-in", Detail: detail}
}
