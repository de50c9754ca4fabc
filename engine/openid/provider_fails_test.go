package openid

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// What can be wrong with the token endpoint and the keys.
func TestBadAnswers(t *testing.T) {
	html := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = w.Write([]byte("<html>canary</html>"))
		}
	}
	says := func(status int, code, why string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, status, map[string]any{"error": code, "error_description": why})
		}
	}
	huge := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token": "` + strings.Repeat("canary", maxAnswer/6) + `"}`))
	}
	ends := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for name, test := range map[string]struct {
		path    string
		handler http.HandlerFunc
		code    Code
		said    string
	}{
		"token: a page":                {"/token", html(200), CodeUnavailable, "is not a token"},
		"token: a page that says 502":  {"/token", html(502), CodeUnavailable, "it answered 502 Bad Gateway"},
		"token: huge":                  {"/token", huge, CodeUnavailable, "its answer is larger than 512 KiB"},
		"token: a broken connection":   {"/token", ends, CodeUnavailable, "its token endpoint: EOF"},
		"token: a redirect":            {"/token", http.RedirectHandler("/other", http.StatusTemporaryRedirect).ServeHTTP, CodeUnavailable, "redirects"},
		"token: a redirect to a page":  {"/token", http.RedirectHandler("/other", http.StatusFound).ServeHTTP, CodeUnavailable, "redirects"},
		"token: a wrong client":        {"/token", says(401, "invalid_client", "AADSTS7000215: Invalid client secret"), CodeSettings, "AADSTS7000215"},
		"token: its own trouble":       {"/token", says(503, "temporarily_unavailable", ""), CodeUnavailable, "temporarily_unavailable"},
		"token: another error":         {"/token", says(400, "interaction_required", "use \x1b[1m<b>MFA</b>"), CodeProvider, "interaction_required: use \uFFFD[1m<b>MFA</b>"},
		"token: an error in a success": {"/token", says(200, "invalid_grant", "used"), CodeAttempt, "used"},
		"token: no ID token": {"/token", func(w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, 200, map[string]any{"access_token": "canary"})
		}, CodeUnavailable, "no ID token"},
		"token: an error with a secret": {"/token", func(w http.ResponseWriter, r *http.Request) {
			writeJSON(w, 400, map[string]any{"error": "invalid_request", "error_description": r.PostFormValue("code_verifier")})
		}, CodeProvider, "invalid_request"},
		"keys: a page":               {"/keys", html(200), CodeUnavailable, "its keys: its answer is not JSON"},
		"keys: a page that says 500": {"/keys", html(500), CodeUnavailable, "its keys: it answered 500"},
		"keys: huge":                 {"/keys", huge, CodeUnavailable, "its keys: its answer is larger"},
		"keys: a redirect for ever":  {"/keys", http.RedirectHandler("/keys", http.StatusFound).ServeHTTP, CodeUnavailable, "redirects"},
		"keys: a redirect elsewhere": {"/keys", http.RedirectHandler("http://192.0.2.1/", http.StatusFound).ServeHTTP, CodeUnavailable, "redirects"},
		"keys: none":                 {"/keys", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, map[string]any{}) }, CodeIdentity, "signature"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.serve["/other"] = func(http.ResponseWriter, *http.Request) { t.Error("a redirect with a code was followed") }
			f.serve[test.path] = test.handler
			p := f.provider(f.config())
			address, a, err := p.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			f.secrets = append(f.secrets, a.Verifier)
			_, err = p.Finish(t.Context(), a, f.browse(address))
			f.checkRefused(err, test.code, test.said)
		})
	}
}

// A provider that does not answer in time is given up.
func TestSlowAnswers(t *testing.T) {
	for _, path := range []string{"/token", "/keys"} {
		t.Run(path, func(t *testing.T) {
			f := newFake(t)
			f.serve[path] = func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm() // so that the server notices the end of the connection
				w.WriteHeader(http.StatusOK)
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
			}
			p := f.provider(f.config())
			if d := discoverNow(t, p); d.client.Timeout != requestTimeout {
				t.Errorf("the time-out is %s", d.client.Timeout)
			} else if path == "/token" {
				d.client.Timeout = time.Millisecond
			} else {
				d.client.Timeout = time.Second // enough for the token endpoint
			}
			_, err := f.signIn(p)
			f.checkRefused(err, CodeUnavailable, "did not answer in time")
		})
	}
}

// Who goes away while a sign-in ends gets the error of the context.
func TestTheBrowserGoesAway(t *testing.T) {
	f := newFake(t)
	p := f.provider(f.config())
	address, a, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	q := f.browse(address)
	ctx, cancel := context.WithCancel(t.Context())
	f.replace("/token", func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		cancel()
		<-r.Context().Done()
	})
	if _, err := p.Finish(ctx, a, q); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// What the provider says when it refuses is shown as text, without control characters, and cut.
func TestTheProviderRefuses(t *testing.T) {
	for _, test := range []struct{ code, why, want string }{
		{"access_denied", "", "the provider refused the sign-in: access_denied"},
		{"access_denied", "<script>alert(1)</script>", "the provider refused the sign-in: access_denied: <script>alert(1)</script>"},
		{"access_denied\x1b[2J", "a\r\nb\u202ec\x00\xff", "the provider refused the sign-in: access_denied\uFFFD[2J: a b\uFFFDc\uFFFD\uFFFD"},
		{strings.Repeat("x", 5000), strings.Repeat("ö", 5000), "the provider refused the sign-in: " + strings.Repeat("x", maxName) + "…: " + strings.Repeat("ö", maxText) + "…"},
	} {
		f := newFake(t)
		f.approve = func(_, answer url.Values) {
			answer.Del("code")
			answer.Set("error", test.code)
			answer.Set("error_description", test.why)
		}
		_, err := f.signIn(f.provider(f.config()))
		f.checkRefused(err, CodeProvider)
		if refused, ok := errors.AsType[*RefusedError](err); !ok || refused.Message != test.want || refused.Detail != "" {
			t.Errorf("said     %q\nexpected %q", err, test.want)
		}
		if f.count("/token") > 0 {
			t.Error("a code was sent")
		}
	}
}
