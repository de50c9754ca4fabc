package local_test

import (
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/runnertest"
)

func TestContract(t *testing.T) {
	runnertest.Run(t, func(s runnertest.Setup) runnertest.Runners {
		j := journal.NewMemory()
		return runnertest.Runners{
			Open: func(about string) engine.Runner {
				r := &local.Runner{Journal: j, Registry: s.Registry, About: about}
				s.T.Cleanup(func() {
					if err := r.Close(); err != nil {
						s.T.Error(err)
					}
				})
				return r
			},
			Pass:  time.Sleep,
			After: func(d time.Duration, act func()) { time.AfterFunc(d, act) },
		}
	})
}
