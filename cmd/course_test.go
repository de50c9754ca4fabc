package cmd_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// parts returns the number of commands that a run needs. Part 0 is the command that starts the run,
// and each later part is the command for one decision of a person.
func (w workflow) parts() int { return 1 + len(w.decides) }

func (w workflow) part(i int) []string {
	if i == 0 {
		return w.run()
	}
	return []string{"runs", "approve", "100-291", w.decides[i-1], "--approve", "-o", "json"}
}

// point returns the name of a point in a part.
func (w workflow) point(part int, text string) string {
	if part == 0 {
		return text
	}
	return w.decides[part-1] + " " + text
}

// title returns a name for the subtest of the workflow.
func (w workflow) title() string {
	title := strings.TrimSuffix(filepath.Base(w.name), ".yaml")
	if w.code != 0 {
		title += fmt.Sprintf(" that ends with %d", w.code)
	}
	return title
}

// runUpTo carries out all parts of a run before a part, without a disturbance.
func (s *scene) runUpTo(t *testing.T, w workflow, part int) {
	t.Helper()
	for i := range part {
		if o := s.errand(t, w.part(i)...); o.code != 4 {
			t.Fatalf("before part %d: exit code %d: %s%s", part, o.code, o.stdout, o.stderr)
		}
	}
}

// runUntilHeld carries out a run until the gate holds one of its requests. It returns the process
// that made the request, and the name of the request.
func (s *scene) runUntilHeld(t *testing.T, w workflow, g *gate) (*process, string) {
	t.Helper()
	for part := range w.parts() {
		p := s.start(t, w.part(part)...)
		select {
		case name := <-g.held:
			return p, name
		case <-p.over:
		}
	}
	t.Fatal("the run ended before a request was held")
	return nil, ""
}

// waitUntilParked waits until the run has no holder and waits for more than a minute. It returns
// false if the process ends before that.
func (s *scene) waitUntilParked(t *testing.T, p *process) bool {
	t.Helper()
	store, err := journal.Open(t.Context(), s.home)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	for {
		runs, err := store.List(t.Context(), journal.Query{Due: time.Now().Add(24 * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		if len(runs) == 1 && runs[0].Holder == "" && time.Until(runs[0].Wake) > time.Minute {
			return true
		}
		select {
		case <-p.over:
			return false
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// finish continues a run until it ends: it approves what is asked, and lets the judge decide about
// uncertain steps. It returns how the last process ended, and the steps that were uncertain.
func (s *scene) finish(t *testing.T, w workflow, o outcome) (_ outcome, doubts []string) {
	t.Helper()
	for decided := 0; o.code == 4; decided++ {
		if decided > 2*(len(w.decides)+len(w.reboots)) {
			t.Fatalf("the run does not end: %s%s", o.stdout, o.stderr)
		}
		if result := o.result(t); result.Status == engine.Uncertain {
			doubts = append(doubts, result.Failure.Step)
			o = s.judge(t, w, o)
			continue
		}
		o = s.errand(t, w.part(1+w.asks(t, o))...)
	}
	return o, doubts
}

// asks returns the index of the first approval that the run waits for.
func (w workflow) asks(t *testing.T, o outcome) int {
	t.Helper()
	steps := o.result(t).Steps
	at := slices.IndexFunc(w.decides, func(id string) bool {
		return slices.ContainsFunc(steps, func(s engine.StepResult) bool { return s.ID == id && s.Status == engine.StepWaiting })
	})
	if at < 0 {
		t.Fatalf("the run waits for none of %q: %s%s", w.decides, o.stdout, o.stderr)
	}
	return at
}

// judge decides about an uncertain reboot. EC2 can neither repeat a reboot safely nor report
// whether it took place, but the sandbox counts reboots. judge returns the outcome of the process
// that resolved the step.
func (s *scene) judge(t *testing.T, w workflow, o outcome) outcome {
	t.Helper()
	step := o.result(t).Failure.Step
	if w.reboots[step] == "" {
		t.Fatalf("unexpected uncertain step %s: %s", step, o.stdout)
	}
	verdict := "--retry"
	for _, i := range s.state(t).Instances {
		if i.ID == w.reboots[step] && i.Reboots > 0 {
			verdict = "--done"
		}
	}
	return s.errand(t, "runs", "resolve", "100-291", step, verdict, "-o", "json")
}
