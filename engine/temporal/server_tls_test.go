package temporal

import (
	"crypto/tls"
	"io"
	"net"
	"sync"
	"testing"

	"errand/engine"
	"errand/engine/temporal/temporaltest"
)

// proxy ends TLS in front of a server until the test ends, and returns its address.
func proxy(t *testing.T, config *tls.Config, server string) string {
	t.Helper()
	config.NextProtos = []string{"h2"}
	l := listen(t)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			outside, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { pipe(tls.Server(outside, config), server) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); all.Wait() })
	return l.Addr().String()
}

// pipe connects a connection with a server until one of them ends.
func pipe(outside net.Conn, server string) {
	defer func() { _ = outside.Close() }()
	inside, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer func() { _ = inside.Close() }()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{outside, inside}, {inside, outside}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			_ = outside.Close()
			_ = inside.Close()
		})
	}
	both.Wait()
}

// A worker and its client use mutual TLS.
func TestMutualTLS(t *testing.T) {
	temporaltest.Need(t)
	s := temporaltest.Start(t, temporaltest.Options{})
	a := newAuthority(t)
	_, _, pair := a.leaf("temporal.example.com")
	cert, key, _ := a.leaf("client")
	address := proxy(t, &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: a.pool()}, s.Address())
	connection := Connection{Address: address, TLSServerName: "temporal.example.com", TLSCA: a.file, TLSCert: cert, TLSKey: key}
	store, _ := newStore(t)
	c := connected(t, connection, store)
	startWorker(t, c, Version{})
	var text string
	if err := beginSecretive(t, c, "secure", "end").Get(bounded(t), &text); err != nil || text != canary {
		t.Errorf("it returned %q, %v", text, err)
	}
	connection.TLSCert, connection.TLSKey = "", ""
	_, err := dial(t, connection)
	troubled(t, err, engine.TroubleCredential, "it may expect a client's certificate, and there is none", "client's certificate")
	connection.Namespace, connection.TLSCert, connection.TLSKey = "none", cert, key
	_, err = dial(t, connection)
	troubled(t, err, engine.TroubleSettings, `has no namespace "none"`, "temporal operator")
}
