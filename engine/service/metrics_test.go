package service_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/metrics"
	"errand/engine/observe"
	"errand/engine/service"
)

// The metrics are for the role monitor, in the format that the caller accepts. Without metrics the
// answer says so.
func TestMetrics(t *testing.T) {
	m := metrics.New([]string{"probe.once"})
	b := newBench(t, func(c *service.Config) {
		c.Metrics = m.Handler(metrics.Source{Runs: c.Runner.(engine.Counter), Workflows: c.Workflows})
	})
	desk, monitor := b.as("desk", access.Requester), b.as("monitor", access.Monitor)
	run := b.start(desk, `{"workflow":"greet","inputs":{"who":"Kim"}}`)
	b.settled(run, engine.Succeeded)
	m.Observe(observe.Observed{Event: engine.Event{Kind: engine.EventRunStarted, Run: run, At: time.Now()}})
	b.ask(desk, http.MethodGet, "/metrics", "").want(http.StatusForbidden, "role")
	b.ask("", http.MethodGet, "/metrics", "").want(http.StatusUnauthorized, "no_token")
	b.ask(monitor, http.MethodGet, "/metrics?name=go", "").want(http.StatusBadRequest, "query")
	for accept, media := range map[string]string{
		"":    "text/plain; version=0.0.4",
		"*/*": "text/plain; version=0.0.4",
		"application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5": "application/openmetrics-text; version=1.0.0",
	} {
		r := b.ask(monitor, http.MethodGet, "/metrics", "", "Accept", accept).want(http.StatusOK)
		if !strings.HasPrefix(r.header.Get("Content-Type"), media) || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("for %q the answer has %v", accept, r.header)
		}
		for _, line := range []string{`errand_runs{status="succeeded",workflow="greet"} 1`, "errand_definitions_bad 0", "# TYPE go_goroutines gauge"} {
			if !strings.Contains(r.text, line) {
				t.Errorf("for %q there is no %s in\n%s", accept, line, r.text)
			}
		}
		if strings.Contains(r.text, "Kim") {
			t.Error("the metrics have an input")
		}
	}
	without := newBench(t)
	without.ask(without.as("monitor", access.Monitor), http.MethodGet, "/metrics", "").want(http.StatusNotFound, "no_metrics")
}
