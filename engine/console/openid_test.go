package console

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"errand/engine/access"
	"errand/engine/openid"
	"errand/engine/openid/openidtest"
)

// openWithProvider opens an office whose people have accounts at a provider.
func openWithProvider(t *testing.T) (*office, *openidtest.Provider) {
	t.Helper()
	provider := openidtest.New(t)
	return openOffice(t, func(c *Config) {
		c.ProviderName = "login.example.com"
		c.Provider = openid.New(openid.Config{
			Issuer: provider.Issuer, ClientID: openidtest.ClientID,
			Roles:     map[string][]access.Role{"operators": {access.Operator}, "admins": {access.Admin}, "desk": {access.Requester}},
			Workflows: map[string][]string{"desk": {"start"}},
		}, c.PublicURL+"/sign-in/callback")
	}), provider
}

// leave presses the button of the sign-in page, and returns the address of the provider's page.
func (v *visitor) leave(next string) string {
	v.Helper()
	return v.post("/sign-in/provider", "next", next).want(http.StatusOK).onward()
}

// signInAt opens the page of the provider, and returns the address with which the browser comes back.
func (v *visitor) signInAt(address string) string {
	v.Helper()
	return v.get(address).want(http.StatusFound).Header.Get("Location")
}

func TestSignInWithProvider(t *testing.T) {
	o, provider := openWithProvider(t)
	v := o.visitor()
	v.get("/sign-in?next=%2Fruns%3Fstatus%3Dfailed").want(http.StatusOK).says("Sign in with login.example.com", "or with a token")
	provider.SignIn("kim", "operators", "staff")
	left := v.post("/sign-in/provider", "next", "/runs?status=failed").want(http.StatusOK)
	if policy := left.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self'") {
		t.Errorf("the policy is %q", policy)
	}
	kept := left.Cookies()
	if len(kept) != 1 || kept[0].Name != "errand-attempt" || !kept[0].HttpOnly || kept[0].SameSite != http.SameSiteLaxMode || kept[0].Path != "/sign-in" || kept[0].MaxAge != 600 {
		t.Errorf("the cookies are %v", kept)
	}
	if v.cookies("/runs")["errand-attempt"] != "" {
		t.Error("the attempt is sent to other pages")
	}
	back := v.signInAt(left.onward())
	came := v.get(back).want(http.StatusOK)
	if next := came.onward(); next != "/runs?status=failed" {
		t.Errorf("the page goes on to %q", next)
	}
	for _, c := range came.Cookies() {
		if c.Name == cookieName && (!c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/") || c.Name == attemptCookie && c.MaxAge >= 0 {
			t.Errorf("the cookie is %v", c)
		}
	}
	if v.cookies("/sign-in")["errand-attempt"] != "" {
		t.Error("the attempt is still there")
	}
	v.get("/runs").want(http.StatusOK)
	v.get("/sessions").want(http.StatusOK).says("login.example.com", "this one")
	v.get("/audit").want(http.StatusForbidden)
	if log := o.entries(); log != "openid:account-of-kim session.begin another program\n" {
		t.Errorf("the audit log is %q", log)
	}
	// the answer works once, also in the browser in which it began
	v.get(back).want(http.StatusBadRequest).says("this browser has begun no sign-in")
	v.get("/runs").want(http.StatusOK)
}

func TestGroupsOfProviderBecomeRoles(t *testing.T) {
	o, provider := openWithProvider(t)
	for group, want := range map[string][2]int{"admins": {200, 200}, "Operators": {200, 403}, "desk": {200, 403}} {
		v := o.visitor()
		provider.SignIn("kim", group)
		v.get(v.signInAt(v.leave("/"))).want(http.StatusOK)
		v.get("/runs").want(want[0])
		v.get("/audit").want(want[1])
	}
}

// Whom the provider signs in, but who has no role, has no session. The page says what was sent.
func TestProviderRefusals(t *testing.T) {
	o, provider := openWithProvider(t)
	v := o.visitor()
	provider.SignIn("kim", "<i>guests</i>")
	v.get(v.signInAt(v.leave("/runs"))).want(http.StatusForbidden).says("you have no role here", `"<i>guests</i>"`, "Sign in with")
	provider.SignIn("admin", "operators")
	v.get(v.signInAt(v.leave("/runs"))).want(http.StatusForbidden).says("cannot be the name of a person")
	provider.Refuse("access_denied")
	v.get(v.signInAt(v.leave("/runs"))).want(http.StatusForbidden).says("the provider refused the sign-in: access_denied")
	if v.cookies("/")[cookieName] != "" {
		t.Error("somebody is signed in")
	}
	if log := o.entries(); log != "" {
		t.Errorf("the audit log is %q", log)
	}
	if said := o.log.String(); !strings.Contains(said, "nobody was signed in") || !strings.Contains(said, "code=roles") {
		t.Errorf("the log is %s", said)
	}
}

// The answer of the provider works only in the browser that began, and for ten minutes.
func TestAttempts(t *testing.T) {
	o, provider := openWithProvider(t)
	provider.SignIn("kim", "operators")
	begin := func(t *testing.T) (v *visitor, back string) {
		o := o.in(t)
		v = o.visitor()
		return v, v.signInAt(v.leave("/"))
	}
	set := func(v *visitor, value string) {
		r := v.form("/")
		v.Jar.SetCookies(r.URL, []*http.Cookie{{Name: attemptCookie, Value: value, Path: attemptPath}})
	}
	t.Run("another browser", func(t *testing.T) {
		_, back := begin(t)
		o.in(t).visitor().get(back).want(http.StatusBadRequest).says("this browser has begun no sign-in")
	})
	t.Run("another attempt", func(t *testing.T) {
		_, back := begin(t)
		other, _ := begin(t)
		other.get(back).want(http.StatusBadRequest).says("belongs to another sign-in")
	})
	t.Run("changed", func(t *testing.T) {
		v, back := begin(t)
		sealed := []byte(v.cookies(attemptPath)[attemptCookie])
		sealed[len(sealed)/2] ^= 1
		set(v, string(sealed))
		v.get(back).want(http.StatusBadRequest).says("this browser has begun no sign-in")
	})
	t.Run("sealed by another service", func(t *testing.T) {
		v, back := begin(t)
		text, ok := o.unseal(v.cookies(attemptPath)[attemptCookie])
		if !ok {
			t.Fatal("the attempt cannot be read here")
		}
		other := &Console{Config: Config{Key: [32]byte{3}}}
		set(v, other.seal(text))
		v.get(back).want(http.StatusBadRequest).says("this browser has begun no sign-in")
	})
	t.Run("two of them", func(t *testing.T) {
		v, back := begin(t)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, back, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.AddCookie(&http.Cookie{Name: attemptCookie, Value: "other"})
		v.do(r).want(http.StatusBadRequest).says("this browser has begun no sign-in")
	})
	t.Run("old", func(t *testing.T) {
		v, back := begin(t)
		b := begunSignIn{Next: "/"}
		b.Attempt.State, b.Attempt.Nonce, b.Attempt.Verifier, b.Attempt.Begun = "s", "n", "v", time.Now().Add(-11*time.Minute)
		answer := httptest.NewRecorder()
		if err := o.keepAttempt(&visit{request: v.form("/"), write: answer}, b); err != nil {
			t.Fatal(err)
		}
		set(v, answer.Result().Cookies()[0].Value)
		v.get(back).want(http.StatusBadRequest).says("took longer than 10 minutes")
	})
	t.Run("twice", func(t *testing.T) {
		v, back := begin(t)
		sealed := v.cookies(attemptPath)[attemptCookie]
		v.get(back).want(http.StatusOK)
		set(v, sealed)
		v.get(back).want(http.StatusBadRequest).says("this sign-in has ended already")
	})
}

// The address after a sign-in is one of this console.
func TestNextAfterProvider(t *testing.T) {
	o, provider := openWithProvider(t)
	provider.SignIn("kim", "operators")
	for next, want := range map[string]string{
		"/runs/abc": "/runs/abc", "https://evil.example/": "/", "//evil.example/": "/", `/\evil.example`: "/", "javascript:alert(1)": "/", "/sign-in/callback": "/", "": "/",
		"/runs?q=" + strings.Repeat("a", longestNext): "/",
	} {
		v := o.visitor()
		if got := v.get(v.signInAt(v.leave(next))).want(http.StatusOK).onward(); got != want {
			t.Errorf("after %.30q the page goes on to %q, want %q", next, got, want)
		}
	}
}

func TestSignInFormOfAnotherSite(t *testing.T) {
	o, _ := openWithProvider(t)
	v := o.visitor()
	r := v.form("/sign-in/provider")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	v.do(r).want(http.StatusForbidden)
	r = v.form("/sign-in/provider")
	r.Header.Set("Content-Type", "text/plain")
	v.do(r).want(http.StatusUnsupportedMediaType)
	if v.cookies(attemptPath)[attemptCookie] != "" {
		t.Error("an attempt has begun")
	}
}

func TestWithoutProvider(t *testing.T) {
	o := openOffice(t)
	v := o.visitor()
	v.get("/sign-in").want(http.StatusOK).hides("Sign in with")
	v.post("/sign-in/provider").want(http.StatusNotFound)
	v.get("/sign-in/callback?code=a&state=b").want(http.StatusNotFound)
}

// A provider that cannot be reached is no reason to lose the page, and only the log says which address
// did not answer.
func TestProviderIsDown(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	o := openOffice(t, func(c *Config) {
		c.ProviderName = "login.example.com"
		c.Provider = openid.New(openid.Config{Issuer: gone.URL, ClientID: "errand"}, c.PublicURL+"/sign-in/callback")
	})
	v := o.visitor()
	v.post("/sign-in/provider", "next", "/runs").want(http.StatusBadGateway).says("cannot be reached", "or with a token").hides("connection refused")
	if said := o.log.String(); !strings.Contains(said, "connection refused") {
		t.Errorf("the log is %s", said)
	}
}
