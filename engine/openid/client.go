package openid

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"
)

const (
	requestTimeout = 10 * time.Second // for a request and its whole answer
	maxAnswer      = 512 << 10        // bytes
	maxRedirects   = 3
)

var (
	errTooLarge = fmt.Errorf("its answer is larger than %d KiB", maxAnswer>>10)
	errRedirect = errors.New("it redirects to an address that is not allowed")
	errNotJSON  = errors.New("its answer is not JSON")
)

// A statusError is a status other than 200 in answer to a GET.
type statusError struct{ status int }

func (e *statusError) Error() string {
	return fmt.Sprintf("it answered %d %s", e.status, http.StatusText(e.status))
}

// newClient returns a client for requests to the provider. It reads the file of Config.CA.
func (c Config) newClient(timeout time.Duration) (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true // sign-ins are rare
	transport.MaxResponseHeaderBytes = 64 << 10
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CA != "" {
		pool, err := readAuthorities(c.CA)
		if err != nil {
			return nil, err
		}
		transport.TLSClientConfig.RootCAs = pool
	}
	return &http.Client{Transport: guard{transport}, Timeout: timeout, CheckRedirect: c.checkRedirect}, nil
}

// checkRedirect follows a few redirects of documents. A redirect of the token endpoint would take
// the code and the secret to another place, so it is never followed.
func (c Config) checkRedirect(next *http.Request, before []*http.Request) error {
	if before[0].Method != http.MethodGet || len(before) > maxRedirects || !c.mayAsk(next.URL) {
		return errRedirect
	}
	return nil
}

func readAuthorities(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, errors.New(file + " has no certificate in PEM form")
	}
	return pool, nil
}

// A guard is a transport that reads each answer to its end. A document that is too large, too late, not
// JSON or not there is an error of the request: the libraries would make a text of it, with all that
// the answer says.
type guard struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := g.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if closed := answer.Body.Close(); err == nil {
		err = closed
	}
	redirects := answer.StatusCode >= 300 && answer.StatusCode < 400
	switch {
	case err != nil:
		return nil, err
	case len(body) > maxAnswer:
		return nil, errTooLarge
	case r.Method == http.MethodGet && answer.StatusCode != http.StatusOK && !redirects:
		return nil, &statusError{answer.StatusCode}
	case r.Method == http.MethodGet && !redirects && !json.Valid(body):
		return nil, errNotJSON
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

// reason returns why a request failed, without its address.
func reason(err error) string {
	failed, ok := errors.AsType[*url.Error](err)
	switch {
	case !ok:
		return clean(err.Error(), maxText)
	case failed.Timeout():
		return "it did not answer in time"
	}
	return clean(failed.Err.Error(), maxText)
}
