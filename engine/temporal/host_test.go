package temporal

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/schema"
)

func TestHost(t *testing.T) {
	hosttest.Run(t, func(s hosttest.Setup) hosttest.Host { return newDriver(s).host() })
}

// A run that continues as new after each of its entries comes to the same end, with the same trace.
func TestHostContinuesAsNew(t *testing.T) {
	times := 0
	hosttest.Run(t, func(s hosttest.Setup) hosttest.Host {
		d := newDriver(s)
		d.continues = &times
		return d.host()
	})
	if times < 300 {
		t.Errorf("the runs continued as new only %d times", times)
	}
	t.Logf("the runs continued as new %d times", times)
}

// A driver carries out the run of a case in the SDK's test environment.
type driver struct {
	setup     hosttest.Setup
	suite     testsuite.WorkflowTestSuite
	env       *testsuite.TestWorkflowEnvironment // of the present workflow
	continues *int                               // how often the run continued as new; nil if it does not
	suggest   int                                // the server suggests that after so many entries; 0 means at once
	ledger    *ledger                            // of the present workflow
	last      Record                             // of the run that has ended
	answers   map[string]answer                  // by step: what persons are about to decide
}

// An answer is a decision that a person makes at a time.
type answer struct {
	at       time.Time
	decision engine.Decision
}

func newDriver(s hosttest.Setup) *driver {
	return &driver{setup: s, answers: map[string]answer{}}
}

func (d *driver) host() hosttest.Host {
	return hosttest.Host{Run: d.run, Cancel: func() { d.env.CancelWorkflow() }}
}

// begin makes the environment of a workflow that starts at a time.
func (d *driver) begin(at time.Time) {
	d.env = d.suite.NewTestWorkflowEnvironment()
	d.env.SetStartTime(at)
	d.env.SetTestTimeout(365 * 24 * time.Hour)
	d.env.SetContinueAsNewSuggested(d.continues != nil && d.suggest == 0)
	a := &activities{registry: d.setup.Registry, limits: usualLimits, beat: func(context.Context, []byte) error { return nil }}
	d.env.RegisterActivityWithOptions(a.call, activity.RegisterOptions{Name: activityName})
	flows := &workflows{registry: d.setup.Registry, programs: &local.Programs{}, limits: usualLimits, prepare: d.prepare}
	d.env.RegisterWorkflowWithOptions(flows.run, workflow.RegisterOptions{Name: workflowName})
	for step := range d.answers {
		d.schedule(step)
	}
}

func (d *driver) run(r engine.Request, p *program.Program) (result engine.Result, err error) {
	record := recordOfRequest(r, p)
	for at := time.Now().UTC(); ; at = d.env.Now() {
		d.begin(at)
		d.env.ExecuteWorkflow(workflowName, record)
		next, continued := errors.AsType[*workflow.ContinueAsNewError](d.env.GetWorkflowError())
		if !continued {
			break
		}
		*d.continues++
		record = Record{}
		if err := converter.GetDefaultDataConverter().FromPayloads(next.Input, &record); err != nil {
			return result, err
		}
	}
	if err := d.env.GetWorkflowError(); err != nil {
		return result, err
	}
	record = Record{}
	if err := d.env.GetWorkflowResult(&record); err != nil {
		return result, err
	}
	d.last = record
	err = json.Unmarshal(record.State.Result, &result)
	return result, err
}

// prepare makes the case's persons answer the run's questions, and makes the run give up if only a
// person could continue it and none does.
func (d *driver) prepare(ctx workflow.Context, l *ledger) {
	d.ledger = l
	l.watch = func(e engine.Event) {
		d.setup.Watch(e)
		if d.suggest > 0 && l.last()-l.began >= d.suggest {
			d.env.SetContinueAsNewSuggested(true)
		}
		if e.Kind != engine.EventStepAsks && e.Kind != engine.EventStepUncertain {
			return
		}
		if decision, after, ok := d.setup.Answer(engine.Question{Step: e.Step}); ok {
			d.answers[e.Step] = answer{at: d.env.Now().Add(after), decision: decision}
			d.schedule(e.Step)
		}
	}
	workflow.Go(ctx, func(ctx workflow.Context) {
		_ = workflow.Await(ctx, func() bool {
			answered := func(q asked) bool { return l.message(q.Step) != nil }
			return l.rests() && len(l.waiting) > 0 && due(l.waits()).IsZero() && len(d.answers) == 0 && !l.cancel && !slices.ContainsFunc(l.asks, answered)
		})
		l.over = true
	})
}

// schedule makes the case's person decide about a step when the time has come.
func (d *driver) schedule(step string) {
	a, env := d.answers[step], d.env
	env.RegisterDelayedCallback(func() {
		m := journal.Message{Step: step, Round: d.ledger.questionRound(step), Verdict: a.decision.Verdict, By: a.decision.By, Comment: a.decision.Comment}
		env.UpdateWorkflow(updateDecide, step, &testsuite.TestUpdateCallback{
			OnAccept:   func() { delete(d.answers, step) },
			OnReject:   func(err error) { d.setup.T.Errorf("the decision on %s was refused: %v", step, err) },
			OnComplete: func(any, error) {},
		}, m)
	}, a.at.Sub(env.Now()))
}

// recordOfRequest returns the record with which a run begins.
func recordOfRequest(r engine.Request, p *program.Program) Record {
	return Record{
		Version: recordVersion,
		Run: Header{
			ID: r.Run, Workflow: p.Name, Request: r.Request, URL: r.URL, Inputs: schema.Encode(r.Inputs), Started: time.Now().Round(0).UTC(),
			Definition: Definition{File: p.File, Digest: p.Digest, Source: p.Source},
		},
	}
}
