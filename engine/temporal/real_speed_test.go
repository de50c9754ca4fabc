package temporal

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/task"
	"errand/engine/temporal/temporaltest"
)

// fiveSteps has five calls with an effect.
const fiveSteps = `
steps:
  - {id: one, task: stub.keyed, with: {text: one}}
  - {id: two, task: stub.keyed, with: {text: "${{ steps.one.text }}"}}
  - {id: three, task: stub.keyed, with: {text: "${{ steps.two.text }}"}}
  - {id: four, task: stub.keyed, with: {text: "${{ steps.three.text }}"}}
  - {id: five, task: stub.keyed, with: {text: "${{ steps.four.text }}"}}
`

// BenchmarkFiveSteps carries out runs of five calls on a server with its database in a file, and for
// each of them one with the local runner and a bare workflow of the SDK with five activities: what
// Temporal itself takes. The tasks do nothing. The figures are medians in milliseconds, and the ratios
// are those of the medians.
func BenchmarkFiveSteps(b *testing.B) {
	temporaltest.Need(b)
	for _, c := range []struct {
		name string
		many int // how many runs at once
	}{{"alone", 1}, {"fifty", 50}} {
		b.Run(c.name, func(b *testing.B) { benchFiveSteps(b, c.many) })
	}
}

func benchFiveSteps(b *testing.B, many int) {
	registry := hosttest.Registry(func() {})
	p := compile(b, registry, fiveSteps)
	at := install(b, temporaltest.Options{})
	ours := at.runner(b, "ours", registry)
	work(b, ours)
	bare := newBareFlow(b, at.runner(b, "bare", registry).Client)
	here := localRunner(b, registry)
	kinds := []struct {
		name  string
		carry func(i int) error
		took  []time.Duration // of each round
	}{
		{name: "temporal", carry: func(i int) error { return carryToEnd(b, ours, p, i) }},
		{name: "bare", carry: bare.carry},
		{name: "local", carry: func(i int) error { return carryToEnd(b, here, p, i) }},
	}
	rounds := 0
	for b.Loop() {
		for k := range kinds {
			begun := time.Now()
			var group sync.WaitGroup
			for i := range many {
				group.Go(func() {
					if err := kinds[k].carry(rounds*many + i); err != nil {
						b.Error(err)
					}
				})
			}
			group.Wait()
			kinds[k].took = append(kinds[k].took, time.Since(begun))
		}
		rounds++
	}
	medians := make([]float64, len(kinds))
	for k, kind := range kinds {
		slices.Sort(kind.took)
		medians[k] = float64(kind.took[len(kind.took)/2].Microseconds()) / 1000
		b.ReportMetric(medians[k], kind.name+"-ms")
		b.ReportMetric(float64(many)/medians[k]*1000, kind.name+"-runs/s")
	}
	b.ReportMetric(0, "ns/op") // it would be the sum of the three
	b.ReportMetric(medians[0]/medians[1], "of-bare")
	b.ReportMetric(medians[0]/medians[2], "of-local")
}

// carryToEnd carries out run number i to its end.
func carryToEnd(b *testing.B, r engine.Runner, p *program.Program, i int) error {
	o := engine.Order{Run: fmt.Sprintf("run%013d", i), Request: fmt.Sprint("100-", i), Inputs: map[string]any{}, Program: p}
	v, err := r.Start(b.Context(), o, engine.Following{})
	if err == nil && v.Status != engine.Succeeded {
		err = fmt.Errorf("the run is %s: %v", v.Status, v.Failure)
	}
	return err
}

// localRunner returns a runner with a journal in a file.
func localRunner(b *testing.B, registry *task.Registry) *local.Runner {
	b.Helper()
	j, err := journal.Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	r := &local.Runner{Journal: j, Registry: registry, About: "the benchmark"}
	b.Cleanup(func() {
		if err := r.Close(); err != nil {
			b.Error(err)
		}
		if err := j.Close(); err != nil {
			b.Error(err)
		}
	})
	return r
}

// A bareFlow is a workflow of the SDK with five activities, one after the other, that do nothing.
type bareFlow struct {
	b *testing.B
	c client.Client
}

func newBareFlow(b *testing.B, c client.Client) bareFlow {
	b.Helper()
	w := worker.New(c, "bare", worker.Options{})
	w.RegisterWorkflowWithOptions(func(ctx workflow.Context, text string) (string, error) {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute, RetryPolicy: &sdk.RetryPolicy{MaximumAttempts: 1}})
		for range 5 {
			if err := workflow.ExecuteActivity(ctx, "bare", text).Get(ctx, &text); err != nil {
				return "", err
			}
		}
		return text, nil
	}, workflow.RegisterOptions{Name: "bare"})
	w.RegisterActivityWithOptions(func(_ context.Context, text string) (string, error) { return text, nil }, activity.RegisterOptions{Name: "bare"})
	if err := w.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(w.Stop)
	return bareFlow{b, c}
}

func (f bareFlow) carry(i int) error {
	run, err := f.c.ExecuteWorkflow(f.b.Context(), client.StartWorkflowOptions{
		ID: fmt.Sprint("bare-", i), TaskQueue: "bare", WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
	}, "bare", "one")
	if err != nil {
		return err
	}
	return run.Get(f.b.Context(), nil)
}
