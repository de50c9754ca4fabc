package service

import (
	"net/http"
	"path"
	"slices"
	"strings"

	"errand/engine/access"
)

// methods are those that a route may have.
var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// ServeHTTP implements http.Handler. The route is the one that the mux finds: paths are never
// compared as texts. A caller without a token learns of no route that needs one, not even that there
// is none.
func (s *Server) ServeHTTP(inner http.ResponseWriter, r *http.Request) {
	w := NewWriter(inner)
	defer func() { s.panicked(w, r, recover()) }()
	secure(w.Header())
	found := s.find(r)
	asked := askedIn(r.Context())
	asked.route = found
	var who caller
	if found == nil || found.may.NeedsToken() {
		token, err := s.admit(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		who = callerOf(token)
		asked.token = token.Name
	}
	switch {
	case found == nil:
		s.fail(w, r, s.missing(w, r))
	case !found.may.Allows(who.token):
		s.fail(w, r, s.forbidden(r, found, who))
	default:
		r = r.WithContext(withCaller(r.Context(), who))
		s.mux.ServeHTTP(w, r)
	}
}

// find returns the route of a request, or nil. A path that the mux would redirect has none.
func (s *Server) find(r *http.Request) *route {
	if p := r.URL.Path; p == "" || path.Clean(p) != p || r.Method == http.MethodConnect {
		return nil
	}
	_, pattern := s.mux.Handler(r)
	return s.routes[pattern]
}

// missing returns the problem of a request without a route.
func (s *Server) missing(w http.ResponseWriter, r *http.Request) error {
	var allowed []string
	for _, method := range methods {
		other := r.Clone(r.Context())
		if other.Method = method; s.find(other) != nil {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		return &Problem{Status: http.StatusNotFound, Code: "no_route", Detail: "there is nothing at this address", Hint: "GET /v1/openapi.json lists the addresses"}
	}
	if slices.Contains(allowed, http.MethodGet) {
		allowed = append(allowed, http.MethodHead)
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return &Problem{Status: http.StatusMethodNotAllowed, Code: "method", Detail: "the method " + quoted(r.Method) + " does not apply to this address", Hint: "these do: " + strings.Join(allowed, ", ")}
}

// forbidden returns the problem of a token without the role, and puts the attempt on record.
func (s *Server) forbidden(r *http.Request, found *route, who caller) error {
	if err := s.record(r.Context(), who, access.Entry{Action: found.action, Detail: "refused: " + codeRole}); err != nil {
		return err
	}
	names := make([]string, len(found.may.Roles))
	for i, role := range found.may.Roles {
		names[i] = string(role)
	}
	return &Problem{
		Status: http.StatusForbidden, Code: codeRole, Detail: "the token " + who.token.Name + " has no role that may do this",
		Hint: "it needs one of these roles: " + strings.Join(names, ", "),
	}
}

const codeRole = "role"

// secure sets the headers that every answer has: it is data, for the caller alone.
func secure(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
}

// handler returns the handler of a route.
func (s *Server) handler(found *route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{http: r, write: w, who: callerIn(r.Context()), route: found}
		a, err := s.carryOut(found, c)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		s.answer(w, r, a)
	})
}

// carryOut examines what was sent, puts a change on record, and calls the route.
func (s *Server) carryOut(found *route, c *call) (answer, error) {
	if err := found.checkQuery(c.http); err != nil {
		return answer{}, err
	}
	if err := readBody(c); err != nil {
		return answer{}, err
	}
	if !found.changes {
		return found.handle(s, c)
	}
	entry := c.entry()
	var err error
	if !found.records {
		if entry, err = s.append(c.context(), entry); err != nil {
			return answer{}, err
		}
	}
	a, err := found.handle(s, c)
	if c.recorded {
		return a, err
	}
	if found.records { // nothing was changed
		var failed error
		if entry, failed = s.append(c.context(), entry); failed != nil {
			return answer{}, failed
		}
	}
	if err != nil {
		s.refused(c, entry, err)
	}
	return a, err
}
