package openid

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"errand/engine/access"
	_ "errand/engine/goldenfile"
	"errand/engine/task"
)

const (
	testClient   = "errand"
	testSecret   = "canary-client-secret+%&"
	testRedirect = "https://errand.example.com/callback"
)

// A fake is a provider on loopback. It keeps the rules of OpenID Connect as a strict provider does.
type fake struct {
	t      *testing.T
	server *httptest.Server
	now    time.Time
	secret string // of the client; empty for a public client

	mu       sync.Mutex
	key      crypto.Signer
	kid      string
	alg      jose.SignatureAlgorithm
	keys     []jose.JSONWebKey // what is published
	codes    map[string]url.Values
	calls    map[string]int
	claims   map[string]any                   // of the ID token, in place of the usual ones; nil removes one
	document map[string]any                   // of the discovery document, likewise
	serve    map[string]http.HandlerFunc      // by path, in place of the usual
	sign     func(payload []byte) string      // in place of the usual
	answer   func(map[string]any)             // changes the answer of the token endpoint
	secrets  []string                         // what no error may contain
	approve  func(request, answer url.Values) // changes what the browser brings back
}

func newFake(t *testing.T) *fake {
	f := unstarted(t)
	f.server = httptest.NewServer(f)
	t.Cleanup(f.server.Close)
	return f
}

func unstarted(t *testing.T) *fake {
	f := &fake{
		t: t, now: time.Now(), secret: testSecret, alg: jose.ES256, codes: map[string]url.Values{}, calls: map[string]int{},
		claims: map[string]any{}, document: map[string]any{}, serve: map[string]http.HandlerFunc{}, secrets: []string{testSecret},
	}
	f.rotate("first")
	return f
}

// rotate makes another key, which replaces those that are published.
func (f *fake) rotate(kid string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.t.Fatal(err)
	}
	f.key, f.kid = key, kid
	f.keys = []jose.JSONWebKey{{Key: key.Public(), KeyID: kid, Algorithm: string(f.alg), Use: "sig"}}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.calls[r.URL.Path]++
	usual := map[string]http.HandlerFunc{
		"/.well-known/openid-configuration": f.discovery, "/keys": f.publish, "/authorize": f.authorize, "/token": f.token,
	}
	handler := f.serve[r.URL.Path]
	f.mu.Unlock()
	if handler == nil {
		handler = usual[r.URL.Path]
	}
	if handler == nil {
		http.NotFound(w, r)
		return
	}
	handler(w, r)
}

func (f *fake) count(path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[path]
}

// replace replaces what is served at a path; nil is the usual.
func (f *fake) replace(path string, handler http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.serve[path] = handler
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func merge(usual, changes map[string]any) map[string]any {
	maps.Copy(usual, changes)
	maps.DeleteFunc(usual, func(_ string, v any) bool { return v == nil })
	return usual
}

func (f *fake) discovery(w http.ResponseWriter, _ *http.Request) {
	at := f.server.URL
	writeJSON(w, 200, merge(map[string]any{
		"issuer": at, "authorization_endpoint": at + "/authorize", "token_endpoint": at + "/token", "jwks_uri": at + "/keys",
		"id_token_signing_alg_values_supported": []string{"none", "HS256", string(f.alg)}, "token_endpoint_auth_methods_supported": []string{"client_secret_post", "client_secret_basic"},
	}, f.document))
}

func (f *fake) publish(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	writeJSON(w, 200, jose.JSONWebKeySet{Keys: f.keys})
}

// authorize is the page where a person signs in. It sends the browser back with a code.
func (f *fake) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for name, want := range map[string]string{
		"response_type": "code", "client_id": testClient, "redirect_uri": testRedirect, "code_challenge_method": "S256",
	} {
		if q.Get(name) != want {
			http.Error(w, fmt.Sprintf("%s is %q, want %q", name, q.Get(name), want), http.StatusBadRequest)
			return
		}
	}
	if !slices.Contains(strings.Fields(q.Get("scope")), "openid") || len(q.Get("state")) < 20 || len(q.Get("nonce")) < 20 || len(q.Get("code_challenge")) != 43 {
		http.Error(w, "the request is "+r.URL.RawQuery, http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	code := "canary-code-" + rand.Text()
	f.secrets = append(f.secrets, code, q.Get("state"), q.Get("nonce"))
	f.codes[code] = q
	answer := url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {f.server.URL}}
	if f.approve != nil {
		f.approve(q, answer)
	}
	http.Redirect(w, r, testRedirect+"?"+answer.Encode(), http.StatusFound)
}

func (f *fake) token(w http.ResponseWriter, r *http.Request) {
	refuse := func(code, why string) {
		writeJSON(w, 400, map[string]any{"error": code, "error_description": why})
	}
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost || r.Form.Get("grant_type") != "authorization_code" {
		refuse("invalid_request", "not a request for a token")
		return
	}
	client, secret, basic := r.BasicAuth()
	if basic {
		client, _ = url.QueryUnescape(client)
		secret, _ = url.QueryUnescape(secret)
	} else {
		client, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	if client != testClient || secret != f.secret {
		refuse("invalid_client", "the secret "+secret+" is wrong")
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	request, known := f.codes[r.PostForm.Get("code")]
	delete(f.codes, r.PostForm.Get("code"))
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	switch {
	case !known:
		refuse("invalid_grant", "Code "+r.PostForm.Get("code")+" is not valid")
		return
	case r.PostForm.Get("redirect_uri") != request.Get("redirect_uri"):
		refuse("invalid_grant", "another redirect_uri")
		return
	case base64.RawURLEncoding.EncodeToString(sum[:]) != request.Get("code_challenge"):
		refuse("invalid_grant", "PKCE verification failed")
		return
	}
	payload, err := json.Marshal(merge(map[string]any{
		"iss": f.server.URL, "sub": "248289761001", "aud": testClient, "exp": f.now.Add(5 * time.Minute).Unix(), "iat": f.now.Unix(), "nonce": request.Get("nonce"),
		"preferred_username": "kim", "email": "kim@example.com", "email_verified": true, "groups": []string{"operators", "staff"},
	}, f.claims))
	if err != nil {
		f.t.Error(err)
	}
	sign := f.signed
	if f.sign != nil {
		sign = f.sign
	}
	id := sign(payload)
	f.secrets = append(f.secrets, id, strings.Split(id, ".")[1])
	answer := map[string]any{"access_token": "canary-access-token", "token_type": "Bearer", "expires_in": 300, "id_token": id}
	if f.answer != nil {
		f.answer(answer)
	}
	writeJSON(w, 200, answer)
}

// signed returns a JWT with the key of the provider.
func (f *fake) signed(payload []byte) string { return f.signedBy(f.key, f.alg, f.kid, payload) }

func (f *fake) signedBy(key any, alg jose.SignatureAlgorithm, kid string, payload []byte) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: kid}}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		f.t.Error(err)
		return "a.b.c"
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		f.t.Error(err)
		return "a.b.c"
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		f.t.Error(err)
	}
	return text
}

// config returns a configuration for the provider.
func (f *fake) config() Config {
	return Config{
		Issuer: f.server.URL, ClientID: testClient, ClientSecret: task.NewSecret(f.secret),
		Roles: map[string][]access.Role{"Operators": {access.Operator, access.Approver}, "desk": {access.Requester}, "night desk": {access.Requester}},
		Workflows: map[string][]string{
			"desk": {"stop-instance", "start-instance"}, "Night Desk": {"start-instance", "restart-instance"},
		},
	}
}

// provider returns a Provider with the clock of the fake.
func (f *fake) provider(c Config) *Provider {
	p := New(c, testRedirect)
	p.now = func() time.Time {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.now
	}
	return p
}

func (f *fake) sleep(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

// browse opens the page of the provider, and returns what it sends to the callback.
func (f *fake) browse(address string) url.Values {
	f.t.Helper()
	client := f.server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.Get(address)
	if err != nil {
		f.t.Fatal(err)
	}
	defer answer.Body.Close()
	back, err := answer.Location()
	if err != nil {
		var text [500]byte
		n, _ := answer.Body.Read(text[:])
		f.t.Fatalf("the provider's page answered %s: %s", answer.Status, text[:n])
	}
	if !strings.HasPrefix(back.String(), testRedirect+"?") {
		f.t.Fatalf("the provider redirects to %s", back)
	}
	return back.Query()
}

// signIn signs a person in, from the beginning to the end.
func (f *fake) signIn(p *Provider) (access.Token, error) {
	f.t.Helper()
	address, a, err := p.Begin(f.t.Context())
	if err != nil {
		return access.Token{}, err
	}
	return p.Finish(f.t.Context(), stored(f.t, a), f.browse(address))
}

// stored returns an attempt as the browser gives it back.
func stored(t *testing.T, a Attempt) Attempt {
	t.Helper()
	data, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var back Attempt
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	return back
}

// checkRefused checks that an error has a code and says all of some texts, and no secret.
func (f *fake) checkRefused(err error, code Code, said ...string) {
	f.t.Helper()
	refused, ok := errors.AsType[*RefusedError](err)
	if !ok || refused.Code != code {
		f.t.Errorf("the error is %v, want the code %s", err, code)
		return
	}
	for _, text := range said {
		if !strings.Contains(refused.Error(), text) {
			f.t.Errorf("the error is %q, without %q", refused, text)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, secret := range append([]string{"canary"}, f.secrets...) {
		if secret != "" && strings.Contains(fmt.Sprintf("%v %#v", refused, refused), secret) {
			f.t.Errorf("the error %q contains %q", refused, secret)
		}
	}
}

// discoverNow makes a Provider ask the provider for its announcements.
func discoverNow(t *testing.T, p *Provider) *discovered {
	t.Helper()
	d, err := p.found.get(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return d
}
