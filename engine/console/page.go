package console

import (
	"net/http"

	"errand/engine/access"
)

// A page is one address of the console.
type page struct {
	method, pattern string
	name            string // of the template; "" if the page writes its answer itself
	may             access.Permission
	show            func(*Console, *visit) error
}

// Permissions that are for no roles.
var (
	signedIn  = access.Permission{Kind: access.ByToken}
	everybody = access.Permission{Kind: access.ByAnyone}
)

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
