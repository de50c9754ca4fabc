package program_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/program"
	"errand/engine/virtual"
)

// limited are definitions whose size is known before the run, each with the largest size that a run
// allows.
var limited = []struct {
	name  string
	write func(n int) string
	most  int
}{
	{"a loop over a literal list", func(n int) string { return loopOver("[" + strings.TrimSuffix(strings.Repeat("0, ", n), ", ") + "]") }, program.MaxItems},
	{"a loop over a range", func(n int) string { return loopOver(fmt.Sprintf("${{ 1..%d }}", n)) }, program.MaxItems},
	{"a loop over a list that is put together", func(n int) string { return loopOver(fmt.Sprintf("${{ concat(1..%d, [0, 0]) }}", n-2)) }, program.MaxItems},
	{"an output", func(n int) string { return output(fmt.Sprintf(`repeat("a", %d)`, n)) }, 64 << 10},
}

func loopOver(list string) string {
	return "workflow: limited\nsteps:\n  - for_each: " + list + "\n    as: item\n    steps: [{task: stub.pure, with: {script: \"ok ${{ item }}\"}}]\n"
}

func output(expression string) string {
	return "workflow: limited\nsteps: [{task: stub.pure, with: {script: ok}}]\noutputs: {text: '${{ " + expression + " }}'}\n"
}

// Where a size is known before the run, the check refuses exactly what a run would refuse: around
// each limit, an accepted definition succeeds, and one within the limit is accepted.
func TestLimitsAreKnownBefore(t *testing.T) {
	registry := hosttest.Registry(func() {})
	for _, l := range limited {
		t.Run(l.name, func(t *testing.T) {
			for n := l.most - 3; n <= l.most+3; n++ {
				p, problems := program.Load("limited.yaml", []byte(l.write(n)), registry)
				if (p != nil) != (n <= l.most) {
					t.Errorf("with %d, which is %+d, the definition is accepted: %t; %v", n, n-l.most, p != nil, problems)
				}
				if p == nil {
					continue
				}
				host := &virtual.Host{Context: context.Background(), Clock: virtual.NewClock(time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)), Registry: registry}
				result, err := engine.Run(host, engine.Request{Run: "r", Inputs: map[string]any{}}, p)
				if err != nil || result.Status != engine.Succeeded {
					t.Errorf("with %d the definition is accepted, and its run %s: %+v, %v", n, result.Status, result.Failure, err)
				}
			}
		})
	}
}
