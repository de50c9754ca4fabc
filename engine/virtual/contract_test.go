package virtual_test

import (
	"testing"
	"time"

	"errand/engine"
	"errand/engine/runnertest"
	"errand/engine/virtual"
)

func TestContract(t *testing.T) { runnertest.Run(t, runners) }

func TestRetriedDefinitions(t *testing.T) { runnertest.RunGenerated(t, runners) }

func runners(s runnertest.Setup) runnertest.Runners {
	clock := virtual.NewClock(time.Now().UTC())
	runs := virtual.NewRuns(clock)
	return runnertest.Runners{
		Open: func(about string) engine.Runner {
			return &virtual.Runner{Runs: runs, Registry: s.Registry, About: about}
		},
		Pass: clock.Advance, After: clock.AfterFunc,
	}
}
