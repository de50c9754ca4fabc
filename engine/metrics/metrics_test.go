package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"errand/engine"
	"errand/engine/goldenfile"
	"errand/engine/journal"
	"errand/engine/metrics"
	"errand/engine/observe"
	"errand/engine/observe/observetest"
)

// tasks are the task types that the metrics know.
var tasks = []string{"stub.once", "stub.reads"}

// workflows are the definitions of a service, of which two have problems.
type workflows []string

func (w workflows) Names() []string { return w }
func (workflows) Bad() int          { return 2 }

var everyWorkflow = workflows{"ask", "doubtful", "flaky", "greet", "nested", "refused", "slow"}

// scrape returns the exposition.
func scrape(t *testing.T, h http.Handler, accept string) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("the answer is %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// figures returns the lines about Errand: those of the Go runtime and of the process differ each time.
func figures(exposition string) string {
	var b strings.Builder
	for line := range strings.Lines(exposition) {
		if strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(line, "# HELP"), "# TYPE"), " "), "errand_") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// has reports lines that the exposition does not have.
func has(t *testing.T, exposition string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(exposition, "\n"+line+"\n") {
			t.Errorf("there is no %q in\n%s", line, figures(exposition))
		}
	}
}

// What the metrics say of runs that came to different ends, of intake and of the journal.
// testdata/metrics.txt is the exposition.
func TestExposition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := observetest.NewHome(t)
		m := metrics.New(tasks)
		handler := m.Handler(metrics.Source{Runs: h.Runner(), Workflows: everyWorkflow})
		w := observe.New(m.Observe)
		for _, workflow := range []string{"greet", "flaky", "refused", "doubtful", "ask", "slow"} {
			h.Accept(workflow, workflow)
			h.Work(10*time.Second, w.Watch)
		}
		h.Accept("queued", "greet")
		m.IntakeTicket("ism", "started")
		m.IntakeTicket("ism", "started")
		m.IntakeTicket("ism", "unfit")
		m.IntakeOutage("ism", true)
		m.IntakeOutage("assets", true)
		m.IntakeOutage("assets", false)
		time.Sleep(90 * time.Second)
		text := scrape(t, handler, "")
		goldenfile.Check(t, "testdata/metrics.txt", []byte(figures(text)))
		for _, problem := range lint(t, text) {
			t.Errorf("%s: %s", problem.Metric, problem.Text)
		}
		if open := scrape(t, handler, "application/openmetrics-text; version=1.0.0"); !strings.HasSuffix(open, "# EOF\n") {
			t.Errorf("in OpenMetrics the end is %q", open[len(open)-10:])
		}
	})
}

func lint(t *testing.T, exposition string) []promlint.Problem {
	t.Helper()
	problems, err := promlint.New(strings.NewReader(exposition)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	return problems
}

// A process that goes on with runs counts only what it did itself.
func TestARestartCountsNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := observetest.NewHome(t)
		h.Accept("slow", "slow")
		h.Accept("greet", "greet")
		first, second := metrics.New(tasks), metrics.New(tasks)
		source := metrics.Source{Runs: h.Runner(), Workflows: everyWorkflow}
		before, after := first.Handler(source), second.Handler(source)
		h.Work(time.Minute, observe.New(first.Observe).Watch)
		has(t, scrape(t, before, ""), "errand_runs_started_total 2", `errand_attempts_total{outcome="succeeded",task="stub.once"} 2`, `errand_runs_ended_total{status="succeeded",workflow="greet"} 1`)
		time.Sleep(2 * time.Hour)
		h.Work(time.Minute, observe.New(second.Observe).Watch)
		text := scrape(t, after, "")
		has(t, text, "errand_runs_started_total 0", `errand_attempts_total{outcome="succeeded",task="stub.once"} 1`, `errand_attempts_total{outcome="succeeded",task="stub.reads"} 1`,
			`errand_runs_ended_total{status="succeeded",workflow="slow"} 1`, "errand_run_duration_seconds_count 1", "errand_run_duration_seconds_sum 7260",
			`errand_runs{status="succeeded",workflow="greet"} 1`)
		if strings.Contains(text, `errand_runs_ended_total{status="succeeded",workflow="greet"}`) {
			t.Errorf("the end of greet is counted again:\n%s", figures(text))
		}
	})
}

// wild has runs of many workflows.
type wild struct{ calls int }

func (w *wild) Count(context.Context) (engine.Counts, error) {
	w.calls++
	var c engine.Counts
	for i := range 1000 {
		c.Add(engine.RunGroup{Workflow: fmt.Sprint("stranger", i), Status: engine.Failed}, 1)
	}
	c.Add(engine.RunGroup{Workflow: "greet", Status: engine.Failed}, 3)
	return c, nil
}

// renamed are definitions with other names each time.
type renamed struct{ names []string }

func (r *renamed) Names() []string { return r.names }
func (*renamed) Bad() int          { return 0 }

// Names that nobody defined here, and names without end, share a value.
func TestLabelsAreBounded(t *testing.T) {
	m := metrics.New(tasks)
	names := &renamed{[]string{"greet"}}
	handler := m.Handler(metrics.Source{Runs: &wild{}, Workflows: names})
	m.Observe(observe.Observed{Run: observe.Run{Workflow: "greet"}, Event: engine.Event{Kind: engine.EventRunEnded, Status: engine.Failed}})
	for i := range 1000 {
		name := fmt.Sprint("stranger", i)
		m.Observe(observe.Observed{Run: observe.Run{Workflow: name}, Event: engine.Event{Kind: engine.EventRunEnded, Status: engine.Failed}})
		m.Observe(observe.Observed{Event: engine.Event{Kind: engine.EventStepFailed, Task: name}})
		m.IntakeTicket(name, name)
		m.IntakeOutage(name, true)
		names.names = append(names.names[:1:1], fmt.Sprint("renamed", i))
		m.Observe(observe.Observed{Run: observe.Run{Workflow: names.names[1]}, Event: engine.Event{Kind: engine.EventRunEnded, Status: engine.Failed}})
	}
	text := scrape(t, handler, "")
	has(t, text, `errand_runs{status="failed",workflow="other"} 1000`, `errand_runs{status="failed",workflow="greet"} 3`, `errand_attempts_total{outcome="failed",task="other"} 1000`,
		`errand_runs_ended_total{status="failed",workflow="renamed0"} 1`)
	if series := strings.Count(figures(text), "\n"); series > 3000 {
		t.Errorf("there are %d lines", series)
	}
	if strings.Contains(text, `workflow="stranger`) || strings.Contains(text, `task="stranger`) {
		t.Error("a name that nobody defined is a label")
	}
}

// counter says how often it was asked.
type counter struct {
	calls int
	takes time.Duration
	err   error
}

func (c *counter) Count(context.Context) (engine.Counts, error) {
	c.calls++
	time.Sleep(c.takes)
	return engine.Counts{Due: c.calls}, c.err
}

// However often somebody asks, the runs are counted every few seconds at most, and less often if
// that takes long.
func TestRunsAreCountedSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			takes time.Duration
			calls int // in 100 seconds
		}{{0, 20}, {time.Second, 2}} {
			c := &counter{takes: test.takes}
			handler := metrics.New(nil).Handler(metrics.Source{Runs: c, Workflows: everyWorkflow})
			for end := time.Now().Add(100 * time.Second); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
				scrape(t, handler, "")
			}
			if c.calls != test.calls {
				t.Errorf("a counting that takes %s was made %d times, expected %d", test.takes, c.calls, test.calls)
			}
		}
	})
}

// If the runs cannot be counted, the rest is there, and it shows.
func TestRunsThatCannotBeCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{err: errors.New("the disk is gone")}
		handler := metrics.New(nil).Handler(metrics.Source{Runs: c, Workflows: everyWorkflow})
		text := scrape(t, handler, "")
		has(t, text, "errand_reading_failures_total 1", "errand_definitions_bad 2", "errand_runs_started_total 0")
		if strings.Contains(text, "errand_queue_length ") {
			t.Error("there is a queue")
		}
		c.err = nil
		time.Sleep(time.Minute)
		has(t, scrape(t, handler, ""), "errand_reading_failures_total 1", "errand_queue_length 2")
	})
}

// Transactions of a journal are counted, made or failed.
func TestTransactions(t *testing.T) {
	m := metrics.New(nil)
	handler := m.Handler(metrics.Source{Runs: &counter{}, Workflows: everyWorkflow})
	s, err := journal.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s.Observe(m.Transaction)
	create := journal.Change{Run: "a", Create: &journal.Run{ID: "a", Workflow: "w", Version: journal.Version, Started: time.Now()}, State: journal.State{Status: engine.Waiting}}
	if err := s.Commit(t.Context(), create); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	create.Run, create.Create.ID = "b", "b"
	if err := s.Commit(t.Context(), create); err == nil {
		t.Fatal("a closed journal made a commit")
	}
	has(t, scrape(t, handler, ""), `errand_commits_total{result="made"} 1`, `errand_commits_total{result="failed"} 1`, "errand_commit_duration_seconds_count 2")
}

// Names lists every metric; the dashboard and the alerts are held against it.
func TestNames(t *testing.T) {
	m := metrics.New(tasks)
	text := figures(scrape(t, m.Handler(metrics.Source{Runs: &wild{}, Workflows: everyWorkflow}), ""))
	m.IntakeTicket("ism", "started")
	documented := map[string]bool{}
	for _, name := range metrics.Names() {
		documented[name] = true
	}
	for _, found := range regexp.MustCompile(`(?m)^# TYPE (errand_\w+)`).FindAllStringSubmatch(text, -1) {
		if !documented[found[1]] {
			t.Errorf("Names does not have %s", found[1])
		}
	}
	if len(documented) != 14 {
		t.Errorf("there are %d names: %v", len(documented), metrics.Names())
	}
}
