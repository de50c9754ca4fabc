package tasktest

import (
	"context"
	"testing"
	"time"

	"errand/engine/task"

	_ "errand/engine/goldenfile" // defines the flag -update
)

// A driver passes to each call what the earlier calls left, as the engine does.
func TestDriverCallsLikeTheEngine(t *testing.T) {
	type output struct {
		Text string `json:"text" title:"Text" doc:"A text."`
	}
	steps := []struct {
		answer error // nil: the output
		want   task.Call
	}{
		{&task.Failure{Code: "busy", Transient: true}, task.Call{Attempt: 1, Now: Start}},
		{&task.Again{After: time.Minute, Note: "a"}, task.Call{Attempt: 2, Now: Start.Add(time.Second)}},
		{&task.Failure{Code: "lost", Transient: true, Unknown: true}, task.Call{Attempt: 2, Now: Start.Add(61 * time.Second), Note: "a"}},
		{&task.Again{Settled: true, Output: task.AllKnown(output{"x"})}, task.Call{Attempt: 3, Now: Start.Add(62 * time.Second), Note: "a", Recover: true}},
		{nil, task.Call{Attempt: 3, Now: Start.Add(62 * time.Second), Recover: true, Settled: true}},
	}
	n := 0
	typ := task.Define("test.act", "Acts.", task.Keyed, func(_ context.Context, c task.Call, _ struct{}) (output, error) {
		want := steps[n].want
		if c.Type != "test.act" || c.Run != "run1" || c.Step != "start" || !c.Started.Equal(Start) || !c.Now.Equal(want.Now) ||
			c.Attempt != want.Attempt || c.Note != want.Note || c.Recover != want.Recover || c.Settled != want.Settled {
			t.Errorf("call %d is %+v, want %+v", n, c, want)
		}
		n++
		return output{"x"}, steps[n-1].answer
	})
	d := New(t)
	d.Connector = task.Connector{Name: "test", Types: []task.Type{typ}}
	if out := Outputs(t, d.Run("act", `{}`)); out["text"] != "x" {
		t.Errorf("got %v", out)
	}
	d.CompareReplies("failure busy", "again 1m0s", "failure lost", "again 0s", "output")
}

// A driver does not repeat a call that the engine does not repeat.
func TestDriverEndsWithAFailure(t *testing.T) {
	for _, c := range []struct {
		name    string
		effect  task.Effect
		failure task.Failure
		calls   int
	}{
		{"a final failure", task.Reads, task.Failure{Code: "no"}, 1},
		{"an unknown outcome of what cannot be repeated", task.Once, task.Failure{Code: "no", Transient: true, Unknown: true}, 1},
		{"the last attempt", task.Once, task.Failure{Code: "no", Transient: true}, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			calls := 0
			typ := task.Define("test.act", "Acts.", c.effect, func(context.Context, task.Call, struct{}) (struct{}, error) {
				calls++
				return struct{}{}, &c.failure
			})
			d := New(t)
			d.Connector = task.Connector{Name: "test", Types: []task.Type{typ}}
			if reply := d.Run("test.act", `{}`); reply.Failure == nil || calls != c.calls {
				t.Errorf("got %+v after %d calls, want %d", reply, calls, c.calls)
			}
		})
	}
}

// A driver looks for evidence before it sends again, and counts what it sends.
func TestDriverLooksForEvidence(t *testing.T) {
	type output struct {
		Sent int `json:"sent" title:"Sent" doc:"How often it was sent."`
	}
	sent, looks := 0, 0
	typ := task.Define("test.act", "Acts.", task.Evident, func(_ context.Context, c task.Call, _ struct{}) (output, error) {
		if c.Recover {
			return task.LookFor(c, time.Minute, func() (output, bool, error) {
				looks++
				return output{sent}, sent == 2, nil
			})
		}
		if sent++; sent != c.Attempt {
			t.Errorf("call %d is attempt %d", sent, c.Attempt)
		}
		return output{}, &task.Failure{Code: "lost", Transient: true, Unknown: true}
	})
	d := New(t)
	d.Connector = task.Connector{Name: "test", Types: []task.Type{typ}}
	if out := Outputs(t, d.Run("act", `{}`)); out["sent"] != 2.0 || looks != 3 {
		t.Errorf("got %v after %d looks", out, looks)
	}
	d.CompareReplies("failure lost", "again 1m0s", "again 10s", "absent", "failure lost", "again 1m0s", "output")
}
