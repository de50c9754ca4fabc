package runnertest

import (
	"maps"
	"time"

	"errand/engine"
)

// countCases are about engine.Counter.
var countCases = []testCase{
	{"runs are counted by workflow and status, and by what they wait for", func(b *bench) {
		if c := b.counts(); len(c.Runs) > 0 || len(c.Waiting) > 0 || c.Due != 0 || !c.DueSince.IsZero() {
			b.Errorf("without runs, the counts are %+v", c)
		}
		b.accept(3, "steps:\n  - id: ok\n    if: request.id == \"100-1\"\n    approval: {ask: \"Go?\", by: [operators]}\n")
		began := b.read().Started
		b.Pass(time.Second)
		o := b.order(approval)
		o.Run, o.Request = "another000000000", "100-9"
		_, err := b.first.Accept(b.ctx, o)
		b.must(err)
		c := b.counts()
		waiting := engine.RunGroup{Workflow: "case", Status: engine.Waiting}
		if !b.goesOn && (c.Due != 4 || !c.DueSince.Equal(began) || c.Runs[waiting] != 4 || c.Waiting[engine.WaitProcess] != 4) {
			b.Errorf("before any process works, the counts are %+v", c)
		}
		b.must(b.first.Work(b.ctx, true, nil))
		c = b.counts()
		want := map[engine.RunGroup]int{waiting: 2, {Workflow: "case", Status: engine.Succeeded}: 2}
		if c.Due != 0 || !maps.Equal(c.Runs, want) || !maps.Equal(c.Waiting, map[engine.WaitFor]int{engine.WaitPerson: 2}) {
			b.Errorf("afterwards, the counts are %+v", c)
		}
		b.must(b.first.Cancel(b.ctx, o.Run, engine.Person{Name: "kim"}))
		if c = b.counts(); !b.goesOn && (c.Due != 1 || c.DueSince.Sub(began) < time.Second) {
			b.Errorf("after a cancellation, the counts are %+v; the runs started at %s", c, began)
		}
		b.must(b.first.Work(b.ctx, true, nil))
		want = map[engine.RunGroup]int{waiting: 1, {Workflow: "case", Status: engine.Succeeded}: 2, {Workflow: "case", Status: engine.Cancelled}: 1}
		if c = b.counts(); c.Due != 0 || !maps.Equal(c.Runs, want) {
			b.Errorf("at the end, the counts are %+v", c)
		}
	}},
}

// counts returns how many runs there are.
func (b *bench) counts() engine.Counts {
	b.Helper()
	c, err := b.first.(engine.Counter).Count(b.ctx)
	b.must(err)
	return c
}
