// Package runnertest is what every implementation of engine.Runner must pass: one suite that calls
// each method of the contract and expects each refusal.
//
// The implementer calls Run from a test:
//
//	func TestContract(t *testing.T) {
//		runnertest.Run(t, func(s runnertest.Setup) runnertest.Runners { … })
//	}
//
// A runner whose clock cannot be moved passes RunInRealTime instead.
//
// In reading order: runnertest.go (Run), real.go (RunInRealTime), bench.go (what a case has), and a
// file for each part of the contract.
package runnertest

import (
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/task"
)

// A Setup is what the runners of one case need. With Run, each case runs in a bubble of
// testing/synctest.
type Setup struct {
	T        *testing.T // of the case
	Registry *task.Registry
}

// Runners are the processes of one case, which work on the same runs.
type Runners struct {
	// Open returns another process. The implementer closes it when the case ends.
	Open func(about string) engine.Runner

	// Pass lets time pass.
	Pass func(d time.Duration)

	// After calls act when that much time has passed, while a runner waits.
	After func(d time.Duration, act func())
}

// parts are the parts of the contract, with their cases.
var parts = []struct {
	name  string
	cases []testCase
}{
	{"start", startCases}, {"follow", followCases}, {"decide", decideCases}, {"persons", personCases}, {"cancel", cancelCases},
	{"turn", turnCases}, {"trouble", troubleCases}, {"retry", retryCases}, {"retry inside", insideCases}, {"retry after undo", undoneCases},
	{"retry of what was accepted", acceptedCases}, {"read", readCases}, {"count", countCases}, {"events", eventsCases}, {"work", workCases}, {"prune", pruneCases},
}

type testCase struct {
	name string
	test func(b *bench)
}

// Run runs the suite against the runners that a function makes. Each call of the function makes
// runners for other runs.
func Run(t *testing.T, runners func(Setup) Runners) {
	for _, part := range parts {
		t.Run(part.name, func(t *testing.T) {
			for _, c := range part.cases {
				t.Run(c.name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { c.test(newBench(t, runners)) })
				})
			}
		})
	}
}
