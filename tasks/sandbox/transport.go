package sandbox

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strconv"
	"syscall"
)

// The addresses of the two systems for [Sandbox.Transport]. Names under .invalid never exist in
// DNS.
const (
	EC2URL = "http://ec2.sandbox.invalid" // an endpoint for an EC2 client
	ISMURL = "http://ism.sandbox.invalid" // an app_url for an ISM client
)

// Transport returns a RoundTripper that answers requests to EC2URL and ISMURL in process, without a
// socket and without a goroutine. It refuses every other host as if it could not be dialled. It
// honours the request's context, and tells a [httptrace.ClientTrace] when the request counts as
// written. A refused request never does.
//
// A lost reply is an error that wraps [io.ErrUnexpectedEOF], returned after the request took
// effect. A refused connection is a dial error that wraps [syscall.ECONNREFUSED].
func (s *Sandbox) Transport() http.RoundTripper { return transport{s} }

type transport struct{ sandbox *Sandbox }

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	body, err := readBody(req)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	trace := httptrace.ContextClientTrace(ctx)
	if trace != nil && trace.GetConn != nil {
		trace.GetConn(hostPort(req.URL))
	}
	read := t.route(req.URL)
	if read == nil {
		return nil, dialError(req.URL, fmt.Errorf("the sandbox reaches only %s and %s", EC2URL, ISMURL))
	}
	a := t.sandbox.serve(read, req, body, func() { wrote(trace) })
	switch err := ctx.Err(); {
	case a.refused:
		return nil, dialError(req.URL, os.NewSyscallError("connect", syscall.ECONNREFUSED))
	case a.lost:
		return nil, fmt.Errorf("reading the reply of %s: %w", req.URL.Host, io.ErrUnexpectedEOF)
	case err != nil: // cancelled during the request: its effect remains
		return nil, err
	}
	if trace != nil && trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	header := a.headers()
	header.Set("Content-Length", strconv.Itoa(len(a.body)))
	return &http.Response{
		Status:        fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)),
		StatusCode:    a.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          io.NopCloser(bytes.NewReader(bytes.Clone(a.body))),
		ContentLength: int64(len(a.body)),
		Request:       req,
	}, nil
}

// readBody reads the request's body to its end and closes it. A RoundTripper must close it even on
// an error.
func readBody(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	defer req.Body.Close()
	return io.ReadAll(io.LimitReader(req.Body, maxBody))
}

func (t transport) route(u *url.URL) reader {
	switch u.Scheme + "://" + u.Host {
	case EC2URL:
		return t.sandbox.readEC2
	case ISMURL:
		return t.sandbox.readISM
	}
	return nil
}

func wrote(trace *httptrace.ClientTrace) {
	if trace == nil {
		return
	}
	if trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	if trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}
	if trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
}

func dialError(u *url.URL, err error) error {
	return &net.OpError{Op: "dial", Net: "tcp", Addr: address(hostPort(u)), Err: err}
}

func hostPort(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Host
	case u.Scheme == "https":
		return net.JoinHostPort(u.Hostname(), "443")
	default:
		return net.JoinHostPort(u.Hostname(), "80")
	}
}

// An address is a host and a port that were not resolved.
type address string

func (a address) Network() string { return "tcp" }
func (a address) String() string  { return string(a) }
