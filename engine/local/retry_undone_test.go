package local_test

import (
	"errors"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/task"
)

// A retry does not keep a main step if a step inside it was undone, however deep.
func TestARetryDoesNotKeepUndoneSteps(t *testing.T) {
	const undone = "{id: act, task: remote.evident, with: {text: one}, undo: [{task: remote.evident, with: {text: back}}]}"
	for name, step := range map[string]string{
		"the step itself":        strings.Replace(undone, "act", "outer", 1),
		"a branch":               "{id: outer, parallel: {one: [" + undone + "]}}",
		"a loop":                 "{id: outer, for_each: [1], as: item, steps: [" + undone + "]}",
		"a loop within a branch": "{id: outer, parallel: {one: [{id: each, for_each: [1], as: item, steps: [" + undone + "]}]}}",
		"a step that stands in":  "{id: outer, task: remote.reads, with: {text: fails}, on_failure: [" + undone + "]}",
		"a loop within a case":   "{id: outer, switch: [{if: true, steps: [{for_each: [1], as: item, steps: [" + undone + "]}]}]}",
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				b.answer = func(c task.Call) error {
					if strings.Contains(string(c.Input), "fails") {
						return refused
					}
					return nil
				}
				o := b.order("\nsteps:\n  - " + step + "\n  - {id: last, task: remote.evident, with: {text: fails}}\n")
				r := b.process("first")
				if result, err := r.Start(t.Context(), o, engine.Following{}); err != nil || result.Status != engine.Failed {
					t.Fatalf("the run is %s, %v", result.Status, err)
				}
				err := r.Retry(t.Context(), o.Run, engine.Retry{From: "last", By: engine.Person{Name: "Kim"}})
				if refusal, ok := errors.AsType[*engine.Refusal](err); !ok || refusal.Code != engine.RefusedUndone || refusal.Step != "outer" {
					t.Errorf("a retry from the step after it returns %v, want a refusal", err)
				}
				if err := r.Retry(t.Context(), o.Run, engine.Retry{From: "outer", By: engine.Person{Name: "Kim"}}); err != nil {
					t.Errorf("a retry from it returns %v", err)
				}
			})
		})
	}
}
