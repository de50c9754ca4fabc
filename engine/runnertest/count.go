package runnertest

import (
	"maps"
	"time"

	"errand/engine"
)

// countCases are about engine.Counter.
var countCases = []testCase{
	{"runs are counted by workflow and status, and by what they wait for", func(b *bench) {
		counts := func() engine.Counts {
			b.Helper()
			c, err := b.first.(engine.Counter).Count(b.ctx)
			b.must(err)
			return c
		}
		if c := counts(); len(c.Runs) > 0 || len(c.Waiting) > 0 || c.Due != 0 || !c.DueSince.IsZero() {
			b.Errorf("without runs, the counts are %+v", c)
		}
		b.accept(3, "steps:\n  - id: ok\n    if: request.id == \"100-1\"\n    approval: {ask: \"Go?\", by: [operators]}\n")
		began := b.read().Started
		b.Pass(time.Minute)
		o := b.order(approval)
		o.Run, o.Request = "another000000000", "100-9"
		_, err := b.first.Accept(b.ctx, o)
		b.must(err)
		c := counts()
		waiting := engine.RunGroup{Workflow: "case", Status: engine.Waiting}
		if c.Due != 4 || !c.DueSince.Equal(began) || c.Runs[waiting] != 4 || c.Waiting[engine.WaitProcess] != 4 {
			b.Errorf("before any process works, the counts are %+v", c)
		}
		b.must(b.first.Work(b.ctx, true, nil))
		c = counts()
		want := map[engine.RunGroup]int{waiting: 2, {Workflow: "case", Status: engine.Succeeded}: 2}
		if c.Due != 0 || !maps.Equal(c.Runs, want) || !maps.Equal(c.Waiting, map[engine.WaitFor]int{engine.WaitPerson: 2}) {
			b.Errorf("afterwards, the counts are %+v", c)
		}
		b.Pass(time.Hour)
		_, err = b.first.(engine.Pruner).Prune(b.ctx, engine.Pruning{EndedBefore: began.Add(24 * time.Hour)})
		b.must(err)
		if c = counts(); !maps.Equal(c.Runs, map[engine.RunGroup]int{waiting: 2}) {
			b.Errorf("after a pruning, the counts are %+v", c)
		}
		b.must(b.first.Cancel(b.ctx, o.Run, engine.Person{Name: "kim"}))
		if c = counts(); c.Due != 1 || c.DueSince.Sub(began) < time.Hour {
			b.Errorf("after a cancellation, the counts are %+v; the runs started at %s", c, began)
		}
	}},
}
