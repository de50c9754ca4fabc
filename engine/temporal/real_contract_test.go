package temporal

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/durationpb"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/runnertest"
	"errand/engine/temporal/temporaltest"
)

// contractDiffers has the cases of the runner's contract that a Runner does not pass, with the reason.
var contractDiffers = map[string]string{
	"follow/only one process at a time works on a run":                           byWorkers,
	"cancel/before the start":                                                    byWorkers,
	"start/a process that ends its work leaves the run to others":                byWorkers,
	"start/a run that a person stops waits for a person":                         byWorkers,
	"turn/a run that is stopped before its turn waits for a person":              byWorkers,
	"turn/a stopped run that is resumed before its turn waits for it":            byWorkers,
	"trouble/a run in trouble can be stopped":                                    byWorkers,
	"work/the watch receives each event once, also if the run waits meanwhile":   ownRuns,
	"work/the watch receives the events of a retry, if the run had ended before": ownRuns,
	"prune": "the server deletes runs, when the retention of its namespace has passed",
	"decide/nobody may decide after the time for the decision, even if no process works": byWorkers,
}

// Why cases differ.
const (
	byWorkers = "workers carry a run on, whoever follows it or stops following it"
	ownRuns   = "the watch of a worker receives the events of the runs that this worker carries out"
)

// leastCases is how many cases of the runner's contract a Runner passes at least.
const leastCases = 150

// On a real server, a Runner keeps the contract of engine.Runner, except for the cases of contractDiffers and
// those that need hours.
func TestContractOnAServer(t *testing.T) {
	at := install(t, temporaltest.Options{ShortestTimer: time.Millisecond})
	cases := 0
	t.Run("cases", func(t *testing.T) {
		var number atomic.Int64
		cases = runnertest.RunInRealTime(t, runnertest.RealTime{Most: 12 * time.Second, Slack: 30 * time.Second, Differs: contractDiffers, Measured: inMemory},
			func(s runnertest.Setup) runnertest.Runners {
				return at.processes(s, fmt.Sprintf("case-%d", number.Add(1)))
			})
	})
	t.Logf("%d cases are the same", cases)
	if cases < leastCases {
		t.Errorf("only %d cases, expected %d", cases, leastCases)
	}
}

// inMemory are processes of package local that share a journal in memory.
func inMemory(s runnertest.Setup) runnertest.Runners {
	j := journal.NewMemory()
	return runnertest.Runners{
		Open: func(about string) engine.Runner {
			r := &local.Runner{Journal: j, Registry: s.Registry, About: about}
			s.T.Cleanup(func() { must(s.T, r.Close()) })
			return r
		},
		Pass:  time.Sleep,
		After: func(d time.Duration, act func()) { time.AfterFunc(d, act) },
	}
}

// processes are clients of a namespace that is made for them. A worker carries the runs out.
func (at *installation) processes(s runnertest.Setup, namespace string) runnertest.Runners {
	at.addNamespace(s.T, namespace)
	connection := at.connection("case")
	connection.Namespace = namespace
	open := func(about string) *Runner {
		r, err := Open(context.WithoutCancel(s.T.Context()), connection, at.store, s.Registry, about, WorkerOptions{Drain: time.Second}, slog.New(slog.DiscardHandler))
		if err != nil {
			s.T.Fatal(err)
		}
		s.T.Cleanup(func() { must(s.T, r.Close()) })
		return r
	}
	work(s.T, open("the worker"))
	index := &index{}
	return runnertest.Runners{
		Open:  func(about string) engine.Runner { return &indexedRunner{open(about), index} },
		Pass:  time.Sleep,
		After: func(d time.Duration, act func()) { time.AfterFunc(d, act) },
	}
}

// addNamespace adds a namespace to the server and prepares it.
func (at *installation) addNamespace(tb testing.TB, name string) {
	tb.Helper()
	c, err := at.connection("").Dial(tb.Context(), nil, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	defer c.Close()
	_, err = c.WorkflowService().RegisterNamespace(tb.Context(), &workflowservice.RegisterNamespaceRequest{
		Namespace: name, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	})
	if err != nil {
		tb.Fatal(err)
	}
	for { // the server reads its namespaces again every few seconds
		_, err := Setup(tb.Context(), c, name)
		if err == nil {
			return
		}
		if tb.Context().Err() != nil {
			tb.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// An index has the workflows of one case. The server's lists have a change only after moments, for which a
// case does not wait.
type index struct {
	mu    sync.Mutex
	flows map[string]string // its marks that lists have shown
}

// An indexedRunner waits before it lists until the server's lists are up to date.
type indexedRunner struct {
	*Runner
	index *index
}

func (r *indexedRunner) List(ctx context.Context, q engine.Query) ([]engine.View, error) {
	r.await(ctx)
	return r.Runner.List(ctx, q)
}

func (r *indexedRunner) Count(ctx context.Context) (engine.Counts, error) {
	r.await(ctx)
	return r.Runner.Count(ctx)
}

func (r *indexedRunner) Accept(ctx context.Context, o engine.Order) (engine.Receipt, error) {
	defer r.note()
	return r.Runner.Accept(ctx, o)
}

func (r *indexedRunner) Start(ctx context.Context, o engine.Order, f engine.Following) (engine.View, error) {
	defer r.note()
	return r.Runner.Start(ctx, o, f)
}

// note keeps the workflows that the runner knows.
func (r *indexedRunner) note() {
	r.Runner.mu.Lock()
	defer r.Runner.mu.Unlock()
	r.index.mu.Lock()
	defer r.index.mu.Unlock()
	if r.index.flows == nil {
		r.index.flows = map[string]string{}
	}
	for _, id := range r.Runner.flows {
		if _, known := r.index.flows[id]; !known {
			r.index.flows[id] = ""
		}
	}
}

// await waits until lists show each workflow as it is.
func (r *indexedRunner) await(ctx context.Context) {
	r.index.mu.Lock()
	defer r.index.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(r.index.flows)) {
		for !r.isListed(ctx, id) && ctx.Err() == nil {
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// isListed reports whether lists show a workflow as it is. The server answers few requests for lists, so it
// asks only about a workflow that has changed. The caller holds the mutex.
func (r *indexedRunner) isListed(ctx context.Context, id string) bool {
	now, err := r.Client.DescribeWorkflow(ctx, id, "")
	if err != nil {
		return false
	}
	mark := flow{WorkflowExecutionDescription: now}.mark()
	if r.index.flows[id] == mark {
		return true
	}
	listed, err := r.Client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: r.Namespace, Query: "WorkflowId = " + literal(id) + " AND RunId = " + literal(now.WorkflowExecution.RunID),
	})
	if err != nil || len(listed.GetExecutions()) == 0 {
		return false
	}
	is, shown := now.RawResponse.GetWorkflowExecutionInfo(), listed.GetExecutions()[0]
	if is.GetStatus() != shown.GetStatus() {
		return false
	}
	for _, name := range []string{attributeStatus.GetName(), attributeWaitsFor.GetName()} {
		a, b := is.GetSearchAttributes().GetIndexedFields()[name], shown.GetSearchAttributes().GetIndexedFields()[name]
		if string(a.GetData()) != string(b.GetData()) {
			return false
		}
	}
	r.index.flows[id] = mark
	return true
}
