package temporaltest_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	_ "errand/engine/goldenfile"
	"errand/engine/temporal/temporaltest"
)

const queue = "test"

// dial returns a client of a server.
func dial(t *testing.T, s *temporaltest.Server) client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: s.Address(), Namespace: temporaltest.Namespace, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// work starts a worker with the workflows of this file.
func work(t *testing.T, c client.Client, o worker.Options) {
	t.Helper()
	w := worker.New(c, queue, o)
	w.RegisterWorkflowWithOptions(counter, workflow.RegisterOptions{Name: "counter"})
	w.RegisterWorkflowWithOptions(workflow.Sleep, workflow.RegisterOptions{Name: "sleep"})
	w.RegisterWorkflowWithOptions(fill, workflow.RegisterOptions{Name: "fill"})
	w.RegisterActivityWithOptions(func(n int) (int, error) { return n + 1, nil }, activity.RegisterOptions{Name: "add"})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
}

// counter returns how often the update "count" was sent, when the signal "end" arrives. The update
// returns the count too.
func counter(ctx workflow.Context) (int, error) {
	n := 0
	err := workflow.SetUpdateHandler(ctx, "count", func(ctx workflow.Context) (int, error) {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
		err := workflow.ExecuteActivity(ctx, "add", n).Get(ctx, &n)
		return n, err
	})
	if err != nil {
		return 0, err
	}
	workflow.GetSignalChannel(ctx, "end").Receive(ctx, nil)
	return n, nil
}

// fill adds events to the history until the server suggests to continue as new, or forever if it may
// not stop. It returns the number of events.
func fill(ctx workflow.Context, stop bool) (int, error) {
	for !stop || !workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
		if err := workflow.Sleep(ctx, time.Millisecond); err != nil {
			return 0, err
		}
	}
	return workflow.GetInfo(ctx).GetCurrentHistoryLength(), nil
}

func start(t *testing.T, c client.Client, id, kind string, arguments ...any) client.WorkflowRun {
	t.Helper()
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: queue}, kind, arguments...)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// count sends the update "count" and expects an answer.
func count(t *testing.T, c client.Client, id string, expected int) {
	t.Helper()
	handle, err := c.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{WorkflowID: id, UpdateName: "count", WaitForStage: client.WorkflowUpdateStageCompleted})
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := handle.Get(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	if n != expected {
		t.Fatalf("the workflow counts %d, expected %d", n, expected)
	}
}

// end ends a counter and expects its result.
func end(t *testing.T, c client.Client, id string, expected int) {
	t.Helper()
	if err := c.SignalWorkflow(t.Context(), id, "", "end", nil); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := c.GetWorkflow(t.Context(), id, "").Get(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	if n != expected {
		t.Fatalf("the workflow returned %d, expected %d", n, expected)
	}
}

// A killed server that is started again with its file has every workflow. They continue: one that is
// asked, and one whose timer fires, with the worker and the client that were connected before.
func TestKilledServerContinues(t *testing.T) {
	s := temporaltest.Start(t, temporaltest.Options{})
	address := s.Address()
	c := dial(t, s)
	work(t, c, worker.Options{})
	start(t, c, "counter", "counter")
	count(t, c, "counter", 1)
	for i, end := range []func(){s.Kill, s.Kill, s.Stop} {
		sleeper := start(t, c, "", "sleep", 100*time.Millisecond)
		end()
		before := time.Now()
		s.Restart()
		ready := time.Since(before)
		if s.Address() != address {
			t.Fatalf("the server has the address %s after its restart, and had %s", s.Address(), address)
		}
		if err := sleeper.Get(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		fired := time.Since(before)
		count(t, c, "counter", i+2)
		t.Logf("the server was ready %v after its restart; a timer that was due had fired after %v, and an update was answered after %v",
			ready, fired, time.Since(before))
	}
	end(t, c, "counter", 4)
}

// A search attribute can be used in the next request after the one that adds it.
func TestAddedSearchAttributeCanBeUsedAtOnce(t *testing.T) {
	s := temporaltest.Start(t, temporaltest.Options{})
	c := dial(t, s)
	for i, name := range []string{"TestFirst", "TestSecond"} {
		_, err := c.OperatorService().AddSearchAttributes(t.Context(), &operatorservice.AddSearchAttributesRequest{
			Namespace:        temporaltest.Namespace,
			SearchAttributes: map[string]enums.IndexedValueType{name: enums.INDEXED_VALUE_TYPE_KEYWORD},
		})
		if err != nil {
			t.Fatal(err)
		}
		run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
			TaskQueue:             queue,
			TypedSearchAttributes: temporal.NewSearchAttributes(temporal.NewSearchAttributeKeyKeyword(name).ValueSet("some value")),
		}, "counter")
		if err != nil {
			t.Fatal(err)
		}
		awaitListed(t, c, name+` = "some value"`, run.GetID())
		if i == 0 { // and attributes stay with the file
			s.Kill()
			s.Restart()
			awaitListed(t, c, name+` = "some value"`, run.GetID())
		}
	}
}

// awaitListed waits until a query finds the workflow, and nothing else. The server lists workflows a
// little later than it starts them.
func awaitListed(t *testing.T, c client.Client, query, id string) {
	t.Helper()
	for {
		answer, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: query})
		if err != nil {
			t.Fatal(err)
		}
		if found := answer.GetExecutions(); len(found) > 0 {
			if len(found) > 1 || found[0].GetExecution().GetWorkflowId() != id {
				t.Fatalf("%s finds %v, expected %s", query, found, id)
			}
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// The parts of Temporal that the runner uses are enabled.
func TestUpdateWithStartAndReset(t *testing.T) {
	s := temporaltest.Start(t, temporaltest.Options{})
	c := dial(t, s)
	work(t, c, worker.Options{})
	for i := range 2 {
		handle, err := c.UpdateWithStartWorkflow(t.Context(), client.UpdateWithStartWorkflowOptions{
			StartWorkflowOperation: c.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
				ID: "counter", TaskQueue: queue, WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
			}, "counter"),
			UpdateOptions: client.UpdateWorkflowOptions{UpdateName: "count", WaitForStage: client.WorkflowUpdateStageCompleted},
		})
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := handle.Get(t.Context(), &n); err != nil || n != i+1 {
			t.Fatalf("the update returned %d, %v; expected %d", n, err, i+1)
		}
	}
	reset, err := c.ResetWorkflowExecution(t.Context(), &workflowservice.ResetWorkflowExecutionRequest{
		Namespace: temporaltest.Namespace, WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: "counter"}, RequestId: "reset",
		WorkflowTaskFinishEventId: 4, ResetReapplyExcludeTypes: []enums.ResetReapplyExcludeType{enums.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE},
	})
	if err != nil {
		t.Fatal(err)
	}
	if reset.GetRunId() == "" {
		t.Fatal("the reset made no new run")
	}
	count(t, c, "counter", 1)
	end(t, c, "counter", 1)
}

// Pinned workflows stay with the version of the worker that started them. New ones get the current
// version.
func TestPinnedDeployments(t *testing.T) {
	s := temporaltest.Start(t, temporaltest.Options{})
	c := dial(t, s)
	for _, build := range []string{"1", "2"} {
		version := worker.WorkerDeploymentVersion{DeploymentName: "errand", BuildID: build}
		work(t, c, worker.Options{DeploymentOptions: worker.DeploymentOptions{UseVersioning: true, Version: version, DefaultVersioningBehavior: workflow.VersioningBehaviorPinned}})
		makeCurrent(t, c, version)
		start(t, c, "counter "+build, "counter")
		count(t, c, "counter "+build, 1)
	}
	count(t, c, "counter 1", 2)
	for _, build := range []string{"1", "2"} {
		described, err := c.DescribeWorkflow(t.Context(), "counter "+build, "")
		if err != nil {
			t.Fatal(err)
		}
		info := described.RawResponse.GetWorkflowExecutionInfo().GetVersioningInfo()
		if info.GetBehavior() != enums.VERSIONING_BEHAVIOR_PINNED || info.GetDeploymentVersion().GetBuildId() != build {
			t.Errorf("the workflow of build %s has %v", build, info)
		}
	}
}

// makeCurrent makes a version the current one. The server knows it a little later than the worker has
// started.
func makeCurrent(t *testing.T, c client.Client, version worker.WorkerDeploymentVersion) {
	t.Helper()
	for {
		_, err := c.WorkerDeploymentClient().GetHandle(version.DeploymentName).SetCurrentVersion(t.Context(), client.WorkerDeploymentSetCurrentVersionOptions{BuildID: version.BuildID})
		var unknown *serviceerror.NotFound
		var early *serviceerror.FailedPrecondition
		switch {
		case err == nil:
			return
		case !errors.As(err, &unknown) && !errors.As(err, &early):
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func TestSuggestContinueAsNewAfter(t *testing.T) {
	const suggested = 40
	s := temporaltest.Start(t, temporaltest.Options{SuggestContinueAsNewAfter: suggested, ShortestTimer: 10 * time.Millisecond})
	c := dial(t, s)
	work(t, c, worker.Options{})
	var events int
	if err := start(t, c, "", "fill", true).Get(t.Context(), &events); err != nil {
		t.Fatal(err)
	}
	if events < suggested || events > 2*suggested {
		t.Errorf("the server suggested to continue as new after %d events, expected %d or a few more", events, suggested)
	}
}

func TestHistoryLimit(t *testing.T) {
	s := temporaltest.Start(t, temporaltest.Options{HistoryLimit: 100, ShortestTimer: 10 * time.Millisecond})
	c := dial(t, s)
	work(t, c, worker.Options{})
	err := start(t, c, "", "fill", false).Get(t.Context(), nil)
	var ended *temporal.TerminatedError
	if !errors.As(err, &ended) {
		t.Fatalf("the workflow ended with %v, expected that the server terminates it", err)
	}
}

func TestRetention(t *testing.T) {
	s := temporaltest.Start(t, temporaltest.Options{Retention: time.Second})
	c := dial(t, s)
	work(t, c, worker.Options{})
	run := start(t, c, "sleep", "sleep", time.Millisecond)
	if err := run.Get(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for {
		_, err := c.DescribeWorkflow(t.Context(), "sleep", "")
		var gone *serviceerror.NotFound
		if errors.As(err, &gone) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
