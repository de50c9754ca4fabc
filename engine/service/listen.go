package service

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"syscall"

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
	ListenTaken    ListenReason = "taken"     // the system refuses the address, most likely because it is in use
	ListenRefused  ListenReason = "refused"   // the address is none of this machine, or the user may not use the port
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
	} else if err == nil {
		address = listener.Addr().String()
	}
	if err != nil {
		return nil, err
	}
	if outward(listener.Addr()) {
		if tlsConfig == nil {
			_ = listener.Close()
			return nil, &ListenError{Reason: ListenPlain, Detail: fmt.Sprintf("other machines can reach %s, and without TLS they could read the tokens", address)}
		}
		if !hasTokens {
			_ = listener.Close()
			return nil, &ListenError{Reason: ListenNoTokens, Detail: fmt.Sprintf("other machines can reach %s, and no token is valid", address)}
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
	if _, err := net.DefaultResolver.LookupPort(ctx, "tcp", port); err != nil {
		return nil, &ListenError{Reason: ListenAddress, Detail: fmt.Sprintf("%q has the port %q; expected a number from 0 to 65535", address, port), Err: err}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		reason := ListenTaken
		if isRefused(err) {
			reason = ListenRefused
		}
		if cause := errors.Unwrap(err); cause != nil {
			err = cause
		}
		return nil, &ListenError{Reason: reason, Detail: fmt.Sprintf("cannot listen on %s: %v", address, err), Err: err}
	}
	return listener, nil
}

// isRefused reports whether an address cannot be listened on, whoever else uses it.
func isRefused(err error) bool {
	_, unknown := errors.AsType[*net.DNSError](err)
	return unknown || errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, fs.ErrPermission)
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
