// Package metrics has the figures of a service for Prometheus. Counters follow what runs do
// (package observe), transactions of the journal and intake; gauges are read from the runner when
// somebody asks, at most every few seconds (reading.go).
//
// In reading order: metrics.go, runs.go, labels.go, reading.go.
package metrics

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"errand/engine"
	"errand/engine/journal"
)

// A Source is what gauges are read from.
type Source struct {
	Runs      engine.Counter
	Workflows Workflows
}

// Workflows are the definitions that a service starts runs with.
type Workflows interface {
	// Names returns the names of the workflows that can be started.
	Names() []string
	// Bad returns how many definitions have problems.
	Bad() int
}

// Metrics are the figures of one process. They are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	labels   *labels

	started        prometheus.Counter
	ended          *prometheus.CounterVec
	duration       prometheus.Histogram
	attempts       *prometheus.CounterVec
	commits        *prometheus.CounterVec
	commitDuration prometheus.Histogram
	tickets        *prometheus.CounterVec
	outages        *prometheus.GaugeVec
}

// New returns the figures of a process that has done nothing yet. It counts by task only for the
// task types that it is given.
func New(tasks []string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		labels:   newLabels(tasks),
		started: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "errand_runs_started_total", Help: "Runs that were started since this process began.",
		}),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "errand_runs_ended_total", Help: "Runs that this process carried to their end.",
		}, []string{"workflow", "status"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "errand_run_duration_seconds", Help: "How long runs took from their start, or their last retry, to their end, waits included.",
			Buckets: []float64{1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600, 7 * 24 * 3600},
		}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "errand_attempts_total", Help: "Attempts of task steps, by outcome: succeeded, retried, failed or unknown.",
		}, []string{"task", "outcome"}),
		commits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "errand_commits_total", Help: "Transactions of the journal, by result: made or failed.",
		}, []string{"result"}),
		commitDuration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "errand_commit_duration_seconds", Help: "How long transactions of the journal took, until they were on the disk.",
			Buckets: []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5},
		}),
		tickets: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "errand_intake_tickets_total", Help: "Tickets that intake has read, by source and result.",
		}, []string{"source", "result"}),
		outages: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "errand_intake_outage", Help: "1 while intake cannot read a source, and 0 when it can again.",
		}, []string{"source"}),
	}
	for _, result := range []string{committed, notCommitted} { // so that a rate exists before the first failure
		m.commits.WithLabelValues(result)
	}
	m.registry.MustRegister(m.started, m.ended, m.duration, m.attempts, m.commits, m.commitDuration, m.tickets, m.outages)
	return m
}

// The results of a transaction.
const (
	committed    = "made"
	notCommitted = "failed"
)

// Transaction counts a transaction of the journal. It is for Observe of a journal or of an opened home.
func (m *Metrics) Transaction(t journal.Transaction) {
	m.commitDuration.Observe(t.Took.Seconds())
	if t.Err != nil {
		m.commits.WithLabelValues(notCommitted).Inc()
		return
	}
	m.commits.WithLabelValues(committed).Inc()
}

// IntakeTicket counts a ticket that intake has dealt with. source and result must be of few values:
// the name of an intake file's source, and a constant.
func (m *Metrics) IntakeTicket(source, result string) {
	source, result = m.labels.source(source), m.labels.result(result)
	m.tickets.WithLabelValues(source, result).Inc()
}

// IntakeOutage records whether intake cannot read a source.
func (m *Metrics) IntakeOutage(source string, down bool) {
	outage := 0.0
	if down {
		outage = 1
	}
	m.outages.WithLabelValues(m.labels.source(source)).Set(outage)
}

// Handler returns the exposition: in the format of Prometheus, or in OpenMetrics if the caller
// prefers that. Its gauges are read from a source; if that fails, they are missing, and
// errand_reading_failures_total counts it. Handler may be called once. The figures of the Go runtime
// and of the process are in it, too.
func (m *Metrics) Handler(s Source) http.Handler {
	m.labels.know(s.Workflows)
	m.registry.MustRegister(
		newReading(s, m.labels, time.Now),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: true, ErrorHandling: promhttp.ContinueOnError})
}

// WorkerHandler returns the exposition of a process that carries on runs which others start: without
// the gauges, which are the same for all such processes. It is called in place of Handler.
func (m *Metrics) WorkerHandler() http.Handler {
	m.labels.knowAll()
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: true, ErrorHandling: promhttp.ContinueOnError})
}

// Names returns the names of all metrics that Errand has, without those of the Go runtime.
func Names() []string {
	m := New(nil)
	descriptions := make(chan *prometheus.Desc, 100)
	for _, c := range []prometheus.Collector{m.started, m.ended, m.duration, m.attempts, m.commits, m.commitDuration, m.tickets, m.outages, &reading{}} {
		c.Describe(descriptions)
	}
	close(descriptions)
	var names []string
	for d := range descriptions {
		_, rest, _ := strings.Cut(d.String(), `"`) // Desc{fqName: "errand_runs", …}
		name, _, _ := strings.Cut(rest, `"`)
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
