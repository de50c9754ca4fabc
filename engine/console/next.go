package console

import (
	"net/http"
	"net/url"
	"path"
	"strings"
)

// nextOf returns the address within the console to which a person goes after signing in. Whatever is not
// a clean path here, with a query perhaps, and what is too long for an address becomes the inbox.
func nextOf(given string) string {
	u, err := url.Parse(given)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || !strings.HasPrefix(given, "/") ||
		strings.HasPrefix(given, "//") || strings.ContainsAny(given, "\\\r\n\t") || path.Clean(u.Path) != u.Path || strings.HasPrefix(u.Path, "/sign-") || u.Path == "/live" {
		return "/"
	}
	next := (&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}).String()
	if len(next) > longestNext {
		return "/"
	}
	return next
}

// longestNext is the most bytes of such an address. The cookie of a sign-in at a provider holds it, and
// browsers drop a cookie of more than 4 KiB.
const longestNext = 2 << 10

// askWho answers a request of nobody who is signed in. A person who follows a link from another site
// comes without the cookie, which browsers send only with requests from here: so a small page of ours
// goes on to the same address.
func (c *Console) askWho(v *visit) {
	r := v.request
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		c.fail(v, errSignedOut)
		return
	}
	next := nextOf(r.URL.RequestURI())
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		c.write(v, http.StatusOK, "onward", onwardPage{frame: c.frame(v, "One moment"), Why: "You followed a link from another site.", Next: next})
		return
	}
	if isOfScript(r) { // the script asks: a page to sign in would be no answer
		c.fail(v, errSignedOut)
		return
	}
	c.redirect(v, "/sign-in?next="+url.QueryEscape(next))
}

// An onwardPage goes on to another address by itself.
type onwardPage struct {
	frame
	Why  string
	Next string
}

func (c *Console) redirect(v *visit, to string) {
	v.write.Header().Set("Location", to)
	v.write.WriteHeader(http.StatusSeeOther)
}
