package temporal

import (
	"testing"
	"time"

	enums "go.temporal.io/api/enums/v1"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/temporal/temporaltest"
)

// The queue of a key goes on with the promoted build, and the runs in it stay with theirs.
func TestQueueGoesOnWithThePromotedBuild(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	at := install(t, temporaltest.Options{ShortestTimer: 20 * time.Millisecond})
	registry := hosttest.Registry(func() {})
	builds := []Version{{"desk", "b1"}, {"desk", "b2"}}
	var runners []*Runner
	for _, v := range builds {
		r := at.runner(t, "upgrade", registry)
		r.Worker.Version = v
		runners = append(runners, r)
	}
	q := &queueTest{T: t, r: runners[0], p: compile(t, registry, asksInTurn)}
	work(t, runners[0])
	promoteSoon(t, q.r.Client, builds[0])
	first := q.start(1)
	q.until(first, engine.WaitPerson)

	work(t, runners[1])
	promoteSoon(t, q.r.Client, builds[1])
	second := q.start(2)
	q.until(second, engine.WaitTurn)
	q.approve(first)
	q.until(second, engine.WaitPerson)

	for flow, want := range map[string]struct {
		build    string
		behavior enums.VersioningBehavior
	}{
		"case/request/100-1": {"b1", enums.VERSIONING_BEHAVIOR_PINNED},
		"case/request/100-2": {"b2", enums.VERSIONING_BEHAVIOR_PINNED},
		lockID("one"):        {"b2", enums.VERSIONING_BEHAVIOR_AUTO_UPGRADE},
	} {
		found, err := q.r.Client.DescribeWorkflow(t.Context(), flow, "")
		if err != nil {
			t.Fatal(err)
		}
		is := found.RawResponse.GetWorkflowExecutionInfo().GetVersioningInfo()
		if got := is.GetDeploymentVersion().GetBuildId(); got != want.build || is.GetBehavior() != want.behavior {
			t.Errorf("%s is at the build %q, %s; want %q, %s", flow, got, is.GetBehavior(), want.build, want.behavior)
		}
	}
	q.approve(second)
}
