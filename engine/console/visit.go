package console

import (
	"context"
	"errors"
	"net/http"
	"path"

	"errand/engine/access"
	"errand/engine/service"
)

// A visit is one request of a browser.
type visit struct {
	request *http.Request
	write   http.ResponseWriter
	answer  *service.Writer // what write writes to
	page    *page

	session access.Session // the zero session if nobody is signed in
	client  service.Client // of who is signed in
}

func (v *visit) context() context.Context { return v.request.Context() }

// person returns the name under which somebody is signed in.
func (v *visit) person() string {
	t := v.client.Token()
	if t.Person != "" {
		return t.Person
	}
	return t.Name
}

// visitKey is the key of a visit in a request's context.
type visitKey struct{}

func visitIn(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

// ServeHTTP implements http.Handler. The page is the one that the mux finds: addresses are never
// compared as texts.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	answer := service.NewWriter(w)
	v := &visit{request: r, write: answer, answer: answer, page: c.find(r)}
	defer func() { c.panicked(v, recover()) }()
	if err := c.guard.Check(r); err != nil {
		c.fail(v, &service.Problem{Status: http.StatusForbidden, Code: "origin", Detail: "the request comes from another site", Hint: "open the page here and use its button"})
		return
	}
	signedIn, err := c.identify(v)
	switch {
	case err != nil:
		c.fail(v, err)
	case v.page != nil && v.page.may.Kind == access.ByAnyone:
		c.serve(v)
	case !signedIn:
		c.askWho(v)
	case v.page == nil:
		c.fail(v, errNoPage)
	case !v.page.may.Allows(v.client.Token()):
		c.fail(v, &service.Problem{Status: http.StatusForbidden, Code: "role", Detail: "you have no role that may see this page", Hint: "ask an administrator for one of these roles: " + roleNames(v.page.may.Roles)})
	default:
		if err := v.client.Admit(); err != nil {
			c.fail(v, err)
			return
		}
		c.serve(v)
	}
}

func (c *Console) serve(v *visit) {
	c.mux.ServeHTTP(v.write, v.request.WithContext(context.WithValue(v.context(), visitKey{}, v)))
}

// find returns the page of a request, or nil. An address that the mux would redirect has none.
func (c *Console) find(r *http.Request) *page {
	if p := r.URL.Path; p == "" || path.Clean(p) != p || r.Method == http.MethodConnect {
		return nil
	}
	_, pattern := c.mux.Handler(r)
	return c.pages[pattern]
}

var errNoPage = &service.Problem{Status: http.StatusNotFound, Code: "no_page", Detail: "there is no page at this address", Hint: "the links at the top lead to all pages"}

// fail answers with a page that shows why the request was not carried out.
func (c *Console) fail(v *visit, err error) {
	p := problemOf(err)
	if p.Status >= http.StatusInternalServerError {
		c.Log.Error("a page failed", "page", v.request.Pattern, "status", p.Status, "error", err)
	}
	c.write(v, p.Status, "problem", problemPage{frame: c.frame(v, http.StatusText(p.Status)), Problem: p})
}

// A problemPage shows why a request was not carried out.
type problemPage struct {
	frame
	Problem *service.Problem
}

// problemOf words an error for people in front of a browser: the service's own words name its HTTP
// interface.
func problemOf(err error) *service.Problem {
	p := *service.ProblemOf(err)
	if hint, is := hints[p.Code]; is {
		p.Hint = hint
	}
	if detail, is := details[p.Code]; is {
		p.Detail = detail
	}
	return &p
}

// refusalOf returns the problem of an error that the page itself shows, or nil if the error is one that
// takes the place of the page.
func refusalOf(err error) *service.Problem {
	if _, ok := errors.AsType[*service.Problem](err); !ok {
		return nil
	}
	p := problemOf(err)
	if p.Status == http.StatusNotFound || p.Status == http.StatusGone {
		return nil
	}
	return p
}
