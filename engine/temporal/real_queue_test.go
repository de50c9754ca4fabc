package temporal

import (
	"testing"
	"time"

	"errand/engine"
	"errand/engine/temporal/temporaltest"
)

// A call that has waited for a worker is looked for when its evidence can be there: counted from when it
// was sent, not from when it was put on record.
func TestEvidenceAfterAWaitForAWorker(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	b := newBench(t, temporaltest.Options{ShortestTimer: 250 * time.Millisecond})
	b.world.calm, b.world.first = true, &fate{late: shortEvidence - time.Second}
	b.worker("one", func(as *role) { as.Calls = 1 })
	holds := b.start("holds", "steps: [{id: hold, task: world.once, with: {before: hold}}]")
	b.world.awaitAt("hold", 1)
	run := b.start("late", "steps: [{id: note, task: world.evident}]")
	b.await(run, func(v engine.View) bool { return len(v.Steps) == 1 })
	time.Sleep(shortEvidence + time.Second)
	b.world.open("hold")
	b.succeeds(run)
	rest := b.people.work()
	defer rest()
	b.await(holds, nil)
}
