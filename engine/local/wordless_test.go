package local_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/local"
	"errand/engine/task"
)

// everyForm is a definition whose run fails at its end, after a step of every form.
const everyForm = `
steps:
  - {id: first, name: The first, task: remote.evident, with: {text: one}, undo: [{id: back, task: remote.evident}]}
  - id: side
    parallel:
      left: [{id: left, task: remote.evident}]
      right: [{id: right, task: stub.pure}]
  - id: each
    for_each: ${{ ["a", "b"] }}
    as: item
    steps: [{id: inner, task: remote.evident, with: {text: "${{ item }}"}}]
  - id: which
    switch:
      - {if: 'steps.first.text == "two"', steps: [{id: other, task: remote.evident}]}
      - {if: 'steps.first.text == "one"', steps: [{id: same, task: remote.evident}]}
  - {id: never, if: 'steps.first.text == "two"', task: remote.evident}
  - id: ok
    approval: {ask: "Go on?", by: [Kim], within: 1h}
  - {id: poll, task: stub.reads, with: {script: "ok 1, ok 2"}, until: 'result.word == "2"', every: 5s, for: 1m}
  - {id: last, task: remote.evident, with: {text: two}}
on_failure:
  - {id: tell, task: remote.evident, with: {text: "${{ failure.message }}"}}
finally:
  - {id: tidy, task: remote.evident}
`

// A runner depends on the data of its events, never on their texts: if every text is replaced,
// retries are granted and refused alike, and runs are shown alike.
func TestNothingDependsOnTexts(t *testing.T) {
	for _, from := range []string{"", "first", "side", "each", "which", "ok", "last", "inner", "tell", "nowhere"} {
		for _, changed := range []string{"", "text: two}}", "name: The first", "text: one}"} {
			t.Run(fmt.Sprintf("from %q, changed %q", from, changed), func(t *testing.T) {
				with, without := courseOf(t, from, changed, false), courseOf(t, from, changed, true)
				if with != without {
					t.Errorf("with texts:\n%s\nwithout texts:\n%s", with, without)
				}
			})
		}
	}
}

// courseOf carries out a run that fails and retries it. It returns the answers, without texts.
func courseOf(t *testing.T, from, changed string, wordless bool) (course string) {
	inBubble(t, func(t *testing.T, b *bench) {
		source := strings.Replace(everyForm, ", undo: [{id: back, task: remote.evident}]", "", 1)
		if from == "last" {
			source = everyForm // its first step is undone, so a retry cannot keep it
		}
		b.answer = func(c task.Call) error {
			if c.Step == "last" {
				return refused
			}
			return nil
		}
		r := b.process("the process")
		if wordless {
			r.Wrap(hosttest.Wordless)
		}
		o := b.order(source)
		var told strings.Builder
		step := func(what string, v engine.View, err error) {
			fmt.Fprintf(&told, "%s: %s\n%s%s", what, outcome(err), structure(t, r, o.Run), shape(t, v))
		}
		v, err := r.Start(t.Context(), o, engine.Following{})
		step("start", v, err)
		err = r.Decide(t.Context(), o.Run, "ok", engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "Kim"}})
		step("approve", engine.View{}, err)
		v, err = r.Follow(t.Context(), o.Run, engine.Following{})
		step("follow", v, err)
		retry := engine.Retry{From: from, By: engine.Person{Name: "Kim"}}
		if changed != "" {
			retry.Program = b.program(strings.Replace(source, changed, strings.Replace(changed, ": ", ": another ", 1), 1))
		}
		err = r.Retry(t.Context(), o.Run, retry)
		step("retry", engine.View{}, err)
		v, err = r.Follow(t.Context(), o.Run, engine.Following{})
		step("follow", v, err)
		course = told.String()
	})
	return course
}

// outcome returns an error as data.
func outcome(err error) string {
	if refusal, ok := errors.AsType[*engine.Refusal](err); ok {
		return fmt.Sprint("refused ", refusal.Code, refusal.Step, refusal.Steps, refusal.Status)
	}
	return fmt.Sprint(err)
}

// structure returns a run's events as a runner returns them, without their texts.
func structure(t *testing.T, r *local.Runner, run string) string {
	t.Helper()
	events, err := r.Events(t.Context(), run, engine.EventID{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range events {
		data, err := json.Marshal(hosttest.WithoutTexts(e))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s\n", data)
	}
	return b.String()
}

// shape returns a run as JSON.
func shape(t *testing.T, v engine.View) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data) + "\n"
}
