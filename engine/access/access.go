// Package access says who may use a service and records what they did: tokens with roles, the
// sessions of browsers, and an audit log. It knows neither HTTP nor where the facts are kept; package
// journal keeps them.
//
// In reading order: access.go (roles and tokens), permission.go (who may ask for what), check.go (which
// tokens may be made), secret.go (what a token is), session.go (browsers that are signed in), audit.go
// (the log), chain.go and verify.go (how changes of it are found), pause.go (what is not started).
package access

import (
	"context"
	"errors"
	"slices"
	"time"
)

// A Role allows a kind of request. The zero Role allows nothing.
type Role string

// The roles.
const (
	Requester Role = "requester" // starts runs, and sees its own
	Approver  Role = "approver"  // sees all runs, and decides what it is asked
	Operator  Role = "operator"  // sees all runs; cancels, resolves and retries them
	Designer  Role = "designer"  // sees workflows and their plans
	Monitor   Role = "monitor"   // reads metrics
	Admin     Role = "admin"     // all of these, and reads the audit log
)

// Roles lists the roles.
var Roles = []Role{Requester, Approver, Operator, Designer, Monitor, Admin}

// A Token is what a caller is known by. It contains no secret.
type Token struct {
	Name      string    `json:"name"`
	Roles     []Role    `json:"roles"`
	Person    string    `json:"person,omitempty"`    // who acts with the token; empty for a program
	Groups    []string  `json:"groups,omitempty"`    // the groups that the person belongs to
	Workflows []string  `json:"workflows,omitempty"` // the workflows that it may start and see, unless UsesAll
	Created   time.Time `json:"created_at"`
	Expires   time.Time `json:"expires_at,omitzero"` // zero means never
	Revoked   time.Time `json:"revoked_at,omitzero"` // zero means it is not
}

// Has reports whether the token has one of some roles. An admin has every role. Nobody has a role
// that is not one of Roles.
func (t Token) Has(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool {
		return slices.Contains(Roles, r) && (slices.Contains(t.Roles, r) || slices.Contains(t.Roles, Admin))
	})
}

// IsValid reports whether the token can be used at a time.
func (t Token) IsValid(at time.Time) bool {
	return len(t.Roles) > 0 && t.Revoked.IsZero() && (t.Expires.IsZero() || at.Before(t.Expires))
}

// SeesAll reports whether the token sees every run, not only its own.
func (t Token) SeesAll() bool { return t.Has(Operator, Approver) }

// MayUse reports whether the token may start and see a workflow. Only a Requester may start one.
func (t Token) MayUse(workflow string) bool {
	return t.UsesAll() || t.Has(Requester) && slices.Contains(t.Workflows, workflow)
}

// UsesAll reports whether the roles of the token are for all workflows. Other tokens need Workflows.
func (t Token) UsesAll() bool { return t.Has(Operator, Approver, Designer) }

// Errors of Tokens.
var (
	ErrNoToken = errors.New("there is no such token")
	ErrExists  = errors.New("there is a token with this name")
)

// Tokens keeps tokens. A name is never used twice, also not after the token was revoked.
type Tokens interface {
	// AddToken adds a token with the hash of its secret. Its error is ErrExists or that of the store.
	AddToken(ctx context.Context, t Token, h Hash) error
	// RevokeToken ends a token. Its error is ErrNoToken or that of the store. A token that is revoked
	// stays so.
	RevokeToken(ctx context.Context, name string, at time.Time) error
	// Tokens returns all tokens, in the order in which they were added.
	Tokens(ctx context.Context) ([]Token, error)
	// FindToken returns the token with the hash of a secret, whether or not it is valid. Its error is
	// ErrNoToken or that of the store.
	FindToken(ctx context.Context, h Hash) (Token, error)
}
