package service_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/service"
	"errand/engine/task"
)

// process returns a process that serves a bench on another port, with a worker of its own.
func (b *bench) process(w engine.Worker, drain time.Duration) *service.Process {
	b.Helper()
	listener, err := service.Listen(b.Context(), "127.0.0.1:0", nil, false)
	if err != nil {
		b.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	return &service.Process{
		Server: b.server, HTTP: service.HTTPServer(b.server, log), Listener: listener, Worker: w, Manager: service.Manager{Log: log}, Drain: drain, Log: log,
	}
}

// A stuckWorker works until it is let go, whatever its context says.
type stuckWorker struct {
	asked chan struct{} // closed when its context has ended
	let   chan struct{}
	err   error
}

func (w *stuckWorker) Work(ctx context.Context, _ bool, _ engine.Watch) error {
	if w.err != nil {
		return w.err
	}
	<-ctx.Done()
	close(w.asked)
	<-w.let
	return nil
}

// At the end the port closes, streams end, and the worker may finish its calls within a time.
func TestDrain(t *testing.T) {
	b := newBench(t)
	desk := b.as("desk", access.Requester)
	run := b.start(desk, `{"workflow":"slow"}`)
	b.settled(run, engine.Waiting)
	w := &stuckWorker{asked: make(chan struct{}), let: make(chan struct{})}
	p := b.process(w, time.Minute)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	b.url = "http://" + p.Listener.Addr().String()
	stream := b.stream(desk, run, "")
	stream.next()
	stop()
	stream.rest() // it ends
	<-w.asked
	if _, err := http.Get(b.url + "/readyz"); err == nil {
		t.Error("the port is still open")
	}
	select {
	case err := <-ended:
		t.Errorf("it ended before its worker: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(w.let)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A worker that does not come to an end is left when the time is over; one that fails ends the
// service.
func TestDrainGivesUp(t *testing.T) {
	b := newBench(t)
	w := &stuckWorker{asked: make(chan struct{}), let: make(chan struct{})}
	defer close(w.let)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := b.process(w, 50*time.Millisecond).Run(ctx); !errors.Is(err, service.ErrDrain) {
		t.Errorf("the error is %v", err)
	}
}

func TestAWorkerThatFailsEndsTheService(t *testing.T) {
	b := newBench(t)
	broken := &engine.Trouble{Code: engine.TroubleStore, Err: errors.New("the disk is full")}
	if err := b.process(&stuckWorker{err: broken}, time.Second).Run(t.Context()); !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
}

// A call that is under way when the end comes is answered and put on record before the process ends.
// The run does nothing new; the next process goes on with it.
func TestDrainWaitsForCalls(t *testing.T) {
	b := newBench(t)
	called, answer := make(chan struct{}), make(chan struct{})
	var once atomic.Bool
	b.answer = func(c task.Call) error {
		if c.Step == "act" && once.CompareAndSwap(false, true) {
			close(called)
			<-answer
		}
		return nil
	}
	b.idle()
	w := &toldWorker{Worker: b.runner, told: make(chan struct{})}
	p := b.process(w, time.Minute)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	run := b.start(b.as("desk", access.Requester), `{"workflow":"doubtful"}`)
	<-called
	stop()
	<-w.told
	select {
	case err := <-ended:
		t.Errorf("it ended during the call: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(answer)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	v, err := b.runner.Read(t.Context(), run)
	if err != nil || len(v.Steps) != 2 || v.Steps[0].Status != engine.StepSucceeded || v.Steps[1].Attempts != 0 {
		t.Errorf("after the drain the steps are %+v, %v", v.Steps, err)
	}
	next, end := context.WithCancel(t.Context())
	worked := make(chan error, 1)
	go func() { worked <- b.runner.Work(next, false, nil) }()
	if v := b.settled(run, engine.Succeeded); v.Steps[0].Attempts != 1 {
		t.Errorf("the run is %+v", v)
	}
	end()
	if err := <-worked; err != nil {
		t.Error(err)
	}
}

// A toldWorker says when its context has ended.
type toldWorker struct {
	engine.Worker
	told chan struct{}
}

func (w *toldWorker) Work(ctx context.Context, drain bool, watch engine.Watch) error {
	context.AfterFunc(ctx, func() { close(w.told) })
	return w.Worker.Work(ctx, drain, watch)
}

// Other machines reach the service only with TLS and tokens.
func TestListen(t *testing.T) {
	certificate, err := service.NewCertificate(pair(t, t.TempDir(), "one"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		address string
		tls     *tls.Config
		tokens  bool
		reason  service.ListenReason
	}{
		{"127.0.0.1:0", nil, false, ""}, {"localhost:0", nil, false, ""}, {"[::1]:0", nil, false, ""}, {"[::ffff:127.0.0.1]:0", nil, false, ""},
		{"0.0.0.0:0", nil, true, service.ListenPlain}, {":0", nil, true, service.ListenPlain}, {"[::]:0", nil, true, service.ListenPlain},
		{"0.0.0.0:0", certificate.Config(), false, service.ListenNoTokens}, {"0.0.0.0:0", certificate.Config(), true, ""},
		{"127.0.0.1", nil, true, service.ListenAddress}, {"", nil, true, service.ListenAddress}, {"127.0.0.1:99999", nil, true, service.ListenAddress}, {"127.0.0.1:-1", nil, true, service.ListenAddress},
		{"192.0.2.1:0", nil, true, service.ListenRefused}, // no machine has it
	} {
		listener, err := service.Listen(t.Context(), test.address, test.tls, test.tokens)
		refused, _ := errors.AsType[*service.ListenError](err)
		switch {
		case err == nil:
			_ = listener.Close()
			fallthrough
		case refused == nil:
			if test.reason != "" || err != nil {
				t.Errorf("%q: %v; expected %q", test.address, err, test.reason)
			}
		case refused.Reason != test.reason:
			if test.address == "[::1]:0" && refused.Reason == service.ListenRefused {
				continue // this machine has no such address
			}
			t.Errorf("%q: %q; expected %q", test.address, refused.Reason, test.reason)
		case !strings.Contains(refused.Error(), test.address):
			t.Errorf("%q is not in %q", test.address, refused)
		}
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	_, err = service.Listen(t.Context(), taken.Addr().String(), nil, true)
	if refused, ok := errors.AsType[*service.ListenError](err); !ok || refused.Reason != service.ListenTaken {
		t.Errorf("a port that is taken: %v", err)
	}
}

// A certificate is read again when its files change. A bad one never replaces a good one.
func TestCertificateIsReloaded(t *testing.T) {
	folder := t.TempDir()
	cert, key, none, _ := pair(t, folder, "one")
	c, err := service.NewCertificate(cert, key, none, nil)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := service.Listen(t.Context(), "127.0.0.1:0", c.Config(), true)
	if err != nil {
		t.Fatal(err)
	}
	server := service.HTTPServer(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }()
	name := func() string {
		conn, err := (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}).DialContext(t.Context(), "tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		return conn.(*tls.Conn).ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	until := func(want string) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); name() != want; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("the certificate is that of %q; expected %q", name(), want)
			}
		}
	}
	if got := name(); got != "one" {
		t.Errorf("the certificate is that of %q", got)
	}
	if err := os.WriteFile(cert, []byte("not a certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond) // longer than the files are trusted
	if got := name(); got != "one" {
		t.Errorf("after a bad file it is that of %q", got)
	}
	pair(t, folder, "two")
	until("two")
}

// Clients need a certificate of the authority, if there is one.
func TestClientCertificates(t *testing.T) {
	server, client := t.TempDir(), t.TempDir()
	cert, key, _, _ := pair(t, server, "server")
	clientCert, clientKey, _, _ := pair(t, client, "client")
	c, err := service.NewCertificate(cert, key, clientCert, nil)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := service.Listen(t.Context(), "127.0.0.1:0", c.Config(), true)
	if err != nil {
		t.Fatal(err)
	}
	h := service.HTTPServer(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	go func() { _ = h.Serve(listener) }()
	defer func() { _ = h.Close() }()
	get := func(pairs ...tls.Certificate) error {
		transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, Certificates: pairs}}
		defer transport.CloseIdleConnections()
		answer, err := (&http.Client{Transport: transport}).Get("https://" + listener.Addr().String())
		if err == nil {
			_ = answer.Body.Close()
		}
		return err
	}
	if get() == nil {
		t.Error("a client without a certificate is answered")
	}
	stranger, strangerKey, _, _ := pair(t, t.TempDir(), "stranger")
	for _, test := range []struct {
		cert, key string
		works     bool
	}{{stranger, strangerKey, false}, {clientCert, clientKey, true}} {
		p, err := tls.LoadX509KeyPair(test.cert, test.key)
		if err != nil {
			t.Fatal(err)
		}
		if err := get(p); (err == nil) != test.works {
			t.Errorf("%s: %v", test.cert, err)
		}
	}
	if _, err := service.NewCertificate(cert, key, key, nil); err == nil {
		t.Error("a key is taken for an authority")
	}
}

// pair writes a certificate and its key into a folder, and returns the arguments of NewCertificate.
func pair(t *testing.T, folder, name string) (cert, key, clientCA string, log *slog.Logger) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	for file, block := range map[string]*pem.Block{key: {Type: "PRIVATE KEY", Bytes: secret}, cert: {Type: "CERTIFICATE", Bytes: der}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key, "", nil
}
