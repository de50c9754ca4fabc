package local_test

import (
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/runnertest"
)

func TestContract(t *testing.T) { runnertest.Run(t, inMemory) }

func TestRetriedDefinitions(t *testing.T) { runnertest.RunGenerated(t, inMemory) }

// inMemory are processes that share a journal in memory.
func inMemory(s runnertest.Setup) runnertest.Runners {
	j := journal.NewMemory()
	return localRunners(s, 0, func() journal.Journal { return j })
}

// Each process opens the same file.
func TestContractInAFile(t *testing.T) {
	runnertest.Run(t, func(s runnertest.Setup) runnertest.Runners {
		home := s.T.TempDir()
		return localRunners(s, time.Second, func() journal.Journal { // to ask a file costs time
			j, err := journal.Open(s.T.Context(), home)
			if err != nil {
				s.T.Fatal(err)
			}
			s.T.Cleanup(func() {
				if err := j.Close(); err != nil {
					s.T.Error(err)
				}
			})
			return j
		})
	})
}

// localRunners are processes with one journal each.
func localRunners(s runnertest.Setup, poll time.Duration, open func() journal.Journal) runnertest.Runners {
	return runnertest.Runners{
		Open: func(about string) engine.Runner {
			r := &local.Runner{Journal: open(), Registry: s.Registry, About: about, Poll: poll}
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
}
