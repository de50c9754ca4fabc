package temporal

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	querypb "go.temporal.io/api/query/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"

	"errand/engine/credential"
	"errand/engine/temporal/temporaltest"
)

// canary is in everything that a workflow sends.
const canary = "canary of a payload"

// secretiveFlow is a workflow that sends the canary in every way in which a workflow can send something.
func secretiveFlow(ctx workflow.Context, input string, again bool) (string, error) {
	if input != canary {
		return "", errors.New("the input is " + input)
	}
	if err := workflow.SetQueryHandler(ctx, "query", func(q string) (string, error) { return q + canary, nil }); err != nil {
		return "", err
	}
	if err := workflow.SetUpdateHandler(ctx, "update", func(_ workflow.Context, u string) (string, error) { return u + canary, nil }); err != nil {
		return "", err
	}
	if err := workflow.UpsertMemo(ctx, map[string]any{"later": canary}); err != nil {
		return "", err
	}
	var effect string
	if err := workflow.SideEffect(ctx, func(workflow.Context) any { return canary }).Get(&effect); err != nil || effect != canary {
		return "", errors.Join(err, errors.New("the side effect is "+effect))
	}
	workflow.GetVersion(ctx, "change", workflow.DefaultVersion, 1)
	call := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 10 * time.Second, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1}, Summary: canary})
	var reply string
	if err := workflow.ExecuteActivity(call, "call", canary, false).Get(ctx, &reply); err != nil || reply != canary {
		return "", errors.Join(err, errors.New("the reply is "+reply))
	}
	failed := workflow.ExecuteActivity(call, "call", canary, true).Get(ctx, nil)
	if application, ok := errors.AsType[*temporal.ApplicationError](failed); !ok || application.Message() != canary {
		return "", errors.Join(failed, errors.New("that is not how the call failed"))
	}
	var signal string
	workflow.GetSignalChannel(ctx, "signal").Receive(ctx, &signal)
	if !again {
		return "", workflow.NewContinueAsNewError(ctx, secretiveFlow, canary, true)
	}
	if signal == "fail" {
		return "", temporal.NewApplicationError(canary, "kind", canary)
	}
	return canary, nil
}

func secretiveCall(_ context.Context, input string, fail bool) (string, error) {
	if fail {
		return "", temporal.NewApplicationErrorWithCause(canary, "kind", errors.New(canary), canary)
	}
	return input, nil
}

// startWorker runs a worker until the test ends.
func startWorker(t *testing.T, c client.Client, v Version) {
	t.Helper()
	w := worker.New(c, DefaultTaskQueue, worker.Options{DeploymentOptions: v.options()})
	w.RegisterWorkflowWithOptions(secretiveFlow, workflow.RegisterOptions{Name: "secretive"})
	w.RegisterActivityWithOptions(secretiveCall, activity.RegisterOptions{Name: "call"})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
}

// bounded returns a context for what a server does in seconds, or never.
func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// beginSecretive starts the workflow, and ends its first part.
func beginSecretive(t *testing.T, c client.Client, id, end string) client.WorkflowRun {
	t.Helper()
	ctx := bounded(t)
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: DefaultTaskQueue, Memo: map[string]any{"memo": canary}, StaticSummary: canary}, "secretive", canary, false)
	if err != nil {
		t.Fatal(err)
	}
	update, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{WorkflowID: id, UpdateName: "update", Args: []any{canary}, WaitForStage: client.WorkflowUpdateStageCompleted})
	if err != nil {
		t.Fatal(err)
	}
	var text string
	if err := update.Get(ctx, &text); err != nil || text != canary+canary {
		t.Errorf("the update returned %q, %v", text, err)
	}
	answer, err := c.QueryWorkflow(ctx, id, "", "query", canary)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Get(&text); err != nil || text != canary+canary {
		t.Errorf("the query returned %q, %v", text, err)
	}
	for _, signal := range []string{canary, end} {
		if err := c.SignalWorkflow(ctx, id, "", "signal", signal); err != nil {
			t.Fatal(err)
		}
		if signal != end { // the next part must have begun
			waitForPart(t, c, id, run.GetRunID())
		}
	}
	return run
}

// waitForPart waits until a workflow continues as another run.
func waitForPart(t *testing.T, c client.Client, id, first string) {
	t.Helper()
	ctx := bounded(t)
	events := c.GetWorkflowHistory(ctx, id, first, true, enumspb.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT)
	for events.HasNext() {
		if _, err := events.Next(); err != nil {
			t.Fatal(err)
		}
	}
}

// rawHistory returns everything that the server knows of a workflow, as it sends it.
func rawHistory(t *testing.T, c client.Client, id, run string) (all []byte, events []*historypb.HistoryEvent) {
	t.Helper()
	ctx := bounded(t)
	add := func(m proto.Message, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		text, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	it := c.GetWorkflowHistory(ctx, id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for it.HasNext() {
		e, err := it.Next()
		add(e, err)
		events = append(events, e)
	}
	described, err := c.WorkflowService().DescribeWorkflowExecution(ctx, &workflowservice.DescribeWorkflowExecutionRequest{Namespace: temporaltest.Namespace, Execution: &commonpb.WorkflowExecution{WorkflowId: id, RunId: run}})
	add(described, err)
	return all, events
}

// outsider returns a client without a codec, as another program has it.
func outsider(t *testing.T, address string) client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: address, Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// connected returns a client with a codec.
func connected(t *testing.T, c Connection, store *credential.Store) client.Client {
	t.Helper()
	c.ConfigFile = write(t, "")
	made, err := c.Dial(bounded(t), newCodec(t, store), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(made.Close)
	return made
}

// Nothing that a run sends can be read on the server.
func TestServerCannotRead(t *testing.T) {
	temporaltest.Need(t)
	s := temporaltest.Start(t, temporaltest.Options{})
	store, _ := newStore(t)
	c := connected(t, Connection{Address: s.Address()}, store)
	startWorker(t, c, Version{})

	var text string
	good := beginSecretive(t, c, "good", "end")
	if err := good.Get(bounded(t), &text); err != nil || text != canary {
		t.Errorf("it returned %q, %v", text, err)
	}
	failed := beginSecretive(t, c, "failed", "fail")
	err := failed.Get(bounded(t), &text)
	application, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok || application.Message() != canary {
		t.Errorf("it failed with %v", err)
	}
	stranger := outsider(t, s.Address())
	for _, run := range []client.WorkflowRun{good, failed} {
		for _, id := range []string{run.GetRunID(), ""} { // both parts
			all, events := rawHistory(t, stranger, run.GetID(), id)
			if bytes.Contains(all, []byte("canary")) || !bytes.Contains(all, []byte(encodingEncrypted)) {
				t.Errorf("the server can read %s", run.GetID())
				for _, e := range events {
					if strings.Contains(e.String(), "canary") {
						t.Log(e)
					}
				}
			}
			if len(events) < 15 {
				t.Errorf("only %d events were read", len(events))
			}
		}
	}
	answer, err := stranger.WorkflowService().QueryWorkflow(bounded(t), &workflowservice.QueryWorkflowRequest{
		Namespace: temporaltest.Namespace, Execution: &commonpb.WorkflowExecution{WorkflowId: "good"}, Query: &querypb.WorkflowQuery{QueryType: "__temporal_workflow_metadata"},
	})
	if err != nil || strings.Contains(answer.String(), "canary") || !isEncrypted(answer.GetQueryResult().GetPayloads()[0]) {
		t.Errorf("a query answers %v, %v", answer, err)
	}
}

// Who does not have the key can neither start a run nor change one.
func TestOutsiders(t *testing.T) {
	temporaltest.Need(t)
	s := temporaltest.Start(t, temporaltest.Options{})
	store, _ := newStore(t)
	c := connected(t, Connection{Address: s.Address()}, store)
	startWorker(t, c, Version{})
	ctx := bounded(t)
	stranger := outsider(t, s.Address())

	run, err := stranger.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "strange", TaskQueue: DefaultTaskQueue}, "secretive", canary, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.GetWorkflow(ctx, "strange", run.GetRunID()).Get(ctx, nil); err == nil || !strings.Contains(err.Error(), "the payload is not encrypted") {
		t.Errorf("its run ended with %v", err)
	}
	own, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "own", TaskQueue: DefaultTaskQueue}, "secretive", canary, true)
	if err != nil {
		t.Fatal(err)
	}
	update, err := stranger.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{WorkflowID: "own", UpdateName: "update", Args: []any{"x"}, WaitForStage: client.WorkflowUpdateStageCompleted})
	if err == nil {
		err = update.Get(ctx, nil)
	}
	if err == nil {
		t.Error("its update is accepted")
	}
	if _, err := stranger.QueryWorkflow(ctx, "own", "", "query", "x"); err == nil {
		t.Error("its query is answered")
	}
	if err := c.SignalWorkflow(ctx, "own", "", "signal", "end"); err != nil {
		t.Fatal(err)
	}
	if err := own.Get(ctx, nil); err != nil {
		t.Error(err)
	}
}

// copyStore makes the store in a folder the same as another one, as an administrator copies the file.
func copyStore(t *testing.T, from, to *credential.Store) {
	t.Helper()
	const name = "credentials.json"
	text, err := os.ReadFile(filepath.Join(from.Home, name))
	if err == nil {
		err = os.WriteFile(filepath.Join(to.Home, name+".copy"), text, 0o600)
	}
	if err == nil {
		err = os.Rename(filepath.Join(to.Home, name+".copy"), filepath.Join(to.Home, name))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// The key is rotated on one machine, and the worker is on another one. Its tasks fail, but no run
// does. When the file is copied there, the runs go on.
func TestKeyComesLater(t *testing.T) {
	temporaltest.Need(t)
	s := temporaltest.Start(t, temporaltest.Options{})
	store, _ := newStore(t)
	newCodec(t, store)
	other := &credential.Store{Home: t.TempDir(), Keys: store.Keys}
	copyStore(t, store, other)
	startWorker(t, connected(t, Connection{Address: s.Address()}, other), Version{})
	if err := store.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := connected(t, Connection{Address: s.Address()}, store)
	ctx := bounded(t)
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "late", TaskQueue: DefaultTaskQueue}, "secretive", canary, true)
	if err != nil {
		t.Fatal(err)
	}
	events := c.GetWorkflowHistory(ctx, "late", run.GetRunID(), true, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for failed := false; !failed && events.HasNext(); {
		e, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		if failed = e.EventType == enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED; failed && !isEncryptedFailure(e) {
			t.Errorf("the failure can be read: %v", e)
		}
		if e.EventType == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED {
			t.Fatal("the run failed, although only a key was missing")
		}
	}
	copyStore(t, store, other)
	if err := c.SignalWorkflow(ctx, "late", "", "signal", "end"); err != nil {
		t.Fatal(err)
	}
	var text string
	if err := run.Get(ctx, &text); err != nil || text != canary {
		t.Errorf("it returned %q, %v", text, err)
	}
}

func isEncryptedFailure(e *historypb.HistoryEvent) bool {
	return e.GetWorkflowTaskFailedEventAttributes().GetFailure().GetEncodedAttributes() != nil
}
