package temporal

import (
	"encoding/json"
	"fmt"
	"testing"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/hosttest"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
)

// benchSource is a workflow with a loop of n items, each of which makes six entries. At
// its end it asks a person.
func benchSource(n int) string {
	return fmt.Sprintf(`
workflow: case
steps:
  - for_each: ${{ 1..%d }}
    as: item
    steps:
      - {task: stub.evident, with: {text: "item ${{ string(item) }}"}}
      - {task: stub.reads, with: {text: "item ${{ string(item) }}", script: "again 1ms, ok"}}
  - {id: ok, approval: {ask: May it be, by: [Kim]}}
`, n)
}

// BenchmarkRead reads a run that has not ended, from a journal in memory and from a Record. The
// journal's reader has the compiled definition; so has the record's. With "json" the Record is also
// decoded, as a client does with the answer to a query, and with "compile" nobody has compiled the
// definition before.
func BenchmarkRead(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			registry := hosttest.Registry(func() {})
			p, problems := program.Load("case.yaml", []byte(benchSource(n)), registry)
			if diag.HasErrors(problems) {
				b.Fatal(problems)
			}
			r := &local.Runner{Journal: journal.NewMemory(), Registry: registry, About: "a benchmark"}
			defer func() { must(b, r.Close()) }()
			o := engine.Order{Run: "testrun000000000", Inputs: map[string]any{}, Program: p}
			if v, err := r.Start(b.Context(), o, engine.Following{}); err != nil || len(v.Waits) != 1 {
				b.Fatal(v.Status, v.Failure, v.Waits, err)
			}
			record, _ := recordIn(b, r, o.Run)
			data, err := json.Marshal(record)
			must(b, err)
			entries := float64(len(record.Entries))
			var programs local.Programs
			programs.Keep(p)
			measure := func(name string, read func() (engine.View, error)) {
				b.Run(name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if v, err := read(); err != nil || len(v.Questions) != 1 {
							b.Fatal(v.Status, v.Questions, v.Trouble, err)
						}
					}
					b.ReportMetric(entries, "entries")
				})
			}
			measure("journal", func() (engine.View, error) { return r.Read(b.Context(), o.Run) })
			measure("record", func() (engine.View, error) { return openRecord(record, registry, &programs).Read(b.Context()) })
			measure("compile", func() (engine.View, error) {
				return openRecord(record, registry, &local.Programs{}).Read(b.Context())
			})
			measure("json", func() (engine.View, error) {
				var read Record
				if err := json.Unmarshal(data, &read); err != nil {
					return engine.View{}, err
				}
				return openRecord(read, registry, &programs).Read(b.Context())
			})
			b.Run("pack", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := json.Marshal(record); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(len(plain(b, record)))/1024, "KiB-plain")
				b.ReportMetric(float64(len(data))/1024, "KiB-packed")
			})
		})
	}
}
