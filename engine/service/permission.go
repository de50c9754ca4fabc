package service

import "errand/engine/access"

// A permission says who may call a route. The zero permission allows nobody.
type permission struct {
	kind  permissionKind
	roles []access.Role // of byRole
}

type permissionKind int

const (
	byNobody permissionKind = iota
	byRole                  // whoever has one of the roles
	byToken                 // whoever has a valid token
	byAnyone                // without a token, too
	bySigned                // whoever signs the body; the handler examines the signature
)

// allow permits whoever has one of some roles. It needs at least one.
func allow(role access.Role, more ...access.Role) permission {
	return permission{kind: byRole, roles: append([]access.Role{role}, more...)}
}

var (
	anyToken = permission{kind: byToken}
	anyone   = permission{kind: byAnyone}
	signed   = permission{kind: bySigned}
)

// needsToken reports whether a caller must be known.
func (p permission) needsToken() bool { return p.kind != byAnyone && p.kind != bySigned }

// allows reports whether a token may call the route.
func (p permission) allows(t access.Token) bool {
	switch p.kind {
	case byRole:
		return t.Has(p.roles...)
	case byToken, byAnyone, bySigned:
		return true
	}
	return false
}
