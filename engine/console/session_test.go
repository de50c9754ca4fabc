package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"errand/engine/access"
)

// with asks for a page with a cookie that the test chooses.
func (b *bench) with(cookie, path string) answer {
	b.Helper()
	return b.visitor().get(path, "Cookie", cookie)
}

// isIn reports whether a secret is that of a session that is valid now.
func (b *bench) isIn(secret string) bool {
	b.Helper()
	name := "errand-session"
	if b.http.TLS != nil {
		name = "__Host-errand-session"
	}
	return b.with(name+"="+secret, "/sessions").status != http.StatusSeeOther
}

// Whoever signs in gets a new secret, whatever the browser brings, and the session that it had is over.
func TestNoSessionIsFixed(t *testing.T) {
	b := newBench(t, setting{})
	kim, eve := b.as("kim", access.Operator), b.as("eve", access.Operator)
	planted := b.signedIn(eve).secret()
	made, _ := access.NewSessionSecret()
	for what, cookie := range map[string]string{
		"a session of somebody else": "errand-session=" + planted, "a secret that nobody has": "errand-session=" + made, "garbage": "errand-session=x",
		"two": "errand-session=" + made + "; errand-session=" + planted, "the name under TLS": "__Host-errand-session=" + made, "nothing": "",
	} {
		v := b.visitor()
		a := v.post("/sign-in", url.Values{"token": {kim}}, "Cookie", cookie)
		if secret := v.secret(); a.status != http.StatusSeeOther || len(secret) != 43 || secret == planted || secret == made || !b.isIn(secret) {
			t.Errorf("%s: signing in answers %d, and the secret is %q", what, a.status, secret)
		}
	}
	if b.isIn(made) {
		t.Error("a secret that the browser brought is that of a session")
	}
	if b.isIn(planted) {
		t.Error("the session that the browser had before goes on")
	}
	v := b.signedIn(kim)
	first := v.secret()
	for range 3 {
		before := v.secret()
		v.signIn(kim, "/")
		if v.secret() == before || b.isIn(before) || !b.isIn(v.secret()) {
			t.Error("signing in again keeps the secret or the session")
		}
	}
	if b.isIn(first) {
		t.Error("the first session goes on")
	}
	kept := v.secret()
	if a := v.signIn("errand_"+strings.Repeat("0", 64), "/"); a.status != http.StatusUnauthorized || len(a.header.Values("Set-Cookie")) != 0 || !b.isIn(kept) {
		t.Errorf("a token that does not exist answers %d with the cookies %q", a.status, a.header.Values("Set-Cookie"))
	}
}

// Texts that are no token sign nobody in, and are not on the page.
func TestBadTokens(t *testing.T) {
	b := newBench(t, setting{})
	good := b.as("kim", access.Operator)
	b.token(access.Token{Name: "old", Roles: []access.Role{access.Admin}, Expires: time.Now().Add(-time.Second)})
	b.token(access.Token{Name: "none"})
	b.token(access.Token{Name: "gone", Roles: []access.Role{access.Admin}, Revoked: time.Now()})
	for _, token := range []string{
		"", " ", good + " ", " " + good, good[:len(good)-1], strings.ToUpper(good), good + "\x00", b.secrets["old"], b.secrets["none"], b.secrets["gone"], "errand_" + strings.Repeat("0", 64), strings.Repeat("x", 100_000),
	} {
		a := b.visitor().signIn(token, "/")
		if a.status != http.StatusUnauthorized || len(a.header.Values("Set-Cookie")) != 0 || len(token) > 1 && strings.Contains(a.text, token) {
			t.Errorf("the token %.80q is answered with %d", token, a.status)
		}
	}
	if a := b.visitor().send(http.MethodGet, "/sign-in?token="+good, ""); a.status != http.StatusOK || len(a.header.Values("Set-Cookie")) != 0 || strings.Contains(a.text, good) {
		t.Errorf("a token in an address is answered with %d", a.status)
	}
	entries, err := b.store.Length(t.Context())
	if err != nil || entries != 0 {
		t.Errorf("there are %d entries of sessions that did not begin: %v", entries, err)
	}
}

// The cookie is for this host alone, out of reach of scripts and of other sites, and lasts as long as
// the session.
func TestCookie(t *testing.T) {
	const attributes = "; Path=/; Max-Age=43200; HttpOnly"
	for name, test := range map[string]struct {
		setting setting
		cookie  string
		after   string
	}{
		"http":            {setting{}, "errand-session=", attributes + "; SameSite=Strict"},
		"an http address": {setting{public: "http://errand.example.com"}, "errand-session=", attributes + "; SameSite=Strict"},
		"TLS":             {setting{tls: true}, "__Host-errand-session=", attributes + "; Secure; SameSite=Strict"},
		"behind a proxy":  {setting{public: "https://errand.example.com"}, "__Host-errand-session=", attributes + "; Secure; SameSite=Strict"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, test.setting)
			a := b.visitor().signIn(b.as("kim", access.Operator), "/runs")
			set := a.header.Values("Set-Cookie")
			if len(set) != 1 {
				t.Fatalf("signing in answers %d with the cookies %q", a.status, set)
			}
			secret, after, _ := strings.Cut(strings.TrimPrefix(set[0], test.cookie), ";")
			if !strings.HasPrefix(set[0], test.cookie) || len(secret) != 43 || ";"+after != test.after {
				t.Errorf("the cookie is %s; expected %sSECRET%s", set[0], test.cookie, test.after)
			}
			if a := b.with(test.cookie+secret, "/runs"); a.status != http.StatusOK {
				t.Errorf("with the cookie, a page answers %d", a.status)
			}
			other := map[bool]string{true: "errand-session=", false: "__Host-errand-session="}[test.cookie != "errand-session="]
			if a := b.with(other+secret, "/runs"); a.status != http.StatusSeeOther {
				t.Errorf("under the other name, the secret answers %d", a.status)
			}
			out := b.visitor().post("/sign-out", nil, "Cookie", test.cookie+secret)
			if set := out.header.Values("Set-Cookie"); len(set) != 1 || set[0] != test.cookie+strings.Replace(test.after, "43200", "0", 1) {
				t.Errorf("signing out sets %q", set)
			}
			if a := b.with(test.cookie+secret, "/runs"); a.status != http.StatusSeeOther {
				t.Errorf("after signing out, the secret answers %d", a.status)
			}
		})
	}
}

// A session ends 12 hours after its beginning, and after an hour without a request of a person.
func TestSessionsEnd(t *testing.T) {
	b := newBench(t, setting{})
	kim := b.as("kim", access.Operator)
	at := func(d time.Duration) { b.late.Store(int64(d)) }
	person := func(v *visitor) bool { return v.get("/runs").status == http.StatusOK }
	script := func(v *visitor) bool {
		a := v.get("/runs", "Sec-Fetch-Dest", "empty")
		if a.status != http.StatusOK && a.status != http.StatusUnauthorized {
			t.Errorf("the script gets %d", a.status)
		}
		return a.status == http.StatusOK
	}
	used, idle, shown, live := b.signedIn(kim), b.signedIn(kim), b.signedIn(kim), b.signedIn(kim)
	for passed := 50 * time.Minute; passed < 12*time.Hour; passed += 50 * time.Minute {
		at(passed)
		if !person(used) {
			t.Fatalf("the session that is in use has ended after %s", passed)
		}
	}
	at(12*time.Hour - 5*time.Second)
	if !person(used) {
		t.Error("the session has ended before its 12 hours")
	}
	at(12 * time.Hour)
	if person(used) {
		t.Error("the session goes on after 12 hours")
	}
	at(time.Hour - 5*time.Second)
	if !script(shown) || !person(idle) {
		t.Error("the session has ended before its hour without use")
	}
	if a := live.get("/live", "Sec-Fetch-Dest", "", "Accept", "text/event-stream"); a.status != http.StatusOK {
		t.Errorf("the stream answers %d", a.status)
	}
	at(time.Hour)
	if script(shown) || person(shown) {
		t.Error("requests of the script keep a session")
	}
	if person(live) {
		t.Error("an event stream keeps a session")
	}
	if !person(idle) {
		t.Error("a request of a person does not keep a session")
	}
	at(2*time.Hour - 10*time.Second)
	if !script(idle) {
		t.Error("a session that was in use has ended")
	}
}

// A session does not outlive its token, nor the rights that an identity provider gave.
func TestSessionsEndWithTheirHolder(t *testing.T) {
	b := newBench(t, setting{})
	for _, name := range []string{"kim", "lena"} {
		b.as(name, access.Operator)
	}
	kim, lena := b.signedIn(b.secrets["kim"]), b.signedIn(b.secrets["lena"])
	expires := b.signedIn(b.token(access.Token{Name: "short", Roles: []access.Role{access.Operator}, Expires: time.Now().Add(10 * time.Minute)}))
	if err := b.store.RevokeToken(t.Context(), "kim", time.Now()); err != nil {
		t.Fatal(err)
	}
	if kim.get("/runs").status != http.StatusSeeOther || kim.post("/retry", url.Values{"run": {"x"}}).status != http.StatusUnauthorized {
		t.Error("the session of a revoked token goes on")
	}
	if lena.get("/runs").status != http.StatusOK || expires.get("/runs").status != http.StatusOK {
		t.Error("the sessions of other tokens have ended")
	}
	given := access.NewSession("", time.Now())
	given.Holder = access.Token{Name: "openid:1", Person: "Dana", Roles: []access.Role{access.Operator}, Expires: time.Now().Add(10 * time.Minute)}
	secret, hash := access.NewSessionSecret()
	if err := b.store.AddSession(t.Context(), given, hash); err != nil {
		t.Fatal(err)
	}
	if a := b.with("errand-session="+secret, "/runs"); a.status != http.StatusOK || !strings.Contains(a.text, "Dana") {
		t.Errorf("the session without a token answers %d", a.status)
	}
	b.late.Store(int64(10 * time.Minute))
	if b.isIn(secret) || expires.get("/runs").status != http.StatusSeeOther {
		t.Error("a session goes on after the rights of its holder have ended")
	}
}

// A session survives a restart. One that a person signed out of has ended on the server, too.
func TestSessionsAfterARestart(t *testing.T) {
	folder, token, secret, out := t.TempDir(), "", "", ""
	t.Run("before", func(t *testing.T) {
		b := newBench(t, setting{folder: folder})
		token = b.as("kim", access.Operator)
		secret = b.signedIn(token).secret()
		v := b.signedIn(token)
		out = v.secret()
		if a := v.post("/sign-out", nil); a.status != http.StatusSeeOther || a.header.Get("Location") != "/sign-in" || v.secret() != "" {
			t.Errorf("signing out answers %d", a.status)
		}
		if b.isIn(out) || !b.isIn(secret) {
			t.Error("signing out ends another session than its own")
		}
	})
	t.Run("after", func(t *testing.T) {
		b := newBench(t, setting{folder: folder})
		if !b.isIn(secret) {
			t.Error("the session has ended with the process")
		}
		if b.isIn(out) {
			t.Error("the session that was ended goes on")
		}
		if err := b.store.RevokeToken(t.Context(), "kim", time.Now()); err != nil {
			t.Fatal(err)
		}
		if b.isIn(secret) {
			t.Error("the session of a revoked token goes on")
		}
	})
}
