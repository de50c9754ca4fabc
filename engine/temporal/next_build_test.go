package temporal

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"errand/engine"
	"errand/engine/temporal/temporaltest"
)

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
