package local_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/task"
)

// A run that cannot be replayed waits for a person, with the reason. It does nothing, and other
// runs go on.
func TestQuarantine(t *testing.T) {
	const source = "workflow: case\nsteps:\n  - {id: act, task: remote.evident, with: {text: one}}\n"
	intent := func(change func(*task.Call)) journal.Entry {
		c := task.Call{Run: "poisoned00000000", Step: "act", Type: "remote.evident", Input: json.RawMessage(`{"text":"one"}`), Attempt: 1}
		change(&c)
		return journal.Entry{Kind: journal.Intent, Step: "act", Call: &c}
	}
	digest := func(source string) string {
		sum := sha256.Sum256([]byte(source))
		return hex.EncodeToString(sum[:])
	}
	for _, test := range []struct {
		name   string
		run    func(*journal.Run)
		entry  journal.Entry
		reason string
	}{
		{"another version", func(r *journal.Run) { r.Version = 99 }, journal.Entry{}, "it has version 99"},
		{"not the definition that it began with", func(r *journal.Run) { r.Digest = digest("other") }, journal.Entry{}, "not the one it was started with"},
		{"a task type that is gone", func(r *journal.Run) {
			r.Source = []byte(strings.Replace(source, "remote.evident", "remote.gone", 1))
			r.Digest = digest(string(r.Source))
		}, journal.Entry{}, `no operation "gone"`},
		{"inputs that do not fit", func(r *journal.Run) { r.Inputs = json.RawMessage(`{"what":1}`) }, journal.Entry{}, "inputs do not fit"},
		{"another request on record", func(*journal.Run) {}, intent(func(c *task.Call) { c.Input = json.RawMessage(`{"text":"two"}`) }), `entry 0 is intent of act: remote.evident {"text":"two"}`},
		{"another kind of entry", func(*journal.Run) {}, journal.Entry{Kind: journal.Woke}, "entry 0 is woke"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				poisoned := journal.Run{
					ID: "poisoned00000000", Version: journal.Version, Workflow: "case", Request: "100-1", Inputs: json.RawMessage(`{}`),
					Started: time.Now().UTC(), Source: []byte(source), File: "case.yaml", Digest: digest(source),
				}
				test.run(&poisoned)
				c := journal.Change{Run: poisoned.ID, Create: &poisoned, State: journal.State{Status: engine.Waiting, Wake: time.Now()}}
				if test.entry.Kind != "" {
					test.entry.At = time.Now().UTC()
					c.Entries = []journal.Entry{test.entry}
				}
				if err := b.journal.Commit(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				r := b.process("server")
				o := b.order("steps:\n  - {id: act, task: remote.evident}\n")
				if _, err := r.Accept(t.Context(), o); err != nil {
					t.Fatal(err)
				}
				if err := r.Work(t.Context(), true, nil); err != nil {
					t.Fatal(err)
				}
				if got := b.steps(o.Run); got != "act succeeded" || len(b.calls) != 1 {
					t.Errorf("the other run: %s, %d calls in all", got, len(b.calls))
				}
				runs, err := b.journal.List(t.Context(), journal.Query{Request: "100-1"})
				if err != nil || len(runs) != 1 {
					t.Fatal(runs, err)
				}
				run := runs[0]
				if run.Status != engine.Waiting || !run.Wake.IsZero() || run.Holder != "" ||
					len(run.Waits) != 1 || run.Waits[0].For != engine.WaitTrouble || !strings.Contains(run.Waits[0].Reason, test.reason) {
					t.Errorf("status %s, due %s, held by %q: %v; want %s", run.Status, run.Wake, run.Holder, run.Waits, test.reason)
				}
				result, err := r.Follow(t.Context(), poisoned.ID, engine.Following{})
				if err != nil || result.Status != engine.Waiting || len(b.calls) != 1 {
					t.Errorf("resumed, it is %s, %v; %d calls", result.Status, err, len(b.calls))
				}
				if _, err := r.Look(t.Context(), poisoned.ID); err == nil {
					t.Error("it can be replayed")
				}
			})
		})
	}
}
