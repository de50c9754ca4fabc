package trace

import (
	"context"
	"crypto/sha256"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// traceID returns the id of the trace of a run.
func traceID(run string) (id trace.TraceID) {
	sum := sha256.Sum256([]byte("trace of run\x00" + run))
	copy(id[:], sum[:])
	return id
}

// spanID returns the id of a span. It follows from what is on record: a round of a run, a step that
// began at a time, an attempt of it.
func spanID(run, step string, began time.Time, attempt int) (id trace.SpanID) {
	sum := sha256.Sum256([]byte(strings.Join([]string{"span of run", run, step, strconv.FormatInt(began.UnixNano(), 10), strconv.Itoa(attempt)}, "\x00")))
	copy(id[:], sum[:])
	return id
}

// ids are those of the span that is about to begin.
type ids struct {
	trace trace.TraceID
	span  trace.SpanID
}

// idsKey is the key of ids in a context.
type idsKey struct{}

// generator is an sdk.IDGenerator that returns the ids in the context.
type generator struct{}

// NewIDs implements sdk.IDGenerator.
func (generator) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	next, _ := ctx.Value(idsKey{}).(ids)
	return next.trace, next.span
}

// NewSpanID implements sdk.IDGenerator.
func (generator) NewSpanID(ctx context.Context, _ trace.TraceID) trace.SpanID {
	next, _ := ctx.Value(idsKey{}).(ids)
	return next.span
}
