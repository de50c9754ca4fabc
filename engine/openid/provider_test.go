package openid

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"errand/engine/access"
	"errand/engine/task"
)

func TestSignIn(t *testing.T) {
	f := newFake(t)
	got, err := f.signIn(f.provider(f.config()))
	want := access.Token{
		Name: "openid:248289761001", Person: "kim", Groups: []string{"operators", "staff"},
		Roles: []access.Role{access.Approver, access.Operator}, Created: f.now.UTC(),
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("signed in %+v, %v\nexpected  %+v", got, err, want)
	}
	if !got.IsValid(f.now) || !got.Expires.IsZero() {
		t.Errorf("the token is %+v", got)
	}
}

// What the provider is asked for, and how the client authenticates.
func TestWays(t *testing.T) {
	for name, change := range map[string]func(f *fake, c *Config){
		"a public client": func(f *fake, c *Config) { f.secret, c.ClientSecret = "", task.Secret{} },
		"a client that authenticates in the body": func(f *fake, _ *Config) {
			f.document["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"}
		},
		"a provider that announces no methods":       func(f *fake, _ *Config) { f.document["token_endpoint_auth_methods_supported"] = nil },
		"an audience of several, for this client":    func(f *fake, _ *Config) { f.claims["aud"], f.claims["azp"] = []string{"other", testClient}, testClient },
		"an ID token that expired half a minute ago": func(f *fake, _ *Config) { f.claims["exp"] = f.now.Add(-30 * time.Second).Unix() },
		"an ID token of a clock that is ahead":       func(f *fake, _ *Config) { f.claims["iat"] = f.now.Add(30 * time.Second).Unix() },
		"a provider without iss":                     func(f *fake, _ *Config) { f.approve = func(_, answer url.Values) { answer.Del("iss") } },
		"a discovery document that has moved": func(f *fake, _ *Config) {
			f.serve["/.well-known/openid-configuration"] = http.RedirectHandler("/moved", http.StatusMovedPermanently).ServeHTTP
			f.serve["/moved"] = f.discovery
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			c := f.config()
			change(f, &c)
			if _, err := f.signIn(f.provider(c)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAlgorithms(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, alg := range []jose.SignatureAlgorithm{jose.RS256, jose.PS256, jose.EdDSA, jose.ES256} {
		t.Run(string(alg), func(t *testing.T) {
			f := newFake(t)
			f.alg = alg
			switch alg {
			case jose.RS256, jose.PS256:
				f.key = key
			case jose.EdDSA:
				f.key = edwards
			}
			f.keys = []jose.JSONWebKey{{Key: f.key.Public(), KeyID: f.kid, Use: "sig"}}
			if _, err := f.signIn(f.provider(f.config())); err != nil {
				t.Error(err)
			}
			f.document["id_token_signing_alg_values_supported"] = nil // then it is RS256
			if _, err := f.signIn(f.provider(f.config())); alg == jose.RS256 && err != nil {
				t.Error(err)
			} else if alg != jose.RS256 {
				f.checkRefused(err, CodeIdentity, "algorithm")
			}
		})
	}
}

func TestScopes(t *testing.T) {
	f := newFake(t)
	for _, test := range []struct {
		scopes []string
		want   string
	}{
		{nil, "openid profile email"},
		{[]string{}, "openid"},
		{[]string{"email", "groups"}, "openid email groups"},
	} {
		c := f.config()
		c.Scopes = test.scopes
		address, a, err := f.provider(c).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(address)
		if err != nil || u.Query().Get("scope") != test.want {
			t.Errorf("%q: asked for %q, %v", test.scopes, u.Query().Get("scope"), err)
		}
		if strings.Contains(address, a.Verifier) {
			t.Error("the address contains the verifier")
		}
	}
}

// Each sign-in has its own state, nonce and verifier.
func TestAttemptsDiffer(t *testing.T) {
	f := newFake(t)
	p := f.provider(f.config())
	seen := map[string]bool{}
	for range 50 {
		_, a, err := p.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{a.State, a.Nonce, a.Verifier} {
			if seen[text] || len(text) < 26 {
				t.Fatalf("%q is short, or was there before", text)
			}
			seen[text] = true
		}
	}
}

// What the browser brings back and what belongs to it must fit.
func TestAnswersThatDoNotFit(t *testing.T) {
	for name, test := range map[string]struct {
		change func(f *fake, a *Attempt, q url.Values)
		code   Code
		said   string
	}{
		"another state":      {func(_ *fake, _ *Attempt, q url.Values) { q.Set("state", strings.Repeat("A", 26)) }, CodeAttempt, "another sign-in"},
		"no state":           {func(_ *fake, _ *Attempt, q url.Values) { q.Del("state") }, CodeAttempt, "another sign-in"},
		"two states":         {func(_ *fake, _ *Attempt, q url.Values) { q.Add("state", q.Get("state")) }, CodeAttempt, "another sign-in"},
		"no attempt":         {func(_ *fake, a *Attempt, _ url.Values) { *a = Attempt{} }, CodeAttempt, "no sign-in"},
		"no attempt, states": {func(_ *fake, a *Attempt, q url.Values) { *a = Attempt{Begun: a.Begun}; q.Set("state", "") }, CodeAttempt, "no sign-in"},
		"too late":           {func(f *fake, _ *Attempt, _ url.Values) { f.sleep(attemptLife + 1) }, CodeAttempt, "10 minutes"},
		"from the future":    {func(_ *fake, a *Attempt, _ url.Values) { a.Begun = a.Begun.Add(time.Hour) }, CodeAttempt, "10 minutes"},
		"no code":            {func(_ *fake, _ *Attempt, q url.Values) { q.Del("code") }, CodeAttempt, "no code"},
		"two codes":          {func(_ *fake, _ *Attempt, q url.Values) { q.Add("code", "x") }, CodeAttempt, "no code"},
		"another code":       {func(_ *fake, _ *Attempt, q url.Values) { q.Set("code", "canary") }, CodeAttempt, "does not accept the code"},
		"another provider":   {func(_ *fake, _ *Attempt, q url.Values) { q.Set("iss", "https://evil.example.com") }, CodeAttempt, "another provider"},
		"another nonce":      {func(_ *fake, a *Attempt, _ url.Values) { a.Nonce = strings.Repeat("A", 26) }, CodeIdentity, "nonce"},
		"another verifier":   {func(_ *fake, a *Attempt, _ url.Values) { a.Verifier = strings.Repeat("A", 43) }, CodeAttempt, "PKCE verification failed"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			p := f.provider(f.config())
			address, a, err := p.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			q := f.browse(address)
			f.secrets = append(f.secrets, a.Verifier)
			test.change(f, &a, q)
			_, err = p.Finish(t.Context(), a, q)
			f.checkRefused(err, test.code, test.said)
		})
	}
}

// Nothing is used twice: not an attempt, not a code, not by another process.
func TestNothingIsUsedTwice(t *testing.T) {
	f := newFake(t)
	p, other := f.provider(f.config()), f.provider(f.config())
	address, a, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	q := f.browse(address)
	if _, err := p.Finish(t.Context(), a, q); err != nil {
		t.Fatal(err)
	}
	exchanges := f.count("/token")
	_, err = p.Finish(t.Context(), a, q)
	f.checkRefused(err, CodeAttempt, "has ended already")
	q2 := f.browse(address) // a new code for the old attempt
	_, err = p.Finish(t.Context(), a, q2)
	f.checkRefused(err, CodeAttempt, "has ended already")
	if f.count("/token") != exchanges {
		t.Error("a code of an attempt that has ended was sent")
	}
	_, err = other.Finish(t.Context(), a, q)
	f.checkRefused(err, CodeAttempt, "does not accept the code", "invalid_grant")
}

// The states that were used are forgotten when their attempts are too old, and never grow without a
// limit.
func TestUsedStatesAreBounded(t *testing.T) {
	var u usedStates
	start := time.Now()
	for range maxUsed + 5 {
		if !u.add(newAttempt(start), start) {
			t.Fatal("a new attempt counts as used")
		}
	}
	if len(u.begun) != maxUsed {
		t.Errorf("%d states are kept", len(u.begun))
	}
	later := start.Add(attemptLife + 1)
	if u.add(newAttempt(later), later); len(u.begun) != 1 {
		t.Errorf("%d states are kept", len(u.begun))
	}
}

// An ID token that does not prove who a person is.
func TestIDTokensThatProveNothing(t *testing.T) {
	for name, test := range map[string]struct {
		change func(f *fake)
		said   string
	}{
		"for another client":           {func(f *fake) { f.claims["aud"] = "other" }, "audience"},
		"for others, too":              {func(f *fake) { f.claims["aud"] = []string{testClient, "other"} }, "client"},
		"issued to another client":     {func(f *fake) { f.claims["azp"] = "other" }, `the client "other"`},
		"of another issuer":            {func(f *fake) { f.claims["iss"] = "https://evil.example.com" }, "different provider"},
		"expired":                      {func(f *fake) { f.claims["exp"] = f.now.Add(-skew - time.Second).Unix() }, "expired"},
		"without an end":               {func(f *fake) { f.claims["exp"] = nil }, "expired"},
		"not valid yet":                {func(f *fake) { f.claims["nbf"] = f.now.Add(time.Hour).Unix() }, "not before"},
		"without a nonce":              {func(f *fake) { f.claims["nonce"] = nil }, "nonce"},
		"without a subject":            {func(f *fake) { f.claims["sub"] = nil }, "subject"},
		"with a subject of no account": {func(f *fake) { f.claims["sub"] = "a\x1b[1m" }, "subject"},
		"with a long subject":          {func(f *fake) { f.claims["sub"] = strings.Repeat("9", 256) }, "subject"},
		"unsigned": {func(f *fake) {
			f.sign = func(payload []byte) string {
				return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(payload) + "."
			}
		}, "algorithm"},
		"signed with the public key as a secret": {func(f *fake) {
			f.sign = func(payload []byte) string {
				public, err := x509.MarshalPKIXPublicKey(f.key.Public())
				if err != nil {
					f.t.Error(err)
				}
				return f.signedBy(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), jose.HS256, f.kid, payload)
			}
		}, `algorithm "HS256"`},
		"signed by another key": {func(f *fake) {
			other := unstarted(f.t)
			f.sign = func(payload []byte) string { return f.signedBy(other.key, f.alg, f.kid, payload) }
		}, "signature"},
		"with an unknown key": {func(f *fake) {
			f.sign = func(payload []byte) string { return f.signedBy(f.key, f.alg, "unknown", payload) }
		}, "signature"},
		"changed": {func(f *fake) {
			f.sign = func(payload []byte) string {
				parts := strings.Split(f.signed(payload), ".")
				parts[1] = base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(payload), "kim", "eve", 1)))
				return strings.Join(parts, ".")
			}
		}, "signature"},
		"not a token":      {func(f *fake) { f.sign = func([]byte) string { return "canary.canary.canary" } }, ""},
		"of one part only": {func(f *fake) { f.sign = func(p []byte) string { return "canary." } }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			test.change(f)
			_, err := f.signIn(f.provider(f.config()))
			f.checkRefused(err, CodeIdentity, "does not prove who you are", test.said)
		})
	}
}

// A provider may change its keys at any time.
func TestKeysRotate(t *testing.T) {
	f := newFake(t)
	p := f.provider(f.config())
	for range 2 {
		if _, err := f.signIn(p); err != nil {
			t.Fatal(err)
		}
	}
	if n := f.count("/keys"); n != 1 {
		t.Errorf("the keys were read %d times", n)
	}
	old := f.key
	f.rotate("second")
	if _, err := f.signIn(p); err != nil {
		t.Error(err)
	}
	f.sign = func(payload []byte) string { return f.signedBy(old, f.alg, "first", payload) }
	_, err := f.signIn(p)
	f.checkRefused(err, CodeIdentity, "signature")
}

// The certificate of a provider may be by an authority that the system does not know.
func TestOwnAuthority(t *testing.T) {
	f := unstarted(t)
	f.server = httptest.NewUnstartedServer(f)
	f.server.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains about clients that do not trust it
	f.server.StartTLS()
	t.Cleanup(f.server.Close)
	c := f.config()
	_, err := f.signIn(f.provider(c))
	f.checkRefused(err, CodeUnavailable, "certificate")
	c.CA = filepath.Join(t.TempDir(), "ca.pem")
	_, err = f.signIn(f.provider(c))
	f.checkRefused(err, CodeSettings, "ca.pem")
	if err := os.WriteFile(c.CA, []byte("canary"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = f.signIn(f.provider(c))
	f.checkRefused(err, CodeSettings, "ca.pem has no certificate")
	if err := os.WriteFile(c.CA, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.signIn(f.provider(c)); err != nil {
		t.Error(err)
	}
}
