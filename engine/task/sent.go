package task

import (
	"context"
	"errors"
	"net/http/httptrace"
	"sync/atomic"
	"syscall"
)

// A Sent records whether a request was written to a connection. A request that was not written
// cannot have taken effect.
type Sent struct{ written atomic.Bool }

// Watch returns a context for one request, and its Sent.
func Watch(ctx context.Context) (context.Context, *Sent) {
	s := new(Sent)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// Headers that were written count: after a later error the other side may have acted on
		// them.
		WroteHeaders: func() { s.written.Store(true) },
		WroteRequest: func(httptrace.WroteRequestInfo) { s.written.Store(true) },
	}), s
}

// Failure returns the failure for an error of the transport, when no answer came. Its code is
// CodeUnreachable if the request was not sent, and local if this machine was the reason. Otherwise
// it is CodeNoReply, and the outcome is unknown. what names the system and must not contain a
// secret.
func (s *Sent) Failure(what string, err error) *Failure {
	reason := plainReason(err)
	switch sent := s.written.Load(); {
	case !sent && isLocal(err):
		return &Failure{Code: CodeUnreachable, Message: what + " could not be reached, because this machine has no more resources: " + reason, Local: true}
	case !sent:
		return &Failure{Code: CodeUnreachable, Message: what + " could not be reached: " + reason, Transient: true}
	}
	return &Failure{Code: CodeNoReply, Message: what + " gave no answer: " + reason, Transient: true, Unknown: true}
}

// isLocal reports whether an error of the transport comes from this machine, which lacks memory
// or files.
func isLocal(err error) bool {
	for _, lack := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOBUFS} {
		if errors.Is(err, lack) {
			return true
		}
	}
	return false
}

// plainReason returns the message of the innermost error: the outer ones repeat the URL.
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
