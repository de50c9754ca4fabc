package console_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/console"
	"errand/engine/openid"
	"errand/engine/openid/openidtest"
)

// FuzzForm posts a form to each page that takes one. Whatever it has, and whatever address it goes to, the
// answer is a page that says so, and never a fault of the service.
func FuzzForm(f *testing.F) {
	b := makeBench(f, setting{idle: true}) // a worker would make the coverage of an input another one each time
	desk := b.as("desk", access.Requester)
	run, failed := b.park(desk), b.start(desk, "breaks", "", nil)
	if _, err := b.runner.Follow(f.Context(), failed, engine.Following{}); err != nil {
		f.Fatal(err)
	}
	secret, hash := access.NewSessionSecret()
	session := access.NewSession("", b.console.Now())
	b.console.Provider = openid.New(openid.Config{Issuer: openidtest.New(f).Issuer, ClientID: openidtest.ClientID}, "http://127.0.0.1/sign-in/callback")
	session.Holder = access.Token{Name: "robin", Person: "robin", Roles: []access.Role{access.Admin}}
	if err := b.store.AddSession(context.Background(), session, hash); err != nil {
		f.Fatal(err)
	}
	for i, body := range []string{
		"", "run=" + failed, "run=%00&run=../x&run=" + strings.Repeat("y", 300), "from=act", "from=%FF", "verdict=maybe&comment=x&etag=%22x%22", "verdict=approve&etag=W%2F%22", "verdict=done&comment=" + strings.Repeat("x", 5000),
		"token=errand_0&next=//x", "token=" + strings.Repeat("a", 71), "a;b", "%zz", "verdict=approve%0D%0A&etag=%0D%0AX:%20y", "=&=&=", "next=%0d%0a", "etag=\x00", "name=x&workflow=greet&who=y",
	} {
		f.Add(body, "x", uint8(i), formType)
	}
	f.Add("a", "all%5B1%5D.may", uint8(5), "multipart/form-data; boundary=a")
	f.Add("a", "%2e%2e", uint8(3), "text/plain")
	handler := b.console.Handler()
	var rows []console.Row
	for _, r := range console.Rows() {
		if r.Method == http.MethodPost && r.Pattern != "/sign-out" { // it would end the session
			rows = append(rows, r)
		}
	}
	f.Fuzz(func(t *testing.T, body, part string, page uint8, media string) {
		r := rows[int(page)%len(rows)]
		for _, address := range []string{exampleOf(r, run).address, exampleOf(r, failed).address, wildcard.ReplaceAllStringFunc(r.Pattern, func(string) string { return url.PathEscape(part) })} {
			if r.Pattern == "/sign-in" && strings.Contains(body, "errand_") {
				continue
			}
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
			request.Header["Content-Type"] = []string{media}
			request.Header["Sec-Fetch-Site"] = []string{"same-origin"}
			request.AddCookie(&http.Cookie{Name: "errand-session", Value: secret})
			got := httptest.NewRecorder()
			handler.ServeHTTP(got, request)
			if got.Code >= 500 || got.Code < 200 || got.Code == http.StatusUnauthorized && r.Pattern != "/sign-in" {
				t.Errorf("POST %s of %q as %q answers %d %s", address, body, media, got.Code, got.Body)
			}
			if to := got.Header().Get("Location"); to != "" && strings.HasPrefix(leaves(to), "it ") && to != "/sign-in" {
				t.Errorf("POST %s of %q leads to %q", address, body, to)
			}
		}
	})
}
