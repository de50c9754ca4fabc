package graph_test

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/goldenfile"
	"errand/engine/graph"
	"errand/engine/hosttest"
	"errand/engine/program"
	"errand/engine/virtual"
)

// A picture of each run below stands in testdata/states. at is when it is looked at; 0 means when
// the run has ended or only waits for a person.
var runs = []struct {
	name   string
	at     time.Duration
	cancel time.Duration // when a person cancels the run; 0 means never
	source string
	want   map[string]string // the words of each state
}{
	{name: "asks", source: `
steps:
  - {id: look, name: Look at the request, task: stub.reads}
  - id: may
    name: Is the owner content?
    approval: {ask: "Terminate it?", by: [operations]}
  - {id: stop, name: Terminate it, task: stub.once}`,
		want: map[string]string{"look": "succeeded", "may": "asks a person"}},
	{name: "uncertain", source: `
steps:
  - {id: make, name: Create the server, task: stub.once, with: {script: lost}}
  - {id: tell, name: Tell the requester, task: stub.evident}`,
		want: map[string]string{"make": "uncertain"}},
	{name: "waits", at: 45 * time.Second, source: `
steps:
  - id: both
    name: Wait for everything
    parallel:
      state:
        - id: poll
          name: Wait until it runs
          task: stub.reads
          with: {script: ok pending}
          until: result.word == "running"
          every: 10s
          for: 5m
      time:
        - {id: delay, name: Wait a little, task: stub.pure, with: {script: "again 2m, ok"}}
      mail:
        - {id: busy, name: Send a mail, task: stub.evident, with: {script: "busy 3m, ok"}}
        - {id: after, name: Send another, task: stub.evident}
      effect:
        - {id: lost, name: Create an asset, task: stub.evident, with: {script: "lost, ok", delay: 2m}}
      machine:
        - {id: key, name: Use a lost key, task: stub.reads, with: {script: trouble}}`,
		want: map[string]string{
			"both": "running", "poll": "waiting to look again", "delay": "waiting", "busy": "waiting to retry",
			"lost": "waiting for evidence", "key": "needs a repair",
		}},
	{name: "loop-fails", source: `
steps:
  - id: fleet
    name: Stop all servers
    for_each: [a, b, c, d, e]
    as: server
    limit: 2
    steps:
      - id: check
        name: Is it known?
        if: server != "a"
        task: stub.reads
      - id: stop
        name: Stop it
        switch:
          - if: server == "c"
            steps:
              - {id: forbid, name: It must not stop, fail: "${{ server }} must not stop", code: forbidden}
        on_failure: continue
  - {id: close, name: Close the request, task: stub.once, with: {script: refused}}
on_failure:
  - {id: tell, name: Tell the requester, task: stub.evident}
finally:
  - {id: trace, name: Leave a trace, if: "failure == null", task: stub.evident}`,
		want: map[string]string{
			"fleet": "succeeded", "fleet[].check": "succeeded 4 of 5", "fleet[].stop": "failed 1 of 5", "fleet[].forbid": "failed",
			"close": "failed", "tell": "succeeded", "trace": "skipped",
		}},
	{name: "loop-asks", source: `
steps:
  - id: fleet
    name: Stop all servers
    for_each: [a, b, c]
    as: server
    limit: 3
    steps:
      - {id: may, name: "May it stop?", workflow: asking, with: {asked: "${{ server == \"b\" }}"}}
      - {id: stop, name: Stop it, task: stub.evident}`,
		want: map[string]string{"fleet": "running", "fleet[].may": "asks a person 1 of 3", "fleet[].stop": "succeeded 2 of 2"}},
	{name: "cancelled", cancel: time.Minute, source: `
steps:
  - id: make
    name: Create the server
    task: stub.evident
    undo:
      - {id: delete, name: Delete the server, task: stub.converges}
  - id: ready
    name: Get it ready
    parallel:
      disk:
        - {id: disk, name: Format the disk, task: stub.evident}
      boot:
        - {id: boot, name: Wait until it runs, task: stub.reads, with: {script: "again 1h"}}
        - {id: tell, name: Tell the requester, task: stub.evident}
finally:
  - {id: trace, name: Leave a trace, task: stub.evident}`,
		want: map[string]string{"make": "succeeded", "delete": "succeeded", "ready": "cancelled", "disk": "succeeded", "boot": "cancelled", "trace": "succeeded"}},
	{name: "succeeded", source: `
steps:
  - id: kind
    name: What kind is it?
    switch:
      - if: request.id == "100-291"
        steps:
          - {id: known, name: Look it up, task: stub.reads}
      - if: request.id == "none"
        steps:
          - {id: new, name: Open a request, task: stub.evident}
  - {name: Ask if it is needed, workflow: asking, with: {asked: false}}
  - id: order
    name: In this order
    steps:
      - {name: Leave a note, if: "request.id != \"100-291\"", task: stub.evident}
      - {id: stop, name: Stop it, task: stub.evident, on_failure: continue}`,
		want: map[string]string{
			"kind": "succeeded", "known": "succeeded", "steps[1]": "succeeded", "order": "succeeded",
			"steps[2].steps[0]": "skipped", "stop": "succeeded",
		}},
}

// asking is a workflow that asks a person, or not.
const asking = `
workflow: asking
inputs:
  asked: {type: boolean}
steps:
  - {id: sure, if: inputs.asked, approval: {ask: "Are you sure?", by: [operations]}}
`

func TestStatesOfRuns(t *testing.T) {
	for _, c := range runs {
		t.Run(c.name, func(t *testing.T) {
			v := viewOf(t, c.source, c.at, c.cancel)
			states := graph.StatesOf(v)
			words := map[string]string{}
			for key, s := range states {
				words[key] = s.Word
				if s.Word == "" {
					words[key] = s.Kind.Words()
				}
				if s.Kind == graph.Asks {
					s.Href = "/runs/" + v.Run + "/questions/" + key
					states[key] = s
				}
			}
			if !maps.Equal(words, c.want) {
				t.Errorf("the states are\n%v\nnot\n%v", words, c.want)
			}
			made := graph.New(v.Program).Inline(states)
			checkInline(t, made)
			goldenfile.Check(t, filepath.Join("testdata", "states", c.name+".svg"), made)
		})
	}
}

// viewOf carries out a run until a time, or until it has ended or only waits for a person.
func viewOf(t *testing.T, source string, at, cancel time.Duration) engine.View {
	t.Helper()
	registry := hosttest.Registry(func() {})
	loader := program.Loader{Registry: registry, Find: func(string) (string, []byte, error) { return "asking.yaml", []byte(asking), nil }}
	p, problems := loader.Load("case.yaml", []byte("workflow: case\n"+source+"\n"))
	if diag.HasErrors(problems) {
		t.Fatal(problems)
	}
	clock := virtual.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	r := &virtual.Runner{Runs: virtual.NewRuns(clock), Registry: registry}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if at > 0 {
		clock.AfterFunc(at, stop)
	}
	const id = "testrun000000000"
	if cancel > 0 {
		clock.AfterFunc(cancel, func() {
			if err := r.Cancel(t.Context(), id, engine.Person{Name: "Kim"}); err != nil {
				t.Error(err)
			}
		})
	}
	if _, err := r.Start(ctx, engine.Order{Run: id, Request: "100-291", Program: p, Inputs: map[string]any{}}, engine.Following{}); err != nil {
		t.Fatal(err)
	}
	v, err := r.Read(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// What a person or another program must do to a run as a whole is shown at its open steps.
func TestStatesOfViews(t *testing.T) {
	v := viewOf(t, runs[2].source, runs[2].at, 0)
	cases := []struct {
		name  string
		waits []engine.Wait
		want  graph.State // of the step poll
	}{
		{"works", nil, graph.State{Kind: graph.Running}},
		{"waits for a process", []engine.Wait{{For: engine.WaitProcess, Reason: "stopped by Kim"}}, graph.State{Kind: graph.Waiting, Word: "waiting for a process", Detail: "stopped by Kim"}},
		{"waits for its turn", []engine.Wait{{For: engine.WaitTurn}}, graph.State{Kind: graph.Waiting, Word: "waiting for its turn"}},
		{"waits for adoption", []engine.Wait{{For: engine.WaitAdoption}}, graph.State{Kind: graph.Asks, Word: "needs adoption"}},
		{"the step's own wait comes first", []engine.Wait{{For: engine.WaitProcess}, {For: engine.WaitPoll, Step: "poll"}}, graph.State{Kind: graph.Waiting, Word: "waiting to look again"}},
		{"asks", []engine.Wait{{For: engine.WaitPerson, Step: "poll"}}, graph.State{Kind: graph.Asks}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := v
			v.Waits = c.waits
			states := graph.StatesOf(v)
			if states["poll"] != c.want {
				t.Errorf("%+v, not %+v", states["poll"], c.want)
			}
			if both := states["both"]; both.Kind != graph.Running {
				t.Errorf("the step that holds the others is %+v", both)
			}
		})
	}
	v.Program = nil
	if states := graph.StatesOf(v); len(states) != 0 {
		t.Errorf("without a program there are the states %v", states)
	}
}

// The detail of a box for several items counts them, and says what happened to the first of the worst.
func TestDetails(t *testing.T) {
	want := map[string]map[string]string{
		"asks":       {"may": "Terminate it?"},
		"uncertain":  {"make": "no answer came"},
		"loop-fails": {"fleet[].stop": "1 failed, 4 succeeded; fleet[2].stop: c must not stop", "fleet[].check": "4 succeeded, 1 skipped", "close": "not like this"},
		"loop-asks":  {"fleet[].may": "1 asks a person, 2 succeeded; fleet[1].may: Are you sure?"},
	}
	for _, c := range runs {
		states := graph.StatesOf(viewOf(t, c.source, c.at, c.cancel))
		for key, detail := range want[c.name] {
			if states[key].Detail != detail {
				t.Errorf("%s: the detail of %s is %q, not %q", c.name, key, states[key].Detail, detail)
			}
		}
		delete(want, c.name)
	}
	if len(want) > 0 {
		t.Errorf("there are no runs %v", slices.Collect(maps.Keys(want)))
	}
}
