package console

import (
	"net/http"

	"errand/engine/access"
)

// A page is one address of the console.
type page struct {
	method, pattern string
	name            string // of the template; "" if the page writes its answer itself
	may             permission
	show            func(*Console, *visit) error
}

// A permission says who may see a page. The zero permission allows nobody.
type permission struct {
	kind  permissionKind
	roles []access.Role // of byRole
}

type permissionKind int

const (
	byNobody    permissionKind = iota
	byRole                     // whoever is signed in with one of the roles
	bySession                  // whoever is signed in
	byEverybody                // without a session, too
)

var (
	signedIn  = permission{kind: bySession}
	everybody = permission{kind: byEverybody}
)

// allow permits whoever has one of some roles.
func allow(role access.Role, more ...access.Role) permission {
	return permission{kind: byRole, roles: append([]access.Role{role}, more...)}
}

// allows reports whether somebody who is signed in may see the page.
func (p permission) allows(t access.Token) bool {
	switch p.kind {
	case byRole:
		return t.Has(p.roles...)
	case bySession, byEverybody:
		return true
	}
	return false
}

// handler returns the handler of a page.
func (c *Console) handler(p *page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := visitIn(r.Context())
		v.request, v.write, v.page = r, w, p
		if err := p.show(c, v); err != nil {
			c.fail(v, err)
		}
	})
}
