// Package openid signs people in by OpenID Connect: a provider such as Keycloak, Entra ID, Okta or
// Google says who a person is and which groups the person belongs to, and a file says which roles
// those groups have. It uses the authorization code flow with PKCE, state and nonce. It does not know
// pages, cookies or sessions: its caller keeps an Attempt in the browser, and the token of a person
// who has signed in.
//
// In reading order: openid.go (what is configured), load.go and secret.go (the files with it),
// provider.go (the two halves of a sign-in), attempt.go (what stands between them), discovery.go (what
// the provider announces), client.go (requests to it), exchange.go (from the code to an ID token),
// claims.go (what that says), grant.go (from groups to roles), refused.go (errors).
package openid

import (
	"net"
	"net/url"
	"strings"

	"errand/engine/access"
	"errand/engine/task"
)

// A Config says which provider signs people in, and what they may do then.
type Config struct {
	Issuer       string // the address by which the provider names itself; https, or http on loopback
	ClientID     string
	ClientSecret task.Secret // empty for a public client

	// Scopes are asked for beside openid. nil means profile and email, which every provider knows.
	// Most providers refuse a scope that they do not know, and only some have a scope groups.
	Scopes []string

	// Person is the claim that names the person. The default is preferred_username, and email if
	// there is none. The claim email counts only if email_verified is not false.
	Person string

	// Groups is the claim with the groups of the person, a list of texts or one text. The default is
	// groups.
	Groups string

	// Roles are the roles of the members, by group. Workflows are the workflows that members may
	// start who are only requesters. Groups are compared like persons: see engine.FoldName.
	Roles     map[string][]access.Role
	Workflows map[string][]string

	// CA is a PEM file with the authorities of the provider's certificate, in place of those of the
	// system. "" means those of the system.
	CA string
}

// Defaults of a Config.
var defaultScopes = []string{"profile", "email"}

const (
	claimPerson = "preferred_username"
	claimEmail  = "email"
	claimGroups = "groups"
)

// withDefaults returns the configuration with the defaults in place of what is empty. Person stays
// empty.
func (c Config) withDefaults() Config {
	if c.Scopes == nil {
		c.Scopes = defaultScopes
	}
	if c.Groups == "" {
		c.Groups = claimGroups
	}
	return c
}

// issuerFault returns what is wrong with an issuer, or "".
func issuerFault(issuer string) string {
	u, err := url.Parse(issuer)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return "is not the address of a provider, such as https://login.example.com"
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(issuer, "#"):
		return "has a user, a query or a fragment"
	case u.Scheme == "http" && !isLoopback(u):
		return "begins with http; expected https, except on loopback"
	}
	return ""
}

// isLoopback reports whether an address is one of this machine.
func isLoopback(u *url.URL) bool {
	return u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
}

// mayAsk reports whether the configuration allows requests to an address: by https, or by http on
// this machine if the provider is there too.
func (c Config) mayAsk(u *url.URL) bool {
	if u.Host == "" || u.Scheme != "http" {
		return u.Host != "" && u.Scheme == "https"
	}
	issuer, err := url.Parse(c.Issuer)
	return err == nil && issuer.Scheme == "http" && isLoopback(issuer) && isLoopback(u)
}
