package journal

import (
	"testing"
	"time"
)

// BenchmarkCountEnded counts 100,000 runs that have ended, of five workflows. The floor counts the
// entries of the same index, ungrouped.
func BenchmarkCountEnded(b *testing.B) {
	const runs = 100_000
	s, err := Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.writer.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO runs (id, version, workflow, request, started_by, file, status, ended, next, holder, cancel)
		SELECT 'run' || i, 3, 'workflow-' || (i % 5), '', 'desk', 'w.yaml', CASE i % 10 WHEN 0 THEN 'failed' ELSE 'succeeded' END, i, 6, '', 0 FROM n`, runs); err != nil {
		b.Fatal(err)
	}
	var floor time.Duration
	for b.Loop() {
		counts, err := s.CountEnded(b.Context())
		if err != nil || len(counts) == 0 {
			b.Fatal(counts, err)
		}
		b.StopTimer()
		begun, n := time.Now(), 0
		rows, err := s.reader.query(`SELECT count(*) FROM runs INDEXED BY runs_ended WHERE ended IS NOT NULL AND pruned IS NULL`)
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
			err = rows.Scan(&n)
		}
		_ = rows.Close()
		floor += time.Since(begun)
		if err != nil || n != runs {
			b.Fatal(n, err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(floor.Microseconds())/1000/float64(b.N), "floor-ms")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/op")
}
