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

// A run may need more than one command: what a person must decide is a command of its own. These are the parts of its course, from 0,
// the first of which is the run itself.
func (w workflow) parts() int { return 1 + len(w.decides) }

func (w workflow) part(i int) []string {
	if i == 0 {
		return w.run()
	}
	return []string{"runs", "approve", "100-291", w.decides[i-1], "--approve", "--as", "operators", "-o", "json"}
}

// point names a point in a part.
func (w workflow) point(part int, text string) string {
	if part == 0 {
		return text
	}
	return w.decides[part-1] + " " + text
}

// title tells a workflow from the others.
func (w workflow) title() string {
	title := strings.TrimSuffix(filepath.Base(w.name), ".yaml")
	if w.code != 0 {
		title += fmt.Sprintf(" that ends with %d", w.code)
	}
	return title
}

// upTo carries a run on undisturbed, until the part is next.
func (s *scene) upTo(t *testing.T, w workflow, part int) {
	t.Helper()
	for i := range part {
		if o := s.errand(t, w.part(i)...); o.code != 4 {
			t.Fatalf("before part %d: exit code %d: %s%s", part, o.code, o.stdout, o.stderr)
		}
	}
}

// held carries a run on until a request of it is held at a gate, and returns the process that made it, and what it asks for.
func (s *scene) held(t *testing.T, w workflow, g *gate) (*process, string) {
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

// parked waits until the run of a process waits for something that takes long. It returns false if the process ends first.
func (s *scene) parked(t *testing.T, p *process) bool {
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

// finish goes on with a run until it has ended: what is asked is approved, and what is uncertain is decided by the judge. It returns how
// the last process ended, and the steps that were uncertain.
func (s *scene) finish(t *testing.T, w workflow, o outcome) (_ outcome, doubts []string) {
	t.Helper()
	for decided := 0; o.code == 4; decided++ {
		if decided > 2*(len(w.decides)+len(w.reboots)) {
			t.Fatalf("it never ends: %s%s", o.stdout, o.stderr)
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

// asks finds which of the approvals a run waits for, the first of those that it does.
func (w workflow) asks(t *testing.T, o outcome) int {
	t.Helper()
	steps := o.result(t).Steps
	at := slices.IndexFunc(w.decides, func(id string) bool {
		return slices.ContainsFunc(steps, func(s engine.StepResult) bool { return s.ID == id && s.Status == engine.StepWaiting })
	})
	if at < 0 {
		t.Fatalf("it waits for none of %q: %s%s", w.decides, o.stdout, o.stderr)
	}
	return at
}

// judge decides about a reboot of which nobody knows whether it was asked for: EC2 can be neither asked again nor asked about it, but the
// judge counts reboots. It returns how the run went on.
func (s *scene) judge(t *testing.T, w workflow, o outcome) outcome {
	t.Helper()
	step := o.result(t).Failure.Step
	if w.reboots[step] == "" {
		t.Fatalf("it is uncertain at %s: %s", step, o.stdout)
	}
	verdict := "--retry"
	for _, i := range s.state(t).Instances {
		if i.ID == w.reboots[step] && i.Reboots > 0 {
			verdict = "--done"
		}
	}
	return s.errand(t, "runs", "resolve", "100-291", step, verdict, "-o", "json")
}
