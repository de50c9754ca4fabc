package temporal

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"go.temporal.io/sdk/client"
)

// answerTimeout limits how long a server is waited for. It is a variable for tests.
var answerTimeout = 5 * time.Second

// probe finds out why a server cannot be reached: the library only has a text about it. It returns
// nil if a connection can be made after all, or if it goes through a proxy or a resolver.
func probe(ctx context.Context, o client.Options) error {
	host, _, err := net.SplitHostPort(o.HostPort)
	if err != nil {
		return nil
	}
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "https", Host: o.HostPort}}); err != nil || proxy != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*answerTimeout)
	defer cancel()
	conn, err := (&net.Dialer{Timeout: answerTimeout}).DialContext(ctx, "tcp", o.HostPort)
	if err != nil {
		return unreachable("", fmt.Errorf("Temporal at %s cannot be reached: %w", o.HostPort, err))
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(answerTimeout)) // the next steps fail if it does
	if o.ConnectionOptions.TLS == nil {
		return probePlain(ctx, conn, o)
	}
	config := o.ConnectionOptions.TLS.Clone()
	if config.ServerName == "" {
		config.ServerName = host
	}
	config.NextProtos = []string{"h2"}
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		return tlsTrouble(err, o, config)
	}
	// A server that does not accept the client's certificate says so after the handshake.
	if _, err := secure.Read(make([]byte, 1)); err != nil {
		if isAlert(err) {
			return tlsTrouble(err, o, config)
		}
	}
	return nil
}

// probePlain reports whether the server expects TLS, although it is off.
func probePlain(ctx context.Context, conn net.Conn, o client.Options) error {
	err := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}).HandshakeContext(ctx) //nolint:gosec // nothing is sent
	if err == nil || isAlert(err) {
		return settings("TEMPORAL_TLS=true turns TLS on", "Temporal at %s expects TLS, and TLS is off", o.HostPort)
	}
	return nil
}

// tlsTrouble says why a handshake failed.
func tlsTrouble(err error, o client.Options, config *tls.Config) error {
	where := "Temporal at " + o.HostPort
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return settings("TEMPORAL_TLS=false turns TLS off; without it, an API key turns TLS on", "%s does not speak TLS, and TLS is on", where)
	}
	if name, ok := errors.AsType[x509.HostnameError](err); ok {
		return settings("TEMPORAL_TLS_SERVER_NAME says which name to expect", "the certificate of %s is for %v, not for %q", where, names(name.Certificate), config.ServerName)
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return settings("TEMPORAL_TLS_SERVER_CA_CERT_PATH names the file with the authority's certificate", "the certificate of %s is signed by an authority that this machine does not know", where)
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		return settings("", "the certificate of %s is not valid: %w", where, invalid)
	}
	if isAlert(err) {
		if len(config.Certificates) == 0 {
			return refused("%s refuses the connection (%w): it may expect a client's certificate, and there is none", where, err)
		}
		return refused("%s refuses the client's certificate (%w)", where, err)
	}
	return unreachable("", fmt.Errorf("%s: TLS failed: %w", where, err))
}

// isAlert reports whether the other side ended the handshake with an alert of TLS.
func isAlert(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "remote error" // package tls has no exported type for it
}

// names returns for whom a certificate is.
func names(c *x509.Certificate) []string {
	all := c.DNSNames
	for _, ip := range c.IPAddresses {
		all = append(all, ip.String())
	}
	return all
}
