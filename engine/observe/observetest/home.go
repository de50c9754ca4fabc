// Package observetest has runs to observe: those of Definitions, which come to different ends. The
// tests of package observe and of those that observe through it use it, in bubbles of
// testing/synctest.
package observetest

import (
	"context"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/hosttest"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/task"
)

// Definitions are workflows by name.
var Definitions = map[string]string{
	"greet":    "steps:\n  - {id: act, task: stub.once, with: {script: ok hello, text: \"a value of an input\"}}\n",
	"flaky":    "steps:\n  - {id: act, task: stub.reads, with: {script: \"throttled, busy 2s, ok\"}}\n",
	"refused":  "steps:\n  - {id: act, task: stub.once, with: {script: refused}}\n",
	"doubtful": "steps:\n  - {id: act, task: stub.once, with: {script: lost}}\n  - {id: after, task: stub.reads}\n",
	"ask":      "steps:\n  - {id: ok, approval: {ask: \"Go?\", by: [operators]}}\n  - {id: act, task: stub.once}\n",
	"slow":     "steps:\n  - {id: first, task: stub.once}\n  - {id: wait, task: stub.reads, with: {script: \"again 1h, ok\"}}\n  - {id: last, task: stub.once}\n",
	"nested": "steps:\n  - id: both\n    parallel:\n      here: [{id: one, task: stub.once}]\n      there: [{id: two, task: stub.reads, with: {script: \"again 1h, ok\"}}]\n" +
		"  - {id: each, for_each: '${{ [1, 2] }}', as: n, steps: [{id: act, task: stub.once}]}\n",
}

// A Home is where runs are on record. Processes come and go.
type Home struct {
	*testing.T
	Journal  *journal.Memory
	Registry *task.Registry
}

// NewHome returns a home without runs.
func NewHome(t *testing.T) *Home {
	return &Home{T: t, Journal: journal.NewMemory(), Registry: hosttest.Registry(func() {})}
}

// Runner returns another process.
func (h *Home) Runner() *local.Runner {
	r := &local.Runner{Journal: h.Journal, Registry: h.Registry, About: "a process"}
	h.Cleanup(func() {
		if err := r.Close(); err != nil {
			h.Error(err)
		}
	})
	return r
}

// Accept puts a run of one of Definitions on record. Its request is the id of the run with a 1
// before it.
func (h *Home) Accept(run, workflow string) {
	h.Helper()
	p, problems := program.Load(workflow+".yaml", []byte("workflow: "+workflow+"\n"+Definitions[workflow]), h.Registry)
	if diag.HasErrors(problems) {
		h.Fatal(problems)
	}
	if _, err := h.Runner().Accept(h.Context(), engine.Order{Run: run, Request: "1" + run, Inputs: map[string]any{}, Program: p}); err != nil {
		h.Fatal(err)
	}
}

// Work lets a process work for a time. It ends like one that is killed while it waits.
func (h *Home) Work(d time.Duration, watch engine.Watch) {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), d)
	defer cancel()
	r := &local.Runner{Journal: h.Journal, Registry: h.Registry, About: "a worker"}
	defer func() { _ = r.Close() }()
	if err := r.Work(ctx, false, watch); err != nil {
		h.Fatal(err)
	}
}
