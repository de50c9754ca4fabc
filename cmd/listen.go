package cmd

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"

	"errand/engine/service"
)

// A Listening says where a server listens, and with which certificate.
type Listening struct {
	Address   string // HOST:PORT
	Standard  string // the address that hints name
	Cert, Key string // files; "" for plain HTTP, which only this machine may reach
	ClientCA  string // a file; "" accepts every client
	HasTokens bool   // somebody can use the server
}

// Check returns an error for flags that cannot be combined.
func (l Listening) Check() error {
	switch {
	case (l.Cert == "") != (l.Key == ""):
		return usage("--tls-cert and --tls-key belong together")
	case l.ClientCA != "" && l.Cert == "":
		return usage("--client-ca needs --tls-cert and --tls-key")
	}
	return nil
}

// URL returns the address of a listener.
func (l Listening) URL(listener net.Listener) string {
	scheme := "http"
	if l.Cert != "" {
		scheme = "https"
	}
	return scheme + "://" + listener.Addr().String()
}

// Listen listens. The error is an *Exit.
func (l Listening) Listen(ctx context.Context, log *slog.Logger) (net.Listener, error) {
	var config *tls.Config
	if l.Cert != "" {
		certificate, err := service.NewCertificate(l.Cert, l.Key, l.ClientCA, log)
		if err != nil {
			return nil, &Exit{Code: ExitConfiguration, Message: err.Error(), Hint: "expected files in PEM form that belong together"}
		}
		config = certificate.Config()
	}
	listener, err := service.Listen(ctx, l.Address, config, l.HasTokens)
	if refused, ok := errors.AsType[*service.ListenError](err); ok {
		w := listenWords[refused.Reason]
		return nil, &Exit{Code: w.code, Message: refused.Error(), Hint: w.hint(l.Standard)}
	}
	return listener, err
}

// listenWords are the exit code and the hint for each reason not to listen.
var listenWords = map[service.ListenReason]struct {
	code int
	hint func(standard string) string
}{
	service.ListenAddress: {ExitUsage, func(standard string) string { return "expected HOST:PORT, such as " + standard }},
	service.ListenTaken:   {ExitUnreachable, always("another program may use the port; port 0 takes a free one")},
	service.ListenRefused: {ExitConfiguration, always("expected an address of this machine, and a port that this user may use")},
	service.ListenPlain: {ExitConfiguration, func(standard string) string {
		return "add --tls-cert FILE and --tls-key FILE, or listen on " + standard
	}},
	service.ListenNoTokens: {ExitConfiguration, always("errand serve token add --help explains how to make one")},
	service.ListenSockets:  {ExitConfiguration, always("the unit of the socket must have one ListenStream= line")},
}

func always(hint string) func(string) string { return func(string) string { return hint } }
