package virtual_test

import (
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/hosttest"
	"errand/engine/program"
	"errand/engine/virtual"
)

// Times beyond the year 2262 do not fit into nanoseconds since 1970. Waits reach them all the same,
// up to the last year that JSON can show.
func TestFarTimes(t *testing.T) {
	const longest = 2562047 * time.Hour
	for _, c := range []struct {
		name, source string
		takes        time.Duration
		fault        string
	}{
		{"a wait", "steps: [{task: stub.pure, with: {script: \"again 2562047h, ok\"}}]", longest, ""},
		{"a time-out", "timeout: 2562047h\nsteps: [{task: stub.pure, with: {script: \"again 2562046h, ok\"}}]", longest - time.Hour, ""},
		{"a decision", "steps: [{id: ok, approval: {ask: Go, by: [x], within: 2562047h}}]", longest, ""},
		{"many waits", "steps: [{task: stub.pure, with: {script: \"again 2562047h\"}}]", 0, "after the year 9999"},
	} {
		t.Run(c.name, func(t *testing.T) {
			registry := hosttest.Registry(func() {})
			p, problems := program.Load("case.yaml", []byte("workflow: case\n"+c.source+"\n"), registry)
			if diag.HasErrors(problems) {
				t.Fatal(problems)
			}
			h := &virtual.Host{Context: t.Context(), Clock: virtual.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), Registry: registry}
			result, err := engine.Run(h, engine.Request{Run: "testrun000000000", Inputs: map[string]any{}, Grace: time.Hour}, p)
			if c.fault != "" {
				if err == nil || !strings.Contains(err.Error(), c.fault) {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil || result.Status != engine.Succeeded || result.Ended.Sub(result.Started) != c.takes {
				t.Errorf("%s after %s: %v, %v", result.Status, result.Ended.Sub(result.Started), result.Failure, err)
			}
		})
	}
}
