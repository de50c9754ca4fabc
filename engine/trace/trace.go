// Package trace shows what runs do as OpenTelemetry traces: one trace a run, also across a restart.
// It sends them over OTLP/HTTP, if the usual variables of OpenTelemetry name an endpoint.
//
// The id of the trace follows from the id of the run, and the id of a span from what it stands for
// (ids.go), so every process that works on a run adds to the same trace. A span is sent when it
// ends, with its beginning as it is on record, so a restart in between does not matter (spans.go). No
// span has an input, an output or the text of a failure: these may be confidential.
package trace

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"

	"errand/engine/observe"
)

// A Tracer observes runs. A nil Tracer observes nothing.
type Tracer struct {
	provider *sdk.TracerProvider
	spans    *spans
}

// New returns a tracer, or nil if the variables ask for none: there is no endpoint, or
// OTEL_SDK_DISABLED or OTEL_TRACES_EXPORTER says so. getenv decides about that; the details, such as
// OTEL_EXPORTER_OTLP_HEADERS, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER and
// OTEL_BSP_MAX_QUEUE_SIZE, are read by the SDK from the environment of the process. The log is told
// when spans cannot be sent. The error names the variable that cannot be used.
func New(ctx context.Context, getenv func(string) string, release string, log *slog.Logger) (*Tracer, error) {
	if !isAsked(getenv) {
		return nil, nil
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		if protocol := getenv(name); protocol != "" && protocol != "http/protobuf" {
			return nil, fmt.Errorf("%s is %q; expected http/protobuf", name, protocol)
		}
	}
	// The SDK's own log shows what it reads from variables, and a header may be a secret.
	otel.SetLogger(logr.Discard())
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		log.Warn("traces were not sent", slog.Any("error", err))
	}))
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("the exporter of traces: %w", err)
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "errand"), attribute.String("service.version", release)),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES cannot be used; expected a list such as deployment.environment=production")
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about), sdk.WithIDGenerator(generator{}))
	return &Tracer{provider: provider, spans: newSpans(provider.Tracer("errand"))}, nil
}

// isAsked reports whether the variables ask for traces.
func isAsked(getenv func(string) string) bool {
	if strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") || getenv("OTEL_TRACES_EXPORTER") == "none" {
		return false
	}
	return getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != "" || getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != ""
}

// Observe is an observe.Observer. It never waits: if spans come faster than they can be sent, some
// are dropped.
func (t *Tracer) Observe(o observe.Observed) {
	if t != nil {
		t.spans.observe(o)
	}
}

// Close sends what is left, until ctx ends. No call of Observe may follow.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}
