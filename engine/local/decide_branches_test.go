package local_test

import (
	"fmt"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/task"
)

// Two branches ask, while a third one is in a call. Whichever of them reads a decision, the branch
// that it is for takes it up: at once, and not only when somebody takes the run up again.
func TestADecisionReachesItsBranch(t *testing.T) {
	for _, first := range []string{"one", "two"} {
		for _, within := range []string{"", ", within: 90s"} { // a branch also reads the inbox when its time passes
			t.Run(fmt.Sprint(first, within), func(t *testing.T) {
				inBubble(t, func(t *testing.T, b *bench) {
					b.answer = func(c task.Call) error {
						if c.Step == "act" {
							time.Sleep(10 * time.Minute)
						}
						return nil
					}
					limit := map[string]string{first: "", other(first): within}
					o := b.order(fmt.Sprintf(`
steps:
  - id: all
    parallel:
      one: [{id: one, approval: {ask: "One?", by: [Kim]%s}}, {id: after_one, task: remote.evident}]
      two: [{id: two, approval: {ask: "Two?", by: [Kim]%s}}, {id: after_two, task: remote.evident}]
      work: [{id: act, task: remote.evident, with: {text: slow}}]
`, limit["one"], limit["two"]))
					r := b.process("first")
					if within != "" {
						r.Poll = time.Hour // only the branch whose time passes reads the inbox
					}
					ended := b.start(t.Context(), r, o, engine.Following{})
					time.Sleep(time.Minute)
					err := b.process("second").Decide(t.Context(), o.Run, first, engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "Kim"}})
					if err != nil {
						t.Fatal(err)
					}
					decided := time.Now()
					v := <-ended
					for _, step := range v.Steps {
						if step.ID == first && (step.Status != engine.StepSucceeded || step.Ended.Sub(decided) > time.Minute) {
							t.Errorf("step %s is %s; it was decided at %s and ended at %s", first, step.Status, decided, step.Ended)
						}
					}
				})
			})
		}
	}
}

// other returns the other one of two branches.
func other(branch string) string {
	if branch == "one" {
		return "two"
	}
	return "one"
}
