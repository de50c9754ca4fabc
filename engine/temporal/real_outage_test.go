package temporal

import (
	"testing"
	"time"

	"errand/engine/sample"
	"errand/engine/temporal/temporaltest"
)

// The server is killed in the middle of runs, and goes on with its file. Nothing is lost, and no effect
// comes twice.
func TestServerIsKilled(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	b := newBench(t, temporaltest.Options{ShortestTimer: 250 * time.Millisecond})
	b.worker("one", nil)
	b.worker("two", nil)
	runs := sample.Size(15, 50, 200)
	b.startAll(runs, 10*time.Second)
	for {
		if requests, _ := b.world.figures(); requests > 3*runs {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.at.server.Kill()
	killed := time.Now()
	before, _ := b.world.figures()
	time.Sleep(2 * shortLimits.unheard)
	b.at.server.Restart()
	for {
		if now, _ := b.world.figures(); now > before+runs/5 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Logf("the runs went on %s after the kill", time.Since(killed).Round(time.Second))
	rest := b.people.work()
	for !b.allOver(len(b.open())) {
		time.Sleep(300 * time.Millisecond)
	}
	rest()
	b.judge(runs)
}
