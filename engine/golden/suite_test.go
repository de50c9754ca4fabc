package golden_test

import (
	"os"
	"testing"

	"errand/engine/golden"
	"errand/engine/sample"
)

// suite reads the cases of the shipped workflows and of the examples.
func suite(t testing.TB) []*golden.Case {
	t.Helper()
	var all []*golden.Case
	for _, dir := range []string{"../../testdata/golden", "../../examples/workflows"} {
		found, err := golden.Find(dir)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d cases: %v", dir, len(found), err)
		}
		all = append(all, found...)
	}
	return all
}

// byWorkflow returns cases by their workflow.
func byWorkflow(all []*golden.Case) map[string][]*golden.Case {
	of := map[string][]*golden.Case{}
	for _, c := range all {
		of[c.Workflow] = append(of[c.Workflow], c)
	}
	return of
}

// A case has the same outcome, byte by byte, every time, and while other cases run.
func TestCasesAreTheSameEveryTime(t *testing.T) {
	all := suite(t)
	first := make([]golden.Outcome, len(all))
	for i, c := range all { // one after the other
		var err error
		if first[i], err = bench().Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	for range sample.Size(3, 10, 40) { // several at a time
		for i, v := range bench().RunAll(t.Context(), all) {
			if v.Err != nil || v.Outcome.Trace != first[i].Trace || v.Outcome.Afterwards != first[i].Afterwards {
				t.Fatalf("%s: %v\n%s\nand before it was\n%s", v.Case.File, v.Err, v.Outcome.Trace+v.Outcome.Afterwards, first[i].Trace+first[i].Afterwards)
			}
		}
	}
}

// The cases reach every point of their workflows.
func TestCasesReachEverything(t *testing.T) {
	for workflow, cases := range byWorkflow(suite(t)) {
		var c *golden.Coverage
		for _, v := range bench().RunAll(t.Context(), cases) {
			if !v.Passed() {
				t.Fatalf("%s: %v %v", v.Case.File, v.Err, v.Wrong)
			}
			if c == nil {
				c = golden.NewCoverage(v.Outcome.Program)
			}
			c.Add(v.Outcome.Events)
		}
		for _, p := range c.Points {
			if !p.Reached {
				t.Errorf("%s:%d: %s: %s", workflow, p.Line, p.Step, p.Missing)
			}
		}
		if _, all := c.Count(golden.Unknown); all == 0 {
			t.Errorf("%s: there is nothing whose outcome could be unknown", workflow)
		}
	}
}

// The cases notice at least 90 percent of the changes to their workflows.
func TestCasesNoticeChanges(t *testing.T) {
	for workflow, cases := range byWorkflow(suite(t)) {
		m, err := bench().Mutate(t.Context(), cases)
		if err != nil {
			t.Fatal(err)
		}
		if m.Share() < 100 || m.Noticed < 10 {
			t.Errorf("%s: %d changes are noticed, %d%%; not: %v", workflow, m.Noticed, m.Share(), m.Survived)
		}
	}
}

// One case does not notice changes to what it does not reach.
func TestOneCaseNoticesLess(t *testing.T) {
	for _, c := range suite(t) {
		if c.Workflow != "restart-fleet" || c.Name() != "nobody-decides" {
			continue
		}
		m, err := bench().Mutate(t.Context(), []*golden.Case{c})
		if err != nil {
			t.Fatal(err)
		}
		if m.Share() > 80 {
			t.Errorf("%d%% are noticed", m.Share())
		}
		for _, s := range m.Survived {
			if s.What == "the limit of step fleet is removed" {
				return
			}
		}
		t.Errorf("the limit's removal is noticed, and nothing was restarted: %v", m.Survived)
	}
}

// Wherever the process crashes, another process comes to the same outcome.
func TestCasesSurviveCrashes(t *testing.T) {
	points, doubts := 0, 0
	some := bench().Choose(sample.Of(t, "crashes", 6).Choose)
	for _, c := range suite(t) {
		all, err := some.CrashEverywhere(t.Context(), c)
		if err != nil {
			t.Fatalf("%s: %v", c.File, err)
		}
		points, doubts = points+all.Points, doubts+all.Doubts
		for _, wrong := range all.Wrong {
			t.Errorf("%s: %s", c.File, wrong)
		}
		if c.Workflow != "restart-instance" && c.Workflow != "restart-fleet" && all.Doubts > 0 {
			t.Errorf("%s: a person is asked after %d crashes", c.File, all.Doubts)
		}
	}
	if points < 100 {
		t.Errorf("only %d crashes", points)
	}
	t.Logf("%d crashes, a person is asked after %d", points, doubts)
}

// BenchmarkSuite runs the cases of the shipped workflows.
func BenchmarkSuite(b *testing.B) {
	cases := shipped(b)
	for b.Loop() {
		bench().RunAll(b.Context(), cases)
	}
	b.ReportMetric(float64(len(cases)), "cases")
}

// BenchmarkCrashEverywhere runs them with a crash at every point.
func BenchmarkCrashEverywhere(b *testing.B) {
	cases := shipped(b)
	points := 0
	for b.Loop() {
		points = 0
		for _, c := range cases {
			all, err := bench().CrashEverywhere(b.Context(), c)
			if err != nil {
				b.Fatal(err)
			}
			points += all.Points
		}
	}
	b.ReportMetric(float64(points), "crashes")
}

// BenchmarkReadSuite reads their documents: the floor of both.
func BenchmarkReadSuite(b *testing.B) {
	cases := shipped(b)
	for b.Loop() {
		for _, c := range cases {
			document, err := os.ReadFile(c.File)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := golden.Parse(c.File, document); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func shipped(b *testing.B) []*golden.Case {
	cases, err := golden.Find("../../testdata/golden")
	if err != nil || len(cases) == 0 {
		b.Fatalf("%d cases: %v", len(cases), err)
	}
	return cases
}
