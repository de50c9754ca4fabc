package temporal

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/virtual"
)

// A longRun is a run whose history would be too long for one workflow.
type longRun struct {
	name    string
	steps   string
	suggest int // after so many entries the server suggests to continue as new
	times   int // how often the run continues as new, at least
	packed  int // the record has at most so many bytes, compressed
}

var longRuns = []longRun{
	{
		name: "poll", suggest: 1000, times: 10, packed: 4 << 10,
		steps: `
  - {id: look, task: stub.reads, until: result.calls == 5000, every: 15s, for: 2d}
`,
	},
	{
		name: "loop", suggest: 200, times: 8, packed: 128 << 10,
		steps: `
  - id: all
    for_each: ${{ 1..1000 }}
    as: item
    steps:
      - {task: stub.evident, with: {text: "item ${{ string(item) }}"}}
`,
	},
	{
		name: "lanes", suggest: 500, times: 8, packed: 256 << 10,
		steps: `
  - id: all
    for_each: ${{ 1..1000 }}
    as: item
    limit: 10
    steps:
      - {task: stub.keyed, with: {text: "item ${{ string(item) }}"}}
      - {task: stub.reads, with: {script: "again 7s, ok"}}
`,
	},
	{
		name: "loop-beside-poll", suggest: 500, times: 8, packed: 256 << 10,
		steps: `
  - parallel:
      loop:
        - for_each: ${{ 1..1000 }}
          as: item
          limit: 3
          steps:
            - {task: stub.converges, with: {text: "item ${{ string(item) }}", script: "accepted 2s, ok"}}
      poll:
        - {id: look, task: stub.reads, until: result.calls == 500, every: 1s, for: 1h}
`,
	},
}

// A run that continues as new several times has the same events as one that does not, and its record
// does not grow with the looks of a poll.
func TestLongRunsContinueAsNew(t *testing.T) {
	for _, r := range longRuns {
		t.Run(r.name, func(t *testing.T) {
			registry := hosttest.Registry(func() {})
			p := compile(t, registry, "steps:"+r.steps)
			var expected []engine.Event
			synctest.Test(t, func(t *testing.T) { expected = virtualEvents(t, p) })
			synctest.Test(t, func(t *testing.T) {
				var passed []engine.Event
				times := 0
				d := newDriver(hosttest.Setup{T: t, Context: t.Context(), Registry: registry, Watch: func(e engine.Event) { passed = append(passed, e) }})
				d.continues, d.suggest = &times, r.suggest
				result, err := d.run(requestOf(p), p)
				must(t, err)
				if result.Status != engine.Succeeded {
					t.Fatal(result.Status, result.Failure)
				}
				if times < r.times {
					t.Errorf("the run continued as new %d times, expected at least %d", times, r.times)
				}
				packed, err := d.last.pack()
				must(t, err)
				t.Logf("the run continued as new %d times; its record has %d entries and %d bytes; %d events", times, len(d.last.Entries), len(packed), len(passed))
				if len(packed) > r.packed {
					t.Errorf("the record has %d bytes, expected at most %d", len(packed), r.packed)
				}
				sameEvents(t, "the watch", expected, passed)
				read, err := openRecord(d.last, registry, &local.Programs{}).Events(t.Context(), engine.EventID{})
				must(t, err)
				sameEvents(t, "the record", expected, read)
			})
		})
	}
}

// sameEvents fails the test unless each branch has the same events in the same order. Looks of a poll
// may be missing from those of a record, because they are folded.
func sameEvents(t *testing.T, where string, expected, got []engine.Event) {
	t.Helper()
	want, have := byBranch(expected), byBranch(got)
	for branch, events := range want {
		rest := have[branch]
		for _, e := range events {
			if len(rest) > 0 && reflect.DeepEqual(rest[0], e) {
				rest = rest[1:]
			} else if where == "the watch" || e.Looks == 0 {
				next := "nothing"
				if len(rest) > 0 {
					next = rest[0].At.Format(time.RFC3339Nano) + " " + rest[0].String()
				}
				t.Errorf("%s: branch %q has %s; expected %s %s", where, branch, next, e.At.Format(time.RFC3339Nano), e)
				return
			}
		}
		if len(rest) > 0 {
			t.Errorf("%s: at the end of branch %q there are %d more events, the first: %s", where, branch, len(rest), rest[0])
		}
		delete(have, branch)
	}
	if len(have) > 0 {
		t.Errorf("%s has branches that nobody expects: %v", where, slices.Collect(maps.Keys(have)))
	}
}

// byBranch returns the events of each branch, without their ids.
func byBranch(events []engine.Event) map[string][]engine.Event {
	branches := map[string][]engine.Event{}
	for _, e := range events {
		e.ID = engine.EventID{}
		branches[e.Branch] = append(branches[e.Branch], e)
	}
	return branches
}

// requestOf returns a request for a program without inputs.
func requestOf(p *program.Program) engine.Request {
	return engine.Request{Run: "testrun000000000", Request: "100-291", Inputs: map[string]any{}}
}

// virtualEvents returns the events of a run on a clock that jumps.
func virtualEvents(t *testing.T, p *program.Program) (events []engine.Event) {
	h := &virtual.Host{
		Context: t.Context(), Clock: virtual.NewClock(time.Now().UTC()), Registry: hosttest.Registry(func() {}),
		Watch: func(e engine.Event) { events = append(events, e) },
	}
	_, err := engine.Run(h, requestOf(p), p)
	must(t, err)
	return events
}
