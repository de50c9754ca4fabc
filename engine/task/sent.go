package task

import (
	"context"
	"errors"
	"net/http/httptrace"
	"sync/atomic"
)

// A Sent watches whether a request was written to a connection. Where it was not, it cannot have taken effect.
type Sent struct{ written atomic.Bool }

// Watch returns a context for one request, and its Sent.
func Watch(ctx context.Context) (context.Context, *Sent) {
	s := new(Sent)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// The headers' writing counts: an error later leaves open what the other side made of them.
		WroteHeaders: func() { s.written.Store(true) },
		WroteRequest: func(httptrace.WroteRequestInfo) { s.written.Store(true) },
	}), s
}

// Failure turns an error of the transport, where no answer came, into a Failure: CodeUnreachable where the request did not
// leave, CodeNoReply, unknown, where it did. what names the system and must hold no secret.
func (s *Sent) Failure(what string, err error) *Failure {
	reason := plainReason(err)
	if !s.written.Load() {
		return &Failure{Code: CodeUnreachable, Message: what + " could not be reached: " + reason, Transient: true}
	}
	return &Failure{Code: CodeNoReply, Message: what + " gave no answer: " + reason, Transient: true, Unknown: true}
}

// plainReason keeps the innermost words of an error: the outer ones repeat the URL.
func plainReason(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "the time was up"
	}
	if errors.Is(err, context.Canceled) {
		return "the call was cancelled"
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}
