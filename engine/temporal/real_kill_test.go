package temporal

import (
	"math/rand/v2"
	"testing"
	"time"

	"errand/engine/sample"
	"errand/engine/temporal/temporaltest"
)

// Two workers carry out runs. One of them is killed again and again, and operators reset runs. No run is
// lost, none has an effect twice, and only what nobody can find out is asked of people.
func TestWorkersAreKilled(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	b := newBench(t, temporaltest.Options{ShortestTimer: 250 * time.Millisecond})
	workers := []*workerProcess{b.worker("one", nil), b.worker("two", nil)}
	d := rand.New(rand.NewPCG(b.world.seed, 1))
	kills, resets := 0, 0
	runs := sample.Size(40, 200, 1000)
	b.startAll(runs, time.Duration(runs)*200*time.Millisecond)
	rest := b.people.work()
	for next := time.Now(); ; {
		open := b.open()
		if b.allOver(len(open)) {
			break
		}
		if len(open) > 0 && d.IntN(3) == 0 && resets < runs/10 {
			if run := open[d.IntN(len(open))].Run; reset(t.Context(), b.runner, run, "", d.IntN) == nil {
				b.world.wasReset(run)
				resets++
			}
		}
		if now := time.Now(); now.After(next) && (len(open) > runs/40 || len(b.started) < cap(b.started)) {
			unlucky := workers[d.IntN(2)]
			unlucky.kill()
			kills++
			unlucky.start()
			next = now.Add(time.Second + time.Duration(d.Int64N(int64(2*time.Second))))
		}
		time.Sleep(200 * time.Millisecond)
	}
	rest()
	b.judge(runs)
	if kills < 3 || resets < 3 {
		t.Errorf("only %d kills and %d resets", kills, resets)
	}
	t.Logf("%d kills, %d resets", kills, resets)
}
