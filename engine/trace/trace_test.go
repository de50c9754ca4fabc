package trace_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/goldenfile"
	"errand/engine/observe"
	"errand/engine/observe/observetest"
	"errand/engine/trace"
)

// A told process is what its watch received. The runs are carried out in a bubble, where no network
// is, and traced afterwards.
type told struct{ events []engine.Event }

func (p *told) watch(e engine.Event) { p.events = append(p.events, e) }

// trace sends what a process told to a receiver, as the process would.
func (r *receiver) trace(p told) {
	r.Helper()
	r.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", r.url)
	tracer, err := trace.New(r.Context(), os.Getenv, "v1", slog.New(slog.NewTextHandler(r.Output(), nil)))
	if err != nil || tracer == nil {
		r.Fatal(tracer, err)
	}
	w := observe.New(tracer.Observe)
	for _, e := range p.events {
		w.Watch(e)
	}
	if err := tracer.Close(r.Context()); err != nil {
		r.Fatal(err)
	}
}

// restarted lets two processes work on runs, one after the other. The first one ends while three of
// them wait.
func restarted(t *testing.T) (first, second told) {
	synctest.Test(t, func(t *testing.T) {
		h := observetest.NewHome(t)
		for _, workflow := range []string{"greet", "flaky", "refused", "ask", "slow", "nested"} {
			h.Accept(workflow, workflow)
			h.Work(10*time.Second, first.watch)
		}
		time.Sleep(2 * time.Hour)
		go func() {
			time.Sleep(time.Minute + 123*time.Millisecond) // not when the worker looks
			if err := h.Runner().Retry(t.Context(), "refused", engine.Retry{By: engine.Person{Name: "kim"}}); err != nil {
				t.Error(err)
			}
			decision := engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "kim", Groups: []string{"operators"}}, Comment: "a secret comment"}
			if err := h.Runner().Decide(t.Context(), "ask", "ok", decision); err != nil {
				t.Error(err)
			}
		}()
		h.Work(time.Hour, second.watch)
	})
	return first, second
}

// Each run has one trace, whose spans stand below each other as the steps do. testdata/spans.txt has
// the spans: those of runs that were cut off begin before the restart and end after it.
func TestTraces(t *testing.T) {
	first, second := restarted(t)
	r := newReceiver(t)
	r.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=a-canary-token")
	r.trace(first)
	before := len(r.received())
	r.trace(second)
	spans := r.received()
	if before == 0 || len(spans) == before {
		t.Fatalf("%d spans came before the restart, %d in all", before, len(spans))
	}
	traces, runs, seen := map[string]string{}, map[string]string{}, map[string]bool{}
	for _, s := range spans {
		id, run := hex.EncodeToString(s.TraceId), valueOf(s.Attributes, "errand.run")
		if seen[hex.EncodeToString(s.SpanId)] {
			t.Errorf("the span %s was sent twice", s.Name)
		}
		seen[hex.EncodeToString(s.SpanId)] = true
		if run == "" { // an attempt
			continue
		}
		if traces[run] != "" && traces[run] != id || runs[id] != "" && runs[id] != run {
			t.Errorf("run %s has the traces %s and %s", run, traces[run], id)
		}
		traces[run], runs[id] = id, run
	}
	if len(traces) != 6 {
		t.Errorf("there are traces of %d runs", len(traces))
	}
	goldenfile.Check(t, "testdata/spans.txt", []byte(tree(spans)))
	for _, confidential := range []string{"a value of an input", "canary", "secret comment", "not like this", "kim", "hello"} {
		if strings.Contains(r.raw.String(), confidential) {
			t.Errorf("the traces have %q", confidential)
		}
	}
	if r.header.Get("Authorization") != "a-canary-token" || r.services[0] != "errand" {
		t.Errorf("the services are %q", r.services)
	}
}

// The variables decide whether there are traces, and how the service is called.
func TestVariables(t *testing.T) {
	for _, test := range []struct {
		name      string
		variables map[string]string
		traces    bool
		err       string
	}{
		{"none", nil, false, ""},
		{"an endpoint", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, true, ""},
		{"an endpoint for traces", map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1/v1/traces"}, true, ""},
		{"disabled", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "True"}, false, ""},
		{"no exporter", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none"}, false, ""},
		{
			"gRPC", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, false,
			`OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"; expected http/protobuf`,
		},
	} {
		tracer, err := trace.New(t.Context(), func(name string) string { return test.variables[name] }, "v1", slog.New(slog.DiscardHandler))
		text := ""
		if err != nil {
			text = err.Error()
		}
		if text != test.err || (tracer != nil) != test.traces {
			t.Errorf("%s: there are traces: %t, %q; expected %t, %q", test.name, tracer != nil, text, test.traces, test.err)
		}
		tracer.Observe(observe.Observed{Event: engine.Event{Run: "a", Kind: engine.EventRunStarted}})
		if err := tracer.Close(t.Context()); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	r := newReceiver(t)
	t.Setenv("OTEL_SERVICE_NAME", "errand-test")
	first, _ := restarted(t)
	r.trace(first)
	if len(r.services) == 0 || r.services[0] != "errand-test" {
		t.Errorf("the services are %q", r.services)
	}
}

// A receiver that does not answer costs nothing but spans: the runs go on, and the end takes as long
// as its caller allows.
func TestAReceiverThatHangs(t *testing.T) {
	first, _ := restarted(t)
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer server.Close()
	defer close(hang)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	t.Setenv("OTEL_BSP_MAX_QUEUE_SIZE", "2")
	t.Setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1")
	var log bytes.Buffer
	tracer, err := trace.New(t.Context(), os.Getenv, "v1", slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	w := observe.New(tracer.Observe)
	for range 20 {
		for _, e := range first.events {
			w.Watch(e) // the test would hang here
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tracer.Close(ctx); err == nil {
		t.Error("everything was sent")
	}
}
