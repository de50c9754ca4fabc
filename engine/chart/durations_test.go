package chart

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/hosttest"
	"errand/engine/program"
)

// ended returns a run of some steps, each with its key, its status and its time.
func ended(name string, started time.Time, steps ...any) engine.View {
	v := run("w", engine.Succeeded, started)
	v.Run = name
	after := time.Duration(0)
	for i := 0; i < len(steps); i += 3 {
		took := steps[i+2].(time.Duration)
		step(&v, steps[i].(string), steps[i+1].(engine.StepStatus), after, took)
		after += took
	}
	return v
}

func keys(all []StepDurations) (keys []string) {
	for _, s := range all {
		keys = append(keys, fmt.Sprintf("%s×%d", s.Step, len(s.Executions)))
	}
	return keys
}

var noon = time.Date(2026, 10, 25, 12, 0, 0, 0, time.UTC)

func TestDurationsOfEndedRuns(t *testing.T) {
	open := ended("open", noon, "a", engine.StepSucceeded, time.Second)
	open.Ended = time.Time{}
	pruned := ended("pruned", noon)
	pruned.Pruned = noon
	views := []engine.View{
		open, pruned,
		ended("all", noon,
			"a", engine.StepSucceeded, time.Second,
			"b", engine.StepSkipped, time.Duration(0),
			"c", engine.StepFailed, time.Second,
			"d", engine.StepCancelled, time.Second,
			"e", engine.StepUncertain, time.Second,
			"f", engine.StepRunning, time.Second,
			"g", engine.StepWaiting, time.Second),
	}
	if got := keys(NewDurations(views)); !slices.Equal(got, []string{"a×1", "c×1"}) {
		t.Errorf("%s", got)
	}
	if got := NewDurations(nil); got != nil {
		t.Errorf("there are %s", keys(got))
	}
}

// Steps have the order in which they start, also those that only some runs reach.
func TestOrderOfSteps(t *testing.T) {
	const ok = engine.StepSucceeded
	of := func(steps ...string) engine.View {
		var all []any
		for _, s := range steps {
			all = append(all, s, ok, time.Second)
		}
		return ended("r", noon, all...)
	}
	cases := []struct {
		name  string
		views []engine.View
		want  string
	}{
		{"one after another", []engine.View{of("a", "b"), of("a", "b", "c")}, "a b c"},
		{"in the middle", []engine.View{of("a", "d"), of("a", "b", "c", "d")}, "a b c d"},
		{"at the beginning", []engine.View{of("b"), of("a", "b")}, "a b"},
		{"one of two", []engine.View{of("a", "b", "d"), of("a", "c", "d")}, "a c b d"},
		{"items", []engine.View{of("f[0].a", "f[0].b", "f[1].a", "f[1].b", "z"), of("f[0].a", "f[0].x", "f[1].a", "f[1].b")}, "f[].a f[].x f[].b z"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, s := range NewDurations(c.views) {
				got = append(got, string(s.Step))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s, not %s", got, c.want)
			}
		})
	}
}

// All items of a loop are one step. The program tells steps without ids apart.
func TestItemsAreOneStep(t *testing.T) {
	source := []byte(`workflow: w
steps:
  - steps:
      - task: stub.pure
        with: {text: a}
  - steps:
      - task: stub.pure
        with: {text: a}
  - id: fleet
    for_each: [a, b]
    as: server
    steps:
      - id: restart
        task: stub.pure
        with: {text: a}
`)
	p, problems := program.Loader{Registry: hosttest.Registry(func() {})}.Load("w.yaml", source)
	if diag.HasErrors(problems) {
		t.Fatal(problems)
	}
	const ok = engine.StepSucceeded
	v := ended("r", noon,
		"steps[0].steps[0]", ok, time.Second,
		"steps[1].steps[0]", ok, time.Second,
		"fleet[0].restart", ok, time.Second,
		"fleet[11].restart", engine.StepFailed, time.Second,
		"fleet[2].of_another_version", ok, time.Second)
	listed := []string{"steps[].steps[0]×2", "fleet[].restart×2", "fleet[].of_another_version×1"}
	if got := keys(NewDurations([]engine.View{v})); !slices.Equal(got, listed) {
		t.Errorf("without a program they are %s, not %s", got, listed)
	}
	with := v
	with.Program = p
	read := []string{"steps[0].steps[0]×2", "steps[1].steps[0]×2", "fleet[].restart×4", "fleet[].of_another_version×2"}
	if got := keys(NewDurations([]engine.View{v, with})); !slices.Equal(got, read) {
		t.Errorf("with a program they are %s, not %s", got, read)
	}
}

// The order of the runs does not matter.
func TestOrderOfRuns(t *testing.T) {
	views := autumn()
	want := NewDurations(views)
	random := rand.New(rand.NewPCG(1, 2))
	for range 5 {
		random.Shuffle(len(views), func(i, j int) { views[i], views[j] = views[j], views[i] })
		got := NewDurations(views)
		for _, s := range want {
			at := slices.IndexFunc(got, func(other StepDurations) bool { return other.Step == s.Step })
			if !slices.Equal(got[at].Executions, s.Executions) || got[at].Words() != s.Words() {
				t.Errorf("%s differs: %s, not %s", s.Step, got[at].Words(), s.Words())
			}
		}
	}
	for _, s := range want {
		if !slices.IsSortedFunc(s.Executions, func(a, b Execution) int { return a.Started.Compare(b.Started) }) {
			t.Errorf("the executions of %s are not in the order of their start", s.Step)
		}
	}
}

func TestDurationWords(t *testing.T) {
	const ok, failed = engine.StepSucceeded, engine.StepFailed
	seconds := func(status engine.StepStatus, all ...int) (steps []any) {
		for _, s := range all {
			steps = append(steps, "a", status, time.Duration(s)*time.Second)
		}
		return steps
	}
	cases := []struct {
		name  string
		steps []any
		want  string
	}{
		{"one", seconds(ok, 14), "1 execution, 14 s"},
		{"one that failed", seconds(failed, 14), "1 execution, 14 s, failed"},
		{"two", seconds(ok, 10, 13), "median 12 s, longest 13 s, last 13 s"},
		{"nine", seconds(ok, 9, 8, 7, 6, 5, 4, 3, 2, 1), "median 5 s, longest 9 s, last 1 s"},
		{"ten", seconds(ok, 100, 40, 12, 12, 12, 12, 12, 12, 12, 14), "median 12 s, 9 of 10 within 40 s, last 14 s"},
		{"eleven", seconds(ok, 100, 40, 12, 12, 12, 12, 12, 12, 12, 12, 14), "median 12 s, 9 of 10 within 40 s, last 14 s"},
		{"some failed", append(seconds(failed, 1, 2), seconds(ok, 3)...), "median 2 s, longest 3 s, last 3 s, 2 of 3 failed"},
		{"the last failed", append(seconds(ok, 1, 2), seconds(failed, 3)...), "median 2 s, longest 3 s, last 3 s (failed), 1 of 3 failed"},
		{"no time at all", seconds(ok, 0, 0), "2 executions, each less than 1 ms"},
		{"a clock that was set back", seconds(ok, -100, 2, 2), "median 2 s, longest 2 s, last 2 s"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := ended("r", noon, c.steps...)
			for i := range v.Steps { // in this order, also if they took no time
				s := &v.Steps[i]
				took := s.Ended.Sub(s.Started)
				s.Started = noon.Add(time.Duration(i) * time.Minute)
				s.Ended = s.Started.Add(took)
			}
			if got := NewDurations([]engine.View{v})[0].Words(); got != c.want {
				t.Errorf("%q, not %q", got, c.want)
			}
		})
	}
}

// Of 5,000 runs the picture has the last 40 executions, and the words have all.
func TestDurationsOfManyRuns(t *testing.T) {
	var views []engine.View
	for i := range 5000 {
		status := engine.StepSucceeded
		if i < 4000 || i%10 == 0 {
			status = engine.StepFailed
		}
		views = append(views, ended(fmt.Sprint(i), noon.Add(time.Duration(i)*time.Minute), "a", status, time.Duration(i)*time.Second))
	}
	s := NewDurations(views)[0]
	if want := "median 41 min 40 s, 9 of 10 within 1 h 15 min, last 1 h 23 min, 4100 of 5000 failed"; s.Words() != want {
		t.Errorf("%q, not %q", s.Words(), want)
	}
	made := s.SVG()
	checkSVG(t, made)
	if got := strings.Count(string(made), "L"); got != 39 {
		t.Errorf("the line has %d parts, not 39", got)
	}
	if got := len(lines(made, `<path class="failed"`)); got != 4 {
		t.Errorf("there are %d crosses, not 4", got)
	}
	if got := lines(made, "<desc>"); !strings.Contains(got[0], "The last 40 of 5000 executions") {
		t.Errorf("the description is %s", got)
	}
}

func TestSpanWords(t *testing.T) {
	cases := map[string]string{
		"-1s": "less than 1 ms", "0s": "less than 1 ms", "999µs": "less than 1 ms", "1ms": "1 ms", "1499µs": "1 ms", "999.4ms": "999 ms",
		"999.5ms": "1 s", "1s": "1 s", "1.44s": "1.4 s", "1.95s": "2 s", "9.94s": "9.9 s", "9.95s": "10 s", "10.4s": "10 s", "59.4s": "59 s",
		"59.5s": "1 min", "60s": "1 min", "61s": "1 min 1 s", "3m20s": "3 min 20 s", "59m59.4s": "59 min 59 s", "59m59.5s": "1 h",
		"2h5m29s": "2 h 5 min", "2h5m30s": "2 h 6 min", "47h59m29s": "47 h 59 min", "47h59m30s": "2 d", "76h29m": "3 d 4 h", "76h31m": "3 d 5 h",
		"2562047h47m16.854775807s": "106751 d 23 h",
	}
	for text, want := range cases {
		d, err := time.ParseDuration(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := spanWords(d); got != want {
			t.Errorf("%s is %q, not %q", text, got, want)
		}
	}
}
