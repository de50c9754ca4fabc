package plan

import (
	"fmt"
	"slices"
	"strings"

	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/schema"
)

// Text returns the plan for people.
func (p *Plan) Text() string {
	t := &text{}
	t.line(0, strings.TrimSuffix(p.Workflow+": "+p.Title, ": "))
	t.line(2, p.about())
	t.line(0, "")
	t.line(0, "steps")
	t.measure(2, p.Steps)
	t.steps(2, p.Steps)
	t.ways(p)
	t.section("if the run fails", p.OnFailure)
	t.section("always, at the end", p.Finally)
	t.undoSection()
	for len(t.later) > 0 {
		first := t.later[0]
		t.later = t.later[1:]
		t.section(first.heading, first.steps)
	}
	t.outputs(p.Outputs)
	t.effects(p.Effects)
	t.needs(p.Needs)
	return t.String()
}

func (p *Plan) about() string {
	about := "nothing was called"
	if p.Read {
		about = "systems were read and asked, and nothing was changed"
	}
	if p.Request != "" {
		about = "for request " + p.Request + "; " + about
	}
	return about
}

// A text is a plan that is written line by line.
type text struct {
	strings.Builder
	id, task int          // widths of the columns
	undo     []Step       // steps that are undone if the run fails later
	later    []laterSteps // lists that follow the steps
}

// A laterSteps is a list of steps that run only after a failure, or at the end.
type laterSteps struct {
	heading string
	steps   []Step
}

func (t *text) line(indent int, words string) {
	t.WriteString(strings.TrimRight(strings.Repeat(" ", indent)+diag.Printable(words), " ") + "\n")
}

// ways writes what applies to all steps.
func (t *text) ways(p *Plan) {
	calls := false
	p.each(func(s *Step) { calls = calls || s.Credential != "" && s.Retry == nil })
	if !calls && p.Timeout == "" && p.Concurrency == nil {
		return
	}
	t.line(0, "")
	if calls {
		t.line(2, "a call with a transient failure is "+usualRetry()+", unless its step says otherwise")
	}
	if p.Timeout != "" {
		t.line(2, "all steps together may take "+p.Timeout)
	}
	if p.Concurrency != nil {
		t.line(2, keyText(p.Concurrency))
	}
}

func (t *text) section(heading string, steps []Step) {
	if len(steps) == 0 {
		return
	}
	t.line(0, "")
	t.line(0, heading)
	t.id, t.task = 0, 0
	t.measure(2, steps)
	t.steps(2, steps)
}

func (t *text) undoSection() {
	if len(t.undo) == 0 {
		return
	}
	t.line(0, "")
	t.line(0, "undone if the run fails later, in reverse order")
	t.id, t.task = 0, 0
	for _, s := range t.undo {
		t.measure(4, s.Undo)
	}
	for _, s := range slices.Backward(t.undo) {
		t.line(2, s.Label)
		t.steps(4, s.Undo)
	}
}

func (t *text) outputs(outputs []Output) {
	if len(outputs) == 0 {
		return
	}
	t.line(0, "")
	t.line(0, "outputs")
	for _, o := range outputs {
		if o.Fault != "" {
			t.line(2, "cannot be computed: "+o.Fault)
			continue
		}
		t.value(2, o.Name, o.Value)
	}
}

// effects lists each change once.
func (t *text) effects(effects []Effect) {
	t.line(0, "")
	if len(effects) == 0 {
		t.line(0, "it changes nothing")
		return
	}
	t.line(0, "what it changes")
	seen := map[string]bool{}
	for _, e := range effects {
		words := fmt.Sprintf("%-8s  %s: %s", e.Verb, e.What, e.Done)
		if len(e.When) > 0 {
			words += ", if " + strings.Join(e.When, " and ")
		}
		if !seen[words] {
			t.line(2, words)
		}
		seen[words] = true
	}
}

func (t *text) needs(needs []Need) {
	if len(needs) == 0 {
		return
	}
	t.line(0, "")
	t.line(0, "permissions for every possible course of a run")
	for _, n := range needs {
		who := n.Title + ", credential " + n.Credential + ": "
		if n.Policy != nil {
			t.line(2, who+"a policy of AWS IAM")
			for line := range strings.Lines(n.Policy.String()) {
				t.line(4, strings.TrimSuffix(line, "\n"))
			}
		}
		if n.Policy == nil && len(n.Rights) == 0 {
			t.line(2, who+"the permissions of its user are not declared")
		}
		if len(n.Rights) > 0 {
			t.line(2, who+"its user may")
			for _, right := range n.Rights {
				t.line(4, right)
			}
		}
	}
}

// usualRetry returns the default retry in words.
func usualRetry() string {
	r := program.DefaultRetry
	return retryText(&Retry{Attempts: r.Attempts, Shortest: schema.FormatDuration(r.Shortest), Longest: schema.FormatDuration(r.Longest)})
}
