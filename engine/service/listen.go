package service

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/coreos/go-systemd/v22/activation"
)

// A ListenError says why the service does not listen. Reason is for people.
type ListenError struct {
	Reason ListenReason
	Detail string
	Err    error
}

// A ListenReason is a kind of ListenError.
type ListenReason string

// The reasons.
const (
	ListenAddress  ListenReason = "address"   // the address cannot be understood
	ListenTaken    ListenReason = "taken"     // the system refuses the address
	ListenPlain    ListenReason = "plain"     // other machines reach the address, and there is no TLS
	ListenNoTokens ListenReason = "no_tokens" // other machines reach the address, and nobody has a token
	ListenSockets  ListenReason = "sockets"   // the service manager passed something else than one socket
)

func (e *ListenError) Error() string { return e.Detail }

// Unwrap returns Err.
func (e *ListenError) Unwrap() error { return e.Err }

// Listen listens on an address, or on the socket that the service manager has passed (LISTEN_FDS).
// tlsConfig is nil for plain HTTP, which only this machine may reach; hasTokens says whether a token
// can be used. The error is a *ListenError.
func Listen(ctx context.Context, address string, tlsConfig *tls.Config, hasTokens bool) (net.Listener, error) {
	listener, err := passed()
	if err == nil && listener == nil {
		listener, err = bind(ctx, address)
	}
	if err != nil {
		return nil, err
	}
	if outward(listener.Addr()) {
		if tlsConfig == nil {
			_ = listener.Close()
			return nil, &ListenError{Reason: ListenPlain, Detail: fmt.Sprintf("other machines can reach %s, and without TLS they could read the tokens", listener.Addr())}
		}
		if !hasTokens {
			_ = listener.Close()
			return nil, &ListenError{Reason: ListenNoTokens, Detail: fmt.Sprintf("other machines can reach %s, and there is no token that can be used", listener.Addr())}
		}
	}
	if tlsConfig != nil {
		listener = tls.NewListener(listener, tlsConfig)
	}
	return listener, nil
}

// passed returns the socket of the service manager, or nil if there is none.
func passed() (net.Listener, error) {
	all, err := activation.Listeners()
	switch {
	case err != nil:
		return nil, &ListenError{Reason: ListenSockets, Detail: "the sockets of the service manager cannot be used", Err: err}
	case len(all) == 0:
		return nil, nil
	case len(all) > 1 || all[0] == nil:
		return nil, &ListenError{Reason: ListenSockets, Detail: fmt.Sprintf("the service manager passed %d sockets; expected one stream socket", len(all))}
	}
	return all[0], nil
}

func bind(ctx context.Context, address string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, &ListenError{Reason: ListenAddress, Detail: fmt.Sprintf("%q is not an address", address), Err: err}
	}
	if host == "localhost" { // it may mean two addresses
		host = "127.0.0.1"
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		if cause := errors.Unwrap(err); cause != nil {
			err = cause
		}
		return nil, &ListenError{Reason: ListenTaken, Detail: fmt.Sprintf("cannot listen on %s: %v", address, err), Err: err}
	}
	return listener, nil
}

// outward reports whether other machines can reach an address. An address of another kind than TCP,
// such as a socket in a folder, is for this machine.
func outward(a net.Addr) bool {
	if _, isTCP := a.(*net.TCPAddr); !isTCP {
		return false
	}
	at, err := netip.ParseAddrPort(a.String())
	return err != nil || !at.Addr().Unmap().IsLoopback()
}
