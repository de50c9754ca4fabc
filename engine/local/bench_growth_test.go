package local_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"errand/engine"
)

// loopOfWaits has a short wait in each of its items; pollOfLooks looks often.
const (
	loopOfWaits = `
workflow: five
inputs:
  who: {type: string}
  hundreds: {type: list}
steps:
  - for_each: ${{ inputs.hundreds }}
    as: hundred
    steps:
      - for_each: ${{ 1..100 }}
        as: item
        steps:
          - {task: stub.evident, with: {script: "again 1ms, ok"}}
`
	pollOfLooks = `
workflow: five
inputs:
  who: {type: string}
  looks: {type: integer}
steps:
  - {task: stub.reads, until: result.calls == inputs.looks, every: 1ms}
`
)

// BenchmarkGrowth measures the time for each item of loops with a wait in each item, and for each
// look of polls, in a process that carries the run on and in one that takes it up from the record.
// It compares long runs with a run of 100 in the same minute.
func BenchmarkGrowth(b *testing.B) {
	sizes := []int{100, 1000, 5000}
	for _, c := range []struct {
		name, source string
		inputs       func(n int) map[string]any
	}{
		{"loop", loopOfWaits, func(n int) map[string]any { return map[string]any{"who": "world", "hundreds": make([]any, n/100)} }},
		{"poll", pollOfLooks, func(n int) map[string]any { return map[string]any{"who": "world", "looks": n} }},
	} {
		b.Run(c.name, func(b *testing.B) {
			d := newDurable(b, b.TempDir(), c.source)
			defer d.close(b)
			carried, replayed := map[int][]time.Duration{}, map[int][]time.Duration{}
			for round := 0; b.Loop(); round++ {
				for _, n := range sizes {
					o := d.order(round*len(sizes) + n)
					o.Run = fmt.Sprintf("growth%05d%05d", round, n)
					o.Request, o.Inputs = o.Run, c.inputs(n)
					begun := time.Now()
					v, err := d.Start(context.Background(), o, engine.Following{})
					if err != nil || v.Status != engine.Succeeded {
						b.Fatal(v.Status, v.Failure, err)
					}
					middle := time.Now()
					if _, err := d.Look(b.Context(), o.Run); err != nil {
						b.Fatal(err)
					}
					carried[n] = append(carried[n], middle.Sub(begun))
					replayed[n] = append(replayed[n], time.Since(middle))
				}
			}
			each := func(times map[int][]time.Duration, n int) float64 {
				return 1000 * milliseconds(percentile(times[n], 50)) / float64(n)
			}
			for _, n := range sizes {
				b.ReportMetric(each(carried, n), fmt.Sprintf("us/item-of-%d", n))
				b.ReportMetric(each(replayed, n), fmt.Sprintf("replay-us/item-of-%d", n))
			}
			b.ReportMetric(each(carried, 5000)/each(carried, 100), "x-per-item")
			b.ReportMetric(each(replayed, 5000)/each(replayed, 100), "x-per-replayed-item")
		})
	}
}
