package openid

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	discoveryPause = 5 * time.Second // after a failure
	discoveryLife  = time.Hour       // then the provider is asked again
)

// A discovered is what the provider announces about itself, with a client for requests to it.
type discovered struct {
	client     *http.Client
	endpoint   oauth2.Endpoint
	keys       oidc.KeySet
	algorithms []string // of signatures
}

// A discovery asks the provider for its announcements when they are needed. It keeps them, and asks
// again from time to time. While the provider does not answer, the last ones are used.
type discovery struct {
	now func() time.Time
	ask func(context.Context) (*discovered, *RefusedError)

	mu      sync.Mutex
	found   *discovered // nil if the provider has never answered
	foundAt time.Time
	failure *RefusedError // of the last request; nil if it succeeded
	failed  time.Time
	asking  chan struct{} // closed when the request that is under way has ended; nil if there is none
}

// get returns what the provider announces. Its error is a *RefusedError, or that of ctx.
func (d *discovery) get(ctx context.Context) (*discovered, error) {
	found, asking := d.look(ctx)
	if found != nil {
		return found, nil
	}
	if asking != nil {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-asking:
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.found == nil {
		return nil, d.failure
	}
	return d.found, nil
}

// look returns what was found before, or a request to wait for, or neither after a recent failure. It
// begins a request if one is due.
func (d *discovery) look(ctx context.Context) (*discovered, chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	fresh := d.found != nil && now.Sub(d.foundAt) < discoveryLife
	paused := d.failure != nil && now.Sub(d.failed) < discoveryPause
	if d.asking == nil && !fresh && !paused {
		d.asking = make(chan struct{})
		go d.request(context.WithoutCancel(ctx), d.asking) // others wait for it too
	}
	return d.found, d.asking
}

func (d *discovery) request(ctx context.Context, done chan struct{}) {
	found, failure := d.ask(ctx)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failure = failure
	if failure == nil {
		d.found, d.foundAt = found, d.now()
	} else {
		d.failed = d.now()
	}
	d.asking = nil
	close(done)
}

// An announcement is the part of a discovery document that the library does not return.
type announcement struct {
	Keys       string   `json:"jwks_uri"`
	Algorithms []string `json:"id_token_signing_alg_values_supported"`
	Methods    []string `json:"token_endpoint_auth_methods_supported"`
}

// discover asks the provider for its announcements.
func (c Config) discover(ctx context.Context, timeout time.Duration) (*discovered, *RefusedError) {
	if fault := issuerFault(c.Issuer); fault != "" {
		return nil, refuseSettings(fmt.Sprintf("the issuer %q %s", c.Issuer, fault))
	}
	client, err := c.newClient(timeout)
	if err != nil {
		return nil, refuseSettings("the authorities of the provider's certificate: " + err.Error())
	}
	ctx = oidc.ClientContext(ctx, client)
	provider, err := oidc.NewProvider(ctx, c.Issuer)
	if mismatch, ok := errors.AsType[*oidc.IssuerMismatchError](err); ok {
		return nil, refuseSettings(fmt.Sprintf("the issuer is %q, and the provider names itself %q; they must be equal", c.Issuer, clean(mismatch.Discovered, maxName)))
	}
	var said announcement
	if err == nil {
		err = provider.Claims(&said)
	}
	if err != nil {
		return nil, refuseUnavailable("its discovery document: " + reason(err))
	}
	d := &discovered{client: client, endpoint: provider.Endpoint()}
	for name, address := range map[string]string{"authorization_endpoint": d.endpoint.AuthURL, "token_endpoint": d.endpoint.TokenURL, "jwks_uri": said.Keys} {
		if u, err := url.Parse(address); err != nil || !c.mayAsk(u) {
			return nil, refuseSettings(fmt.Sprintf("the provider announces %q as %s; expected an address with https", clean(address, maxName), name))
		}
	}
	if d.algorithms, err = said.algorithms(); err != nil {
		return nil, refuseSettings(err.Error())
	}
	if d.endpoint.AuthStyle, err = said.style(c); err != nil {
		return nil, refuseSettings(err.Error())
	}
	d.keys = oidc.NewRemoteKeySet(ctx, said.Keys)
	return d, nil
}

func refuseSettings(detail string) *RefusedError {
	return &RefusedError{Code: CodeSettings, Message: "the sign-in is not set up correctly; tell an operator of the service", Detail: detail}
}

func refuseUnavailable(detail string) *RefusedError {
	return &RefusedError{Code: CodeUnavailable, Message: "the sign-in provider cannot be reached; try again later", Detail: detail}
}

// signatures are the algorithms of signatures that are accepted: those with a public key.
var signatures = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA}

// algorithms returns those of signatures that the provider uses. Without an announcement that is
// RS256, which every provider has.
func (a announcement) algorithms() ([]string, error) {
	if a.Algorithms == nil {
		return []string{oidc.RS256}, nil
	}
	var accepted []string
	for _, name := range a.Algorithms {
		if slices.Contains(signatures, name) {
			accepted = append(accepted, name)
		}
	}
	if accepted == nil {
		return nil, errors.New("the provider announces no algorithm of signatures with a public key")
	}
	return accepted, nil
}

// style returns how the client authenticates at the token endpoint. The library would otherwise try
// both ways, and some providers take the second request for a theft of the code.
func (a announcement) style(c Config) (oauth2.AuthStyle, error) {
	switch {
	case c.ClientSecret.IsZero():
		return oauth2.AuthStyleInParams, nil
	case a.Methods == nil || slices.Contains(a.Methods, "client_secret_basic"):
		return oauth2.AuthStyleInHeader, nil
	case slices.Contains(a.Methods, "client_secret_post"):
		return oauth2.AuthStyleInParams, nil
	}
	return 0, errors.New("the provider announces neither client_secret_basic nor client_secret_post for its token endpoint")
}
