package openid

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"errand/engine/task"
)

const wellKnown = "/.well-known/openid-configuration"

func down(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "canary", http.StatusServiceUnavailable)
}

// A provider that is down when the service starts is asked again, after a pause.
func TestTheProviderComesUpLater(t *testing.T) {
	f := newFake(t)
	f.replace(wellKnown, down)
	p := f.provider(f.config())
	if f.count(wellKnown) != 0 {
		t.Error("the provider was asked before the first sign-in")
	}
	for range 3 {
		_, err := f.signIn(p)
		f.checkRefused(err, CodeUnavailable, "cannot be reached", "it answered 503")
	}
	if n := f.count(wellKnown); n != 1 {
		t.Errorf("the provider was asked %d times without a pause", n)
	}
	f.sleep(discoveryPause)
	_, err := f.signIn(p)
	f.checkRefused(err, CodeUnavailable)
	f.replace(wellKnown, nil)
	f.sleep(discoveryPause)
	if _, err := f.signIn(p); err != nil {
		t.Error(err)
	}
	if n := f.count(wellKnown); n != 3 {
		t.Errorf("the provider was asked %d times", n)
	}
}

// The first sign-in that ends may be in a process that has not begun one.
func TestFinishDiscovers(t *testing.T) {
	f := newFake(t)
	p, restarted := f.provider(f.config()), f.provider(f.config())
	address, a, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f.replace(wellKnown, down)
	q := f.browse(address)
	_, err = restarted.Finish(t.Context(), a, q)
	f.checkRefused(err, CodeUnavailable, "503")
	f.replace(wellKnown, nil)
	if _, err := f.provider(f.config()).Finish(t.Context(), a, q); err != nil {
		t.Error(err)
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := unstarted(t)
	f.server = &httptest.Server{URL: "http://" + l.Addr().String()}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = f.signIn(f.provider(f.config()))
	f.checkRefused(err, CodeUnavailable, "refused")
}

// What was discovered is used while the provider is asked again, and while it is down.
func TestDiscoveryIsKept(t *testing.T) {
	f := newFake(t)
	p := f.provider(f.config())
	first := discoverNow(t, p)
	f.sleep(discoveryLife - 1)
	if discoverNow(t, p) != first || f.count(wellKnown) != 1 {
		t.Error("the provider was asked too early")
	}
	f.replace(wellKnown, down)
	f.sleep(1)
	for range 3 {
		if discoverNow(t, p) != first {
			t.Error("what was discovered is not used any more")
		}
		waitForDiscovery(p)
	}
	if n := f.count(wellKnown); n != 2 {
		t.Errorf("the provider was asked %d times", n)
	}
	f.replace(wellKnown, nil)
	f.sleep(discoveryPause)
	discoverNow(t, p)
	waitForDiscovery(p)
	if discoverNow(t, p) == first {
		t.Error("what the provider announces now is not used")
	}
	if _, err := f.signIn(p); err != nil {
		t.Error(err)
	}
}

// waitForDiscovery waits for a request that is under way.
func waitForDiscovery(p *Provider) {
	p.found.mu.Lock()
	asking := p.found.asking
	p.found.mu.Unlock()
	if asking != nil {
		<-asking
	}
}

// All who come at the same time share a request, and one who goes away does not end it.
func TestDiscoveryIsShared(t *testing.T) {
	f := newFake(t)
	asked, answer := make(chan struct{}), make(chan struct{})
	f.replace(wellKnown, func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-answer
		f.discovery(w, r)
	})
	p := f.provider(f.config())
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() {
		_, _, err := p.Begin(ctx)
		gone <- err
	}()
	<-asked
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("who goes away gets %v", err)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, _, err := p.Begin(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	close(answer)
	all.Wait()
	if n := f.count(wellKnown); n != 1 {
		t.Errorf("the provider was asked %d times", n)
	}
}

func TestSlowDiscovery(t *testing.T) {
	f := newFake(t)
	f.replace(wellKnown, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	p := f.provider(f.config())
	p.timeout = time.Millisecond
	_, err := f.signIn(p)
	f.checkRefused(err, CodeUnavailable, "did not answer in time")
}

// What can be wrong with the announcements of a provider.
func TestBadAnnouncements(t *testing.T) {
	for name, test := range map[string]struct {
		change func(f *fake, c *Config)
		code   Code
		said   string
	}{
		"another issuer":               {func(f *fake, _ *Config) { f.document["issuer"] = "https://login.example.com/{tenantid}/v2.0" }, CodeSettings, `"https://login.example.com/{tenantid}/v2.0"`},
		"an issuer with a slash more":  {func(_ *fake, c *Config) { c.Issuer += "/" }, CodeSettings, "must be equal"},
		"a token endpoint without TLS": {func(f *fake, _ *Config) { f.document["token_endpoint"] = "http://login.example.com/token" }, CodeSettings, "token_endpoint"},
		"a page that is a script":      {func(f *fake, _ *Config) { f.document["authorization_endpoint"] = "javascript:alert(1)" }, CodeSettings, "authorization_endpoint"},
		"keys in a file":               {func(f *fake, _ *Config) { f.document["jwks_uri"] = "file:///etc/passwd" }, CodeSettings, "jwks_uri"},
		"no keys":                      {func(f *fake, _ *Config) { f.document["jwks_uri"] = nil }, CodeSettings, "jwks_uri"},
		"no signatures with a key": {func(f *fake, _ *Config) {
			f.document["id_token_signing_alg_values_supported"] = []string{"HS256", "none"}
		}, CodeSettings, "public key"},
		"only certificates of clients": {func(f *fake, _ *Config) {
			f.document["token_endpoint_auth_methods_supported"] = []string{"tls_client_auth"}
		}, CodeSettings, "client_secret_basic"},
		"a list in place of a document": {func(f *fake, _ *Config) {
			f.serve[wellKnown] = func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, []string{"canary"}) }
		}, CodeUnavailable, "discovery document"},
		"a page in place of a document": {func(f *fake, _ *Config) {
			f.serve[wellKnown] = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>canary")) }
		}, CodeUnavailable, "not JSON"},
		"a redirect without TLS": {func(f *fake, _ *Config) {
			f.serve[wellKnown] = http.RedirectHandler("http://login.example.com/", http.StatusFound).ServeHTTP
		}, CodeUnavailable, "redirects"},
		"an issuer without TLS": {func(_ *fake, c *Config) { c.Issuer = "http://login.example.com" }, CodeSettings, "expected https"},
		"no issuer":             {func(_ *fake, c *Config) { c.Issuer = "" }, CodeSettings, "not the address"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			c := f.config()
			test.change(f, &c)
			_, err := f.signIn(f.provider(c))
			f.checkRefused(err, test.code, test.said)
		})
	}
}

func TestAddresses(t *testing.T) {
	for _, test := range []struct {
		issuer, address string
		want            bool
	}{
		{"https://login.example.com", "https://keys.example.com/a", true},
		{"https://login.example.com", "http://login.example.com/a", false},
		{"https://login.example.com", "http://127.0.0.1/a", false},
		{"http://127.0.0.1:8080", "http://127.0.0.1:9090/a", true},
		{"http://[::1]:8080", "http://localhost/a", true},
		{"http://localhost:8080", "http://login.example.com/a", false},
		{"http://localhost:8080", "https://login.example.com/a", true},
		{"http://localhost:8080", "ftp://localhost/a", false},
		{"http://localhost:8080", "/a", false},
		{"http://localhost.example.com", "http://127.0.0.1/", false},
	} {
		u, err := url.Parse(test.address)
		if err != nil {
			t.Fatal(err)
		}
		if got := (Config{Issuer: test.issuer}).mayAsk(u); got != test.want {
			t.Errorf("with the issuer %s, %s: %t", test.issuer, test.address, got)
		}
	}
}

// A secret that is wrong is a matter of the configuration, and is not repeated.
func TestAWrongSecret(t *testing.T) {
	f := newFake(t)
	c := f.config()
	c.ClientSecret = task.NewSecret("canary-other")
	_, err := f.signIn(f.provider(c))
	f.checkRefused(err, CodeSettings, "invalid_client", "tell an operator")
}
