package temporal

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/temporal/temporaltest"
)

// The page of the administrator says how many events a run costs, because a server limits them, and whoever
// keeps the server pays for them. This counts the events of real runs.
func TestWhatRunsCost(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	page, err := os.ReadFile("../../examples/operations/temporal.md")
	if err != nil {
		t.Fatal(err)
	}
	registry := hosttest.Registry(func() {})
	at := install(t, temporaltest.Options{})
	m := &meter{T: t, r: at.runner(t, "costs", registry), ran: map[string]cost{}}
	work(t, m.r)
	least := m.run(onlyComputes)
	m.expect(page, "a run, its start and its end", least, 9, 9)
	for _, row := range costRows {
		more := m.run(row.definition)
		than := m.run(row.than)
		m.expect(page, row.what, cost{more.events - than.events, more.bytes - than.bytes}, row.least, row.most)
	}
}

// A costRow says how many more events a run of one definition has than one of another. What happens at the
// same time may share events or not.
type costRow struct {
	what             string // in the page
	definition, than string
	least, most      int
}

const (
	onlyComputes = "steps: [{id: a, task: stub.pure}]"
	calls        = "steps: [{id: a, task: stub.keyed}]"
)

var costRows = []costRow{
	{"a step that computes", "steps: [{id: a, task: stub.pure}, {id: b, task: stub.pure}]", onlyComputes, 0, 0},
	{"a call of another system", calls, onlyComputes, 6, 6},
	{"two calls in parallel branches", "steps: [{id: all, parallel: {one: [{task: stub.keyed}], two: [{task: stub.keyed}]}}]", onlyComputes, 9, 12},
	{"a failed attempt, with the wait after it", `steps: [{id: a, task: stub.keyed, with: {script: "throttled,ok"}, retry: {attempts: 2, backoff: 1s}}]`, calls, 11, 11},
	{"a look of a poll, with the wait after it", `steps: [{id: a, task: stub.keyed, with: {script: "again 1s,ok"}}]`, calls, 11, 11},
	{"a wait of up to 30 s", `steps: [{id: a, task: stub.pure, with: {script: "again 1s,ok"}}]`, onlyComputes, 5, 5},
	{"a longer wait", `steps: [{id: a, task: stub.pure, with: {script: "again 31s,ok"}}]`, onlyComputes, 7, 7},
	{"an approval, with the decision", `steps: [{id: agreed, approval: {ask: "Go on?", by: [managers]}}]`, onlyComputes, 7, 7},
	{"a concurrency key, if no other run has it", "concurrency: {key: one}\n" + onlyComputes, onlyComputes, 14, 17},
}

// A cost is what a run leaves on the server.
type cost struct {
	events int
	bytes  int64
}

// A meter measures runs.
type meter struct {
	*testing.T
	r   *Runner
	ran map[string]cost // by definition
}

// run carries out a definition, once, and returns the cost of its run.
func (m *meter) run(definition string) cost {
	m.Helper()
	if c, known := m.ran[definition]; known {
		return c
	}
	n := len(m.ran)
	o := engine.Order{Run: fmt.Sprintf("run%013d", n), Request: fmt.Sprint("100-", n), Inputs: map[string]any{}, Program: compile(m, m.r.Registry, definition)}
	v, err := m.r.Start(m.Context(), o, engine.Following{})
	if err == nil && engine.WaitsForPerson(v.Waits) {
		by := engine.Person{Name: "kim", Groups: []string{"managers"}}
		if err = m.r.Decide(m.Context(), v.Run, "agreed", engine.Decision{Verdict: engine.VerdictApprove, By: by}); err == nil {
			v, err = m.r.Follow(m.Context(), v.Run, engine.Following{})
		}
	}
	if err != nil || v.Status != engine.Succeeded {
		m.Fatalf("%s: %s, %v, %v", definition, v.Status, v.Failure, err)
	}
	f, err := m.r.describe(m.Context(), v.Run)
	if err != nil {
		m.Fatal(err)
	}
	m.ran[definition] = cost{f.HistoryLength, f.RawResponse.GetWorkflowExecutionInfo().GetHistorySizeBytes()}
	return m.ran[definition]
}

// expect compares a cost with what the page says. The bytes differ from run to run, and are logged only.
func (m *meter) expect(page []byte, what string, got cost, least, most int) {
	m.Helper()
	m.Logf("%s: %d events, %d bytes", what, got.events, got.bytes)
	if got.events < least || got.events > most {
		m.Errorf("%s has %d events, want %d to %d", what, got.events, least, most)
	}
	said := fmt.Sprint(least)
	if most > least {
		said = fmt.Sprintf("%d to %d", least, most)
	}
	if row := fmt.Sprintf("| %s | %s |", what, said); !strings.Contains(string(page), row) {
		m.Errorf("the page has no row %q", row)
	}
}
