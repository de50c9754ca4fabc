package temporal

import (
	"testing"
	"time"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/temporal/temporaltest"
)

// Who is asked sees the question in lists, and who follows the run is told, also if the time for the decision
// is so short that other waits of that length are not published.
func TestShortQuestionIsPublished(t *testing.T) {
	at := install(t, temporaltest.Options{ShortestTimer: time.Millisecond})
	registry := hosttest.Registry(func() {})
	r := at.runner(t, "questions", registry)
	work(t, r)
	p := compile(t, registry, `
steps:
  - id: ok
    approval: {ask: "Go on?", by: [operators], within: `+publishAfter.String()+`, otherwise: reject}
outputs:
  approved: ${{ steps.ok.approved }}
`)
	const run = "questionrun00000"
	v, err := r.Start(t.Context(), engine.Order{Run: run, Inputs: map[string]any{}, Program: p}, engine.Following{})
	if err != nil || v.Status != engine.Waiting || len(v.Questions) != 1 {
		t.Fatalf("the run is %s with the questions %v: %v; want one that waits for a person", v.Status, v.Questions, err)
	}
	for listed := []engine.View{}; len(listed) == 0; time.Sleep(50 * time.Millisecond) {
		if listed, err = r.List(t.Context(), engine.Query{WaitsFor: engine.WaitPerson, Open: true}); err != nil {
			t.Fatal(err)
		}
		if v, err = r.Read(t.Context(), run); err != nil || !v.Ended.IsZero() {
			t.Fatalf("the time for the decision has passed, and no list had the run: %v", err)
		}
	}
	if err := r.Decide(t.Context(), run, "ok", engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "Kim", Groups: []string{"operators"}}}); err != nil {
		t.Fatal(err)
	}
	if v, err = r.Follow(t.Context(), run, engine.Following{}); err != nil || v.Outputs["approved"] != true {
		t.Errorf("the run is %s with the outputs %v: %v", v.Status, v.Outputs, err)
	}
}
