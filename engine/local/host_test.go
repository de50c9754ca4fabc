package local_test

import (
	"testing"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
)

func TestHost(t *testing.T) {
	hosttest.Run(t, func(s hosttest.Setup) hosttest.Host {
		runner := &local.Runner{Journal: journal.NewMemory(), Registry: s.Registry, About: "the test", Watch: s.Watch}
		var id string
		return hosttest.Host{
			Run: func(r engine.Request, p *program.Program) (engine.Result, error) {
				id = r.Run
				return runner.Start(s.Context, local.Order{Run: r.Run, Request: r.Request, Inputs: r.Inputs, Program: p})
			},
			Cancel: func() {
				if err := runner.Cancel(s.Context, id); err != nil {
					panic(err)
				}
			},
		}
	})
}
