package golden

import (
	"strings"
	"testing"

	"errand/tasks"
)

// withoutDoubt leaves out what a run that may crash leaves out of its messages (engine.Request.WithoutDoubt).
var withoutDoubt = strings.NewReplacer(
	"; an earlier attempt was not answered and may have taken effect", "",
	"; an attempt that was not answered may have taken effect", "",
)

// A run on the host of a virtual.Life that does not crash has the same events as a plain run.
func TestLivesWithoutACrash(t *testing.T) {
	b := Bench{Connectors: tasks.Connectors}
	tried := 0
	for _, dir := range []string{"../../testdata/golden", "../../examples/workflows", "testdata/crashes"} {
		cases, err := Find(dir)
		if err != nil || len(cases) == 0 {
			t.Fatalf("%s: %d cases: %v", dir, len(cases), err)
		}
		for _, c := range cases {
			tried++
			o, err := b.Run(t.Context(), c)
			if err != nil {
				t.Fatalf("%s: %v", c.File, err)
			}
			if dir == "testdata/crashes" {
				if wrong := c.Judge(o); len(wrong) > 0 {
					t.Errorf("%s: %v", c.File, wrong)
				}
			}
			plain := &crashRun{steps: map[string][]string{}}
			for _, e := range o.Events {
				plain.observe(c, e)
			}
			for _, lines := range plain.steps {
				for i := range lines {
					lines[i] = withoutDoubt.Replace(lines[i])
				}
			}
			one, err := b.runWithCrash(t.Context(), c, 0)
			if err != nil {
				t.Fatalf("%s: %v", c.File, err)
			}
			plain.afterwards = one.afterwards
			if wrong := one.compare(plain); wrong != "" {
				t.Errorf("%s: %s", c.File, wrong)
			}
			if dir != "testdata/crashes" {
				continue
			}
			all, err := b.CrashEverywhere(t.Context(), c)
			if err != nil || len(all.Wrong) > 0 || all.Points < 10 {
				t.Errorf("%s: %d crashes, wrong: %v, %v", c.File, all.Points, all.Wrong, err)
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d cases", tried)
	}
}
