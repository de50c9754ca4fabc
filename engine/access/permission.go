package access

// A Permission says who may ask for something, such as a route or a page. The zero Permission allows
// nobody.
type Permission struct {
	Kind  PermissionKind
	Roles []Role // of ByRole
}

// A PermissionKind says what a caller needs.
type PermissionKind int

// The kinds of permissions.
const (
	ByNobody    PermissionKind = iota
	ByRole                     // whoever has one of the roles
	ByToken                    // whoever has a valid token, or is signed in
	ByAnyone                   // without a token, too
	BySignature                // whoever signs the body; the handler examines the signature
)

// Allow permits whoever has one of some roles. It needs at least one.
func Allow(role Role, more ...Role) Permission {
	return Permission{Kind: ByRole, Roles: append([]Role{role}, more...)}
}

// NeedsToken reports whether a caller must be known.
func (p Permission) NeedsToken() bool { return p.Kind != ByAnyone && p.Kind != BySignature }

// Allows reports whether a token may ask.
func (p Permission) Allows(t Token) bool {
	switch p.Kind {
	case ByRole:
		return t.Has(p.Roles...)
	case ByToken, ByAnyone, BySignature:
		return true
	}
	return false
}
