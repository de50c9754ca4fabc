package golden_test

import (
	"strings"
	"testing"

	"errand/engine/golden"
	"errand/engine/hosttest"
	"errand/engine/sample"
)

// What cases reach of a definition follows from the data of events, never from their texts.
func TestCoverageDoesNotDependOnTexts(t *testing.T) {
	cases := suite(t)
	with := bench().RunAll(t.Context(), cases)
	without := bench().Wrap(hosttest.Wordless).RunAll(t.Context(), cases)
	reached := 0
	for i, c := range cases {
		if with[i].Err != nil || without[i].Err != nil {
			t.Fatalf("%s: %v, %v", c.File, with[i].Err, without[i].Err)
		}
		if first := without[i].Outcome.Events[0]; first.Name != "x" {
			t.Fatalf("%s: the events still have their texts, such as %q", c.File, first.Name)
		}
		p := with[i].Outcome.Program
		want, got := golden.NewCoverage(p), golden.NewCoverage(p)
		want.Add(with[i].Outcome.Events)
		got.Add(without[i].Outcome.Events)
		for n, point := range want.Points {
			if point.Reached {
				reached++
			}
			if got.Points[n].Reached != point.Reached {
				t.Errorf("%s: %s: %s: reached %v with texts, %v without", c.File, point.Step, point.Missing, point.Reached, got.Points[n].Reached)
			}
		}
	}
	if reached < 5*len(cases) {
		t.Errorf("%d cases reach only %d points", len(cases), reached)
	}
}

// What crashes show follows from the data of events, never from their texts.
func TestCrashesDoNotDependOnTexts(t *testing.T) {
	some := bench().Choose(sample.Of(t, "crashes", 20).Choose)
	for _, c := range suite(t) {
		sameCrashes(t, some, c)
	}
}

// A task that breaks its promise is found as often without texts.
func TestBrokenPromisesDoNotDependOnTexts(t *testing.T) {
	for _, p := range promises {
		c, err := golden.Parse("two.txtar", []byte(twoTickets))
		if err != nil {
			t.Fatal(err)
		}
		sameCrashes(t, p.bench(), c)
	}
}

// sameCrashes checks that crashes show the same with and without texts.
func sameCrashes(t *testing.T, b golden.Bench, c *golden.Case) {
	t.Helper()
	want, err := b.CrashEverywhere(t.Context(), c)
	if err != nil {
		t.Fatalf("%s: %v", c.File, err)
	}
	got, err := b.Wrap(hosttest.Wordless).CrashEverywhere(t.Context(), c)
	if err != nil {
		t.Fatalf("%s: %v", c.File, err)
	}
	if got.Points != want.Points || got.Doubts != want.Doubts || len(got.Wrong) != len(want.Wrong) {
		t.Errorf("%s: %d points, %d doubts, %d wrong with texts; %d, %d, %d without: %s", c.File,
			want.Points, want.Doubts, len(want.Wrong), got.Points, got.Doubts, len(got.Wrong), strings.Join(got.Wrong, "\n"))
	}
}
