package trace_test

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// A receiver is an OTLP receiver on loopback.
type receiver struct {
	*testing.T
	url string

	mu       sync.Mutex
	spans    []*otlp.Span
	services []string // the names of the services that sent something
	header   http.Header
	raw      strings.Builder // everything that was received
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{T: t}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// ServeHTTP implements http.Handler.
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	var sent collector.ExportTraceServiceRequest
	if err != nil || request.URL.Path != "/v1/traces" || proto.Unmarshal(body, &sent) != nil {
		r.Errorf("%s %s: %v", request.Method, request.URL.Path, err)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.header = request.Header
	r.raw.Write(body)
	for _, from := range sent.ResourceSpans {
		r.services = append(r.services, valueOf(from.Resource.Attributes, "service.name"))
		for _, scope := range from.ScopeSpans {
			r.spans = append(r.spans, scope.Spans...)
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// received returns the spans that were received, in the order of their start.
func (r *receiver) received() []*otlp.Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.Clone(r.spans)
	slices.SortFunc(all, func(a, b *otlp.Span) int {
		return cmp.Or(cmp.Compare(a.StartTimeUnixNano, b.StartTimeUnixNano), cmp.Compare(a.Name, b.Name))
	})
	return all
}

func valueOf(attributes []*common.KeyValue, key string) string {
	for _, a := range attributes {
		if a.Key == key {
			return plain(a.Value)
		}
	}
	return ""
}

func plain(v *common.AnyValue) string {
	switch v := v.Value.(type) {
	case *common.AnyValue_StringValue:
		return v.StringValue
	case *common.AnyValue_IntValue:
		return fmt.Sprint(v.IntValue)
	case *common.AnyValue_BoolValue:
		return fmt.Sprint(v.BoolValue)
	case *common.AnyValue_DoubleValue:
		return fmt.Sprint(v.DoubleValue)
	}
	return "?"
}

// tree renders the spans of all traces: each below its parent.
func tree(spans []*otlp.Span) string {
	var b strings.Builder
	children := map[string][]*otlp.Span{}
	known := map[string]bool{}
	for _, s := range spans {
		known[hex.EncodeToString(s.SpanId)] = true
	}
	for _, s := range spans {
		parent := hex.EncodeToString(s.ParentSpanId)
		if parent != "" && !known[parent] {
			parent = "missing"
		}
		children[parent] = append(children[parent], s)
	}
	clock := func(nano uint64) string { return time.Unix(0, int64(nano)).UTC().Format("15:04:05.000") }
	list := func(attributes []*common.KeyValue) string {
		var all []string
		for _, a := range attributes {
			all = append(all, strings.TrimPrefix(a.Key, "errand.")+"="+plain(a.Value))
		}
		return strings.Join(all, " ")
	}
	var write func(parent, indent string)
	write = func(parent, indent string) {
		for _, s := range children[parent] {
			fmt.Fprintf(&b, "%s%s %s–%s %s", indent, s.Name, clock(s.StartTimeUnixNano), clock(s.EndTimeUnixNano), list(s.Attributes))
			if s.Status.GetCode() == otlp.Status_STATUS_CODE_ERROR {
				fmt.Fprintf(&b, " ERROR %s", s.Status.Message)
			}
			b.WriteString("\n")
			for _, e := range s.Events {
				fmt.Fprintf(&b, "%s  · %s %s %s\n", indent, clock(e.TimeUnixNano), e.Name, list(e.Attributes))
			}
			write(hex.EncodeToString(s.SpanId), indent+"  ")
		}
	}
	write("", "")
	if len(children["missing"]) > 0 {
		b.WriteString("without their parents:\n")
		write("missing", "  ")
	}
	return b.String()
}
