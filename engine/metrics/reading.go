package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"errand/engine"
)

// The gauges that are read from the runner.
var (
	runsDesc    = prometheus.NewDesc("errand_runs", "Runs on record, without those that were pruned.", []string{"workflow", "status"}, nil)
	waitingDesc = prometheus.NewDesc("errand_runs_waiting", "Runs that have not ended, by what they wait for; a run may wait for several things.", []string{"for"}, nil)
	queueDesc   = prometheus.NewDesc("errand_queue_length", "Runs that are due and that no process works on.", nil, nil)
	oldestDesc  = prometheus.NewDesc("errand_oldest_waiting_seconds", "How long the first run of the queue has been due; 0 if there is none.", nil, nil)
	badDesc     = prometheus.NewDesc("errand_definitions_bad", "Definitions that have problems; good older ones may be used instead.", nil, nil)
	failedDesc  = prometheus.NewDesc("errand_reading_failures_total", "How often the runs could not be counted.", nil, nil)
)

const (
	// readEvery is the shortest time between two countings of the runs, however often somebody asks.
	readEvery = 5 * time.Second
	// readShare is how many times as long as a counting took the next one waits: counting takes at
	// most a fiftieth of one processor, however many runs there are.
	readShare = 50
	// readPatience is how long a counting may take.
	readPatience = time.Minute
)

// waits are all things that a run may wait for. Each has a gauge, also while no run waits for it.
var waits = []engine.WaitFor{
	engine.WaitTime, engine.WaitRetry, engine.WaitPoll, engine.WaitEvidence, engine.WaitPerson, engine.WaitTurn, engine.WaitProcess,
	engine.WaitAdoption, engine.WaitTrouble,
}

// A reading is a prometheus.Collector that counts the runs.
type reading struct {
	source Source
	labels *labels
	now    func() time.Time

	mu       sync.Mutex
	counts   *engine.Counts // the last ones; nil if they could not be read
	next     time.Time      // when they are read again
	failures int
}

func newReading(s Source, l *labels, now func() time.Time) *reading {
	return &reading{source: s, labels: l, now: now}
}

// Describe implements prometheus.Collector.
func (r *reading) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{runsDesc, waitingDesc, queueDesc, oldestDesc, badDesc, failedDesc} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (r *reading) Collect(out chan<- prometheus.Metric) {
	counts, failures := r.read()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	out <- prometheus.MustNewConstMetric(failedDesc, prometheus.CounterValue, float64(failures))
	gauge(badDesc, float64(r.source.Workflows.Bad()))
	if counts == nil {
		return
	}
	byLabels := map[engine.RunGroup]int{}
	for group, n := range counts.Runs {
		group.Workflow = r.labels.workflow(group.Workflow)
		byLabels[group] += n
	}
	for group, n := range byLabels {
		gauge(runsDesc, float64(n), group.Workflow, string(group.Status))
	}
	for _, w := range waits {
		gauge(waitingDesc, float64(counts.Waiting[w]), string(w))
	}
	gauge(queueDesc, float64(counts.Due))
	oldest := 0.0
	if counts.Due > 0 {
		oldest = max(0, r.now().Sub(counts.DueSince).Seconds())
	}
	gauge(oldestDesc, oldest)
}

// read returns the counts, which may be a few seconds old, or nil if they cannot be read, and how
// often that has happened.
func (r *reading) read() (*engine.Counts, int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	began := r.now()
	if began.Before(r.next) {
		return r.counts, r.failures
	}
	ctx, cancel := context.WithTimeout(context.Background(), readPatience)
	defer cancel()
	counts, err := r.source.Runs.Count(ctx)
	r.counts = &counts
	if err != nil {
		r.counts = nil
		r.failures++
	}
	ended := r.now()
	r.next = ended.Add(max(readEvery, readShare*ended.Sub(began)))
	return r.counts, r.failures
}
