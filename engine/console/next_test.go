package console_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"errand/engine/access"
	"errand/engine/console"
)

// tricks are addresses to which somebody may try to send a person after signing in, with those to which
// the person goes.
var tricks = map[string]string{
	"": "/", "/": "/", "/runs": "/runs", "/runs?status=failed&request=1%2F2": "/runs?status=failed&request=1%2F2", "/runs/abc/questions/all%5B1%5D.may": "/runs/abc/questions/all%5B1%5D.may",
	"/requests/a%2Fb": "/requests/a%2Fb", "/runs#part": "/runs", "/?next=//evil.example": "/?next=//evil.example", "/runs?next=https://evil.example": "/runs?next=https://evil.example",

	"//evil.example": "/", "///evil.example": "/", "////evil.example": "/", `/\evil.example`: "/", `\/evil.example`: "/", `\\evil.example`: "/", `/\/evil.example`: "/", "/.//evil.example": "/", "/..//evil.example": "/",
	"/../..//evil.example": "/", "/x/..//evil.example": "/", "/%2e%2e//evil.example": "/", "/%2F/evil.example": "/", "/%2Fevil.example": "/", "/./evil": "/",
	"https:evil.example": "/", "https:/evil.example": "/", "https://evil.example": "/", "https:///evil.example": "/", "HTTPS://evil.example/runs": "/", "http:runs": "/", "javascript:alert(1)": "/",
	"javascript://%0aalert(1)": "/", "data:text/html,x": "/", "evil.example": "/", "evil.example/runs": "/", "@evil.example": "/", "?x": "/", "#x": "/", "runs": "/", "./runs": "/", "../runs": "/",
	"//kim@evil.example": "/", "//kim:x@evil.example": "/", "https://127.0.0.1@evil.example": "/", "//127.0.0.1\\@evil.example": "/", "//evil.example:80": "/", "//[::1]": "/",
	"/\t/evil.example": "/", "/\n/evil.example": "/", "\t//evil.example": "/", " //evil.example": "/", "\x00//evil.example": "/", "/\x00/evil.example": "/", "/runs\r\nSet-Cookie: a=b": "/",
	"/runs\nLocation: https://evil.example": "/", "/runs%0d%0aSet-Cookie:%20a=b": "/runs%0d%0aSet-Cookie:%20a=b", "/%09/evil.example": "/%09/evil.example", "/%5Cevil.example": "/%5Cevil.example",
	"/%zz": "/", "/%": "/", "/sign-in": "/", "/sign-in?next=/sign-in": "/", "/sign-out": "/", "/%73ign-in": "/", "/sign%2Din?next=%2F": "/", "/live": "/", "/live?run=x": "/", "/%6cive": "/",
	"/" + strings.Repeat("x", 10_000): "/", "/runs?request=" + strings.Repeat("x", 10_000): "/", "//" + strings.Repeat("x", 10_000): "/", "/\u2215/evil.example": "/%E2%88%95/evil.example", "/\uff0fevil.example": "/%EF%BC%8Fevil.example",
	"/runs?a;b": "/runs?a;b", "/;//evil.example": "/", "/;/evil.example": "/;/evil.example", `/runs?x="><script>alert(1)</script>`: `/runs?x="><script>alert(1)</script>`, "/\u202e/evil": "/%E2%80%AE/evil",
}

// leaves reports why an address may lead a browser to another site, or "".
func leaves(address string) string {
	if !strings.HasPrefix(address, "/") {
		return "it does not begin with a slash"
	}
	if strings.ContainsFunc(address, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }) {
		return "it has characters that browsers remove or take for slashes"
	}
	if strings.HasPrefix(address, "//") {
		return "it begins with the name of a host"
	}
	base := &url.URL{Scheme: "https", Host: "errand.example.com", Path: "/sign-in"}
	to, err := base.Parse(address)
	if err != nil || to.Host != base.Host || to.Scheme != base.Scheme || to.User != nil {
		return "it leads elsewhere"
	}
	if to.Path == "/sign-in" {
		return "it leads back"
	}
	return ""
}

// After signing in, and on the page of a link from another site, a person stays here.
func TestNoOpenRedirect(t *testing.T) {
	b := newBench(t, setting{})
	kim := b.as("kim", access.Operator)
	in := b.signedIn(kim)
	for given, want := range tricks {
		got := b.visitor().signIn(kim, given).header.Get("Location")
		if why := leaves(got); why != "" || got != want {
			t.Errorf("signing in with next=%.100q leads to %.100q, want %.100q: %s", given, got, want, why)
		}
		if len(given) > 1000 {
			continue // too long for an address
		}
		again := in.get("/sign-in?next=" + url.QueryEscape(given)).header.Get("Location")
		if again != want {
			t.Errorf("with a session, /sign-in?next=%q leads to %q", given, again)
		}
		page := b.visitor().get("/sign-in?next=" + url.QueryEscape(given))
		if hidden := hiddenNext.FindStringSubmatch(page.text); page.status != http.StatusOK || hidden == nil || html.UnescapeString(hidden[1]) != want {
			t.Errorf("the page to sign in answers next=%q with %d %q", given, page.status, hidden)
		}
	}
}

var (
	hiddenNext = regexp.MustCompile(`<input type="hidden" name="next" value="([^"]*)">`)
	refreshed  = regexp.MustCompile(`<meta http-equiv="refresh" content="0; url=([^"]*)">`)
	goOn       = regexp.MustCompile(`<a href="([^"]*)">Go on`)
)

// The page of a link from another site leads to the same address here, if that is a clean one.
func TestOnward(t *testing.T) {
	b := newBench(t, setting{})
	for path, want := range map[string]string{
		"/runs/abc?x=1": "/runs/abc?x=1", "/runs/abc/questions/all%5B1%5D.may?round=2": "/runs/abc/questions/all%5B1%5D.may?round=2", "/nothing": "/nothing", "/": "/", "/?next=//evil.example": "/?next=//evil.example",
		"//evil.example": "/", "//evil.example/%2e%2e": "/", "///evil.example": "/", "/%2Fevil.example": "/", `/\evil.example`: "/%5Cevil.example", "/..//evil.example": "/", "/live": "/", "/runs?x=%22%3E%3Cscript%3E": "/runs?x=%22%3E%3Cscript%3E",
		"/runs;url=https://evil.example": "/", "/runs,https://evil.example": "/", "/runs;url='https:evil.example": "/runs;url='https:evil.example", "/'https://evil.example": "/", "/runs?'%22": "/runs?'%22",
	} {
		for _, site := range []string{"cross-site", "same-site"} {
			a := b.visitor().get(path, "Sec-Fetch-Site", site)
			refresh, link := refreshed.FindStringSubmatch(a.text), goOn.FindStringSubmatch(a.text)
			if a.status != http.StatusOK || refresh == nil || link == nil {
				t.Errorf("%s answers %d %s", path, a.status, a.text)
				continue
			}
			got, by := html.UnescapeString(refresh[1]), html.UnescapeString(link[1])
			if got != want || leaves(got) != "" || leaves(by) != "" {
				t.Errorf("%s goes on to %q, and its link leads to %q; expected %q", path, got, by, want)
			}
		}
	}
}

func FuzzNext(f *testing.F) {
	for given := range tricks {
		f.Add(given)
	}
	f.Fuzz(func(t *testing.T, given string) {
		got := console.NextOf(given)
		if why := leaves(got); why != "" {
			t.Errorf("%q leads to %q: %s", given, got, why)
		}
		if again := console.NextOf(got); again != got {
			t.Errorf("%q leads to %q, and that to %q", given, got, again)
		}
	})
}
