package definition

import "testing"

func BenchmarkParse(b *testing.B) {
	source := read(b, "testdata/ok/everything.yaml")
	b.SetBytes(int64(len(source)))
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := Parse("everything.yaml", source); len(problems) > 0 {
			b.Fatal(problems[0])
		}
	}
}
