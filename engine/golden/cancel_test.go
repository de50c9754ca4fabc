package golden_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"errand/engine/sample"
)

// A person cancels a run while it waits. Processes crash and the journal fails before that, during
// it and after it, also for that person. The run ends as cancelled, and each effect takes place
// once.
func TestCancelledRuns(t *testing.T) {
	points := sample.Of(t, "faults of the journal", 3)
	for _, f := range workflows() {
		if f.program.Name != "provision-instance" && f.program.Name != "terminate-instance" {
			continue // the other workflows do not wait
		}
		var runs atomic.Int32
		t.Run(f.program.Name, func(t *testing.T) {
			f.cancel, f.commits = 65*time.Second, 6 // no process polls the journal at this time
			f.evidenceDelay = "0"                   // so that a run stands at the same step then
			calm := undisturbed(t, f)
			if calm.took > f.cancel+time.Minute {
				t.Errorf("it was cancelled after %s and ended after %s", f.cancel, calm.took)
			}
			try := func(k faultKind, count int) {
				for _, at := range points.Choose(f.program.Name+" "+k.name, count) {
					t.Run(fmt.Sprintf("%s at %d", k.name, at), func(t *testing.T) {
						t.Parallel()
						runs.Add(1)
						disturbed(t, f, calm, "", journalFault{k, at})
					})
				}
			}
			for _, k := range slices.Concat(deaths, failures) {
				try(k, calm.commits)
			}
			try(faultKind{name: "a call fails once", every: true, err: errDisk}, calm.calls)
			try(faultKind{name: "a call fails for good", every: true, lasts: true, err: errDisk}, calm.calls)
		})
		t.Logf("%s: %d cancelled runs", f.program.Name, runs.Load())
	}
}
