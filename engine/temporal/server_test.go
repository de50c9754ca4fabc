package temporal

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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

	"errand/engine"
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

// proxy ends TLS in front of a server until the test ends, and returns its address.
func proxy(t *testing.T, config *tls.Config, server string) string {
	t.Helper()
	config.NextProtos = []string{"h2"}
	l := listen(t)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			outside, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { pipe(tls.Server(outside, config), server) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); all.Wait() })
	return l.Addr().String()
}

// pipe connects a connection with a server until one of them ends.
func pipe(outside net.Conn, server string) {
	defer func() { _ = outside.Close() }()
	inside, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer func() { _ = inside.Close() }()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{outside, inside}, {inside, outside}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			_ = outside.Close()
			_ = inside.Close()
		})
	}
	both.Wait()
}

// A worker and its client use mutual TLS.
func TestMutualTLS(t *testing.T) {
	temporaltest.Need(t)
	s := temporaltest.Start(t, temporaltest.Options{})
	a := newAuthority(t)
	_, _, pair := a.leaf("temporal.example.com")
	cert, key, _ := a.leaf("client")
	address := proxy(t, &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: a.pool()}, s.Address())
	connection := Connection{Address: address, TLSServerName: "temporal.example.com", TLSCA: a.file, TLSCert: cert, TLSKey: key}
	store, _ := newStore(t)
	c := connected(t, connection, store)
	startWorker(t, c, Version{})
	var text string
	if err := beginSecretive(t, c, "secure", "end").Get(bounded(t), &text); err != nil || text != canary {
		t.Errorf("it returned %q, %v", text, err)
	}
	connection.TLSCert, connection.TLSKey = "", ""
	_, err := dial(t, connection)
	troubled(t, err, engine.TroubleCredential, "it may expect a client's certificate, and there is none", "client's certificate")
	connection.Namespace, connection.TLSCert, connection.TLSKey = "none", cert, key
	_, err = dial(t, connection)
	troubled(t, err, engine.TroubleSettings, `has no namespace "none"`, "temporal operator")
}

// An administrator sets up a namespace, starts workers, and replaces them by those of another build.
func TestFromSetupToTheNextBuild(t *testing.T) {
	temporaltest.Need(t)
	s := temporaltest.Start(t, temporaltest.Options{Retention: 40 * 24 * time.Hour})
	store, _ := newStore(t)
	connection := Connection{Address: s.Address(), ConfigFile: write(t, "")}
	facts := func() (lines []string) {
		for _, f := range Examine(bounded(t), connection, "desk", store, slog.New(slog.DiscardHandler)) {
			lines = append(lines, strings.Join([]string{map[bool]string{true: "good", false: "bad"}[f.OK], f.What, f.Message}, " "))
		}
		return lines
	}
	wantLines(t, facts(), "bad key there is no key", "good server Temporal 1.", `good namespace "default" keeps runs for 40 days`,
		"bad search attributes missing: ErrandRun, ", "bad workers for runs", "bad workers for calls", `bad version the deployment "desk" has no current version`,
		"good clock this machine and the server differ by less than")

	c := connected(t, connection, store)
	ctx := bounded(t)
	made, err := Setup(ctx, c, temporaltest.Namespace)
	if err != nil || !slices.Equal(slices.Sorted(slices.Values(made)), slices.Sorted(slices.Values(attributeNames(attributes)))) {
		t.Errorf("made %v, %v", made, err)
	}
	if made, err := Setup(ctx, c, temporaltest.Namespace); err != nil || made != nil {
		t.Errorf("the second time it makes %v, %v", made, err)
	}
	first, second := Version{"desk", "b1"}, Version{"desk", "b2"}
	troubled(t, Promote(ctx, c, first), engine.TroubleSettings, `no worker of the build "b1" of the deployment "desk" has asked for work yet`, "errand-worker worker")
	startWorker(t, c, first)
	promoteSoon(t, c, first)
	for ctx.Err() == nil && !slices.Contains(facts(), `good workers for calls 1 on the task queue "errand"`) {
		time.Sleep(50 * time.Millisecond) // the worker asks for runs and for calls separately
	}
	wantLines(t, facts(), "good key payloads are encrypted", "good search attributes all ", `good workers for runs 1 on the task queue "errand"`,
		"good workers for calls 1", `good version the current one of "desk" is "b1"; others that still have runs: 0`)

	// A run with attributes is found by them.
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "old", TaskQueue: DefaultTaskQueue, TypedSearchAttributes: temporal.NewSearchAttributes(
		attributeRun.ValueSet("r1"), attributeWorkflow.ValueSet("start-instance"), attributeRequest.ValueSet("100-291"), attributeStatus.ValueSet("running"), attributeStarted.ValueSet(time.Now()),
		attributeWaitsFor.ValueSet([]string{"person", "time"}), attributeOwners.ValueSet([]string{"ann", "kim"}))}, "secretive", canary, true)
	if err != nil {
		t.Fatal(err)
	}
	found := func(query string) int64 {
		t.Helper()
		n, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: query})
		if err != nil {
			t.Fatal(err)
		}
		return n.GetCount()
	}
	for query, want := range map[string]int64{
		`ErrandRequest = "100-291" AND ErrandStatus = "running" AND ErrandWaitsFor = "person" AND ErrandOwners = "kim" AND ErrandRun = "r1"`: 1,
		`ErrandOwners = "bob"`: 0,
	} {
		for want > 0 && found(query) == 0 && ctx.Err() == nil { // what is found lags behind
			time.Sleep(50 * time.Millisecond)
		}
		if got := found(query); got != want {
			t.Errorf("%s finds %d", query, got)
		}
	}

	startWorker(t, c, second)
	promoteSoon(t, c, second)
	if err := c.SignalWorkflow(ctx, "old", "", "signal", "end"); err != nil {
		t.Fatal(err)
	}
	if err := run.Get(ctx, nil); err != nil {
		t.Error(err)
	}
	_, events := rawHistory(t, c, "old", run.GetRunID())
	tasks := 0
	for _, e := range events {
		done := e.GetWorkflowTaskCompletedEventAttributes()
		if done == nil {
			continue
		}
		tasks++
		if done.GetDeploymentVersion().GetBuildId() != "b1" || done.GetVersioningBehavior() != enumspb.VERSIONING_BEHAVIOR_PINNED {
			t.Errorf("the run went on with %v, %v", done.GetDeploymentVersion(), done.GetVersioningBehavior())
		}
	}
	if tasks < 2 {
		t.Errorf("only %d tasks were completed", tasks)
	}
	all, err := Versions(ctx, c, temporaltest.Namespace, "desk")
	if err != nil || len(all) != 2 || all[0].Build != "b2" || all[0].Status != VersionCurrent || all[1].Status != VersionDraining || all[1].Since.IsZero() || all[1].MayStop() {
		t.Errorf("the versions are %+v, %v", all, err)
	}
}

// promoteSoon promotes a version as soon as its worker has asked for work.
func promoteSoon(t *testing.T, c client.Client, v Version) {
	t.Helper()
	ctx := bounded(t)
	for {
		err := Promote(ctx, c, v)
		if err == nil {
			return
		}
		if trouble, ok := errors.AsType[*engine.Trouble](err); !ok || trouble.Code != engine.TroubleSettings || ctx.Err() != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}
