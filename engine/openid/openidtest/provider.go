// Package openidtest has an identity provider for tests of what signs people in. It signs in whoever
// opens its page, and does no more than that takes; the tests of package openid have a strict one.
package openidtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// ClientID is the id of the client that a Provider knows. The client is public.
const ClientID = "errand"

// A Provider is an identity provider on loopback.
type Provider struct {
	Issuer string // its address

	t   testing.TB
	key *ecdsa.PrivateKey

	mu     sync.Mutex
	person string
	groups []string
	refuse string                // the error in place of a code; "" if there is none
	codes  map[string]url.Values // what was asked for, by the code that was given
}

// New starts a provider, which signs in the person kim. It ends with the test.
func New(t testing.TB) *Provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{t: t, key: key, person: "kim", codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.announce)
	mux.HandleFunc("GET /keys", p.publish)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.exchange)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.Issuer = server.URL
	return p
}

// SignIn sets who signs in next, and the groups of that person.
func (p *Provider) SignIn(person string, groups ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.person, p.groups, p.refuse = person, groups, ""
}

// Refuse makes the provider answer sign-ins with an error, such as access_denied.
func (p *Provider) Refuse(code string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = code
}

func (p *Provider) announce(w http.ResponseWriter, _ *http.Request) {
	p.answer(w, http.StatusOK, map[string]any{
		"issuer": p.Issuer, "authorization_endpoint": p.Issuer + "/authorize", "token_endpoint": p.Issuer + "/token", "jwks_uri": p.Issuer + "/keys",
		"id_token_signing_alg_values_supported": []string{"ES256"},
	})
}

// coordinate is how many bytes a coordinate of the key, and each half of a signature, has.
const coordinate = 32

func (p *Provider) publish(w http.ResponseWriter, _ *http.Request) {
	point, err := p.key.PublicKey.Bytes() // a byte for its form, and the two coordinates
	if err != nil {
		p.t.Error(err)
		return
	}
	p.answer(w, http.StatusOK, map[string]any{"keys": []any{map[string]string{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "1", "x": encode(point[1 : 1+coordinate]), "y": encode(point[1+coordinate:]),
	}}})
}

// authorize is the page where a person signs in. It sends the browser back at once.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	p.mu.Lock()
	defer p.mu.Unlock()
	answer := url.Values{"state": {asked.Get("state")}}
	if p.refuse != "" {
		answer.Set("error", p.refuse)
	} else {
		code := rand.Text()
		p.codes[code] = asked
		answer.Set("code", code)
	}
	http.Redirect(w, r, asked.Get("redirect_uri")+"?"+answer.Encode(), http.StatusFound)
}

// exchange gives a token for a code, once.
func (p *Provider) exchange(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked, known := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || encode(sum[:]) != asked.Get("code_challenge") || r.PostFormValue("redirect_uri") != asked.Get("redirect_uri") {
		p.answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	now := time.Now()
	p.answer(w, http.StatusOK, map[string]any{"access_token": "unused", "token_type": "Bearer", "id_token": p.sign(map[string]any{
		"iss": p.Issuer, "sub": "account-of-" + p.person, "aud": ClientID, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "nonce": asked.Get("nonce"),
		"preferred_username": p.person, "groups": p.groups,
	})})
}

// sign returns claims as a signed ID token.
func (p *Provider) sign(claims map[string]any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		p.t.Error(err)
	}
	text := encode([]byte(`{"alg":"ES256","typ":"JWT","kid":"1"}`)) + "." + encode(payload)
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, p.key, sum[:])
	if err != nil {
		p.t.Error(err)
		return text
	}
	signature := make([]byte, 2*coordinate)
	r.FillBytes(signature[:coordinate])
	s.FillBytes(signature[coordinate:])
	return text + "." + encode(signature)
}

func (p *Provider) answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		p.t.Error(err)
	}
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
