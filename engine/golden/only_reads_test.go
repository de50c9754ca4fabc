package golden_test

import (
	"context"
	"testing"

	"errand/engine/golden"
	"errand/engine/task"
)

// After a crash in a call that only reads, nobody is asked, whatever the type's effect is.
func TestCrashesInCallsThatOnlyRead(t *testing.T) {
	for name, c := range map[string]struct {
		onlyReads func(task.Call) bool
		doubts    int // two crashes of each other call: before and after it was carried out
	}{
		"no call only reads":  {nil, 4},
		"the first step does": {func(c task.Call) bool { return c.Step == "first" }, 2},
		"all do":              {func(task.Call) bool { return true }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			b := golden.Bench{Connectors: func(task.Environment) []task.Connector {
				typ := task.Define("desk.open", "Looks.", task.Once, func(context.Context, task.Call, desk) (memo, error) { return memo{Number: 7}, nil })
				typ.OnlyReads = c.onlyReads
				return []task.Connector{{Name: "desk", Title: "Desk", Description: "Tells a number.", Types: []task.Type{typ}}}
			}}
			k, err := golden.Parse("two.txtar", []byte(twoTickets))
			if err != nil {
				t.Fatal(err)
			}
			all, err := b.CrashEverywhere(t.Context(), k)
			if err != nil || len(all.Wrong) > 0 || all.Points == 0 || all.Doubts != c.doubts {
				t.Errorf("%d crashes, %d doubts, want %d: %v (%v)", all.Points, all.Doubts, c.doubts, all.Wrong, err)
			}
		})
	}
}
