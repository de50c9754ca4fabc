package golden

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/pattern"
	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
)

// A checker compares the steps and the parameters that a case names with those of its program.
type checker struct {
	of       *Case
	program  *program.Program
	registry *task.Registry
	places   []program.Place
	faults   []placedFault
}

type placedFault struct {
	offset int
	in     string // the part
	error
}

// check reports what a case names and its program does not have, such as a step.
func (c *Case) check(p *program.Program, registry *task.Registry) error {
	k := &checker{of: c, program: p, registry: registry, places: slices.Collect(p.AllPlaces())}
	for _, key := range slices.Sorted(maps.Keys(c.Decisions)) {
		k.decision(key, c.Decisions[key])
	}
	if c.Expect != nil {
		k.expect(c.Expect)
	}
	for i, m := range c.mocks {
		k.mock(c.answers, strconv.Itoa(i), m)
	}
	slices.SortStableFunc(k.faults, func(a, b placedFault) int { return cmp.Or(cmp.Compare(a.in, b.in), cmp.Compare(a.offset, b.offset)) })
	var faults []error
	for _, f := range k.faults {
		faults = append(faults, f.error)
	}
	return errors.Join(faults...)
}

func (k *checker) fault(in part, path []string, format string, args ...any) {
	at := in.at(path...)
	k.faults = append(k.faults, placedFault{at, in.name, in.fault(at, format, args...)})
}

// expect checks the names in what a case expects.
func (k *checker) expect(e *Expect) {
	for _, key := range slices.Sorted(maps.Keys(e.Steps)) {
		k.step(k.of.about, key, "expect", "steps", key)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Outputs)) {
		k.output(name, "expect", "outputs", name)
	}
	if e.Failure == nil || e.Failure.Step == "" {
		return
	}
	if output, of := strings.CutPrefix(e.Failure.Step, engine.OutputStep); of {
		k.output(output, "expect", "failure", "step")
	} else {
		k.step(k.of.about, e.Failure.Step, "expect", "failure", "step")
	}
}

// output checks the name of an output of the workflow.
func (k *checker) output(name string, path ...string) {
	names := make([]string, len(k.program.Outputs))
	for i, o := range k.program.Outputs {
		names[i] = o.Name
	}
	if !slices.Contains(names, name) {
		k.fault(k.of.about, path, "%s", helped(fmt.Sprintf("%s has no output %s", k.program.Name, schema.Show(name)), diag.DidYouMean(name, names)))
	}
}

// step returns the step with a key, or nil and adds a problem. The key in a mock may be a pattern.
func (k *checker) step(in part, key string, path ...string) *program.Step {
	item, one := "[0]", key // the item whose steps are proposed, and the key of one step
	if in.name == mocksFile {
		item, one = "[]", strings.ReplaceAll(key, "[]", "[0]")
	}
	if named := itemOf.Regexp().FindString(key); named != "" {
		item = named
	}
	for _, place := range k.places {
		if place.Key.Matches(program.Key(one)) {
			return place.Step
		}
	}
	k.fault(in, path, "%s", helped(fmt.Sprintf("there is no step %s in %s", schema.Show(key), k.program.Name), k.meant(key, item, path[0] == "decisions")))
	return nil
}

// itemOf matches an item of a loop in a key.
var itemOf = pattern.New(`\[[0-9]+\]`)

// meant returns the help for a key that no step has. It proposes steps of an item. For a decision it
// prefers the steps that ask.
func (k *checker) meant(key, item string, decision bool) string {
	var keys, asking []string
	for _, place := range k.places {
		proposed := strings.ReplaceAll(string(place.Key), "[]", item)
		if string(place.Key) == key {
			return "name one item: " + schema.Show(proposed)
		}
		if place.Step.Key == key {
			return "write its whole key: " + schema.Show(proposed)
		}
		keys = append(keys, proposed)
		if _, asks := place.Action.(*program.Approval); asks {
			asking = append(asking, proposed)
		}
	}
	if decision && diag.Nearest(key, keys) == "" && len(asking) > 0 {
		return "the approvals are " + strings.Join(asking, ", ")
	}
	return diag.DidYouMean(key, keys)
}

// decision checks the decisions on a step.
func (k *checker) decision(key string, first Decision) {
	path := []string{"decisions", key}
	s := k.step(k.of.about, key, path...)
	if s == nil {
		return
	}
	question, on := engine.Question{}, "an approval"
	if _, approves := s.Action.(*program.Approval); !approves {
		if _, calls := s.Action.(*program.Task); !calls {
			k.fault(k.of.about, path, "step %s asks nobody, because it is of the form %s; a decision is for an approval, or for a task whose outcome is unknown", schema.Show(key), s.Form())
			return
		}
		question.Failure, on = &task.Failure{}, "a step whose outcome is unknown"
	}
	verdicts := vocabulary{"a verdict on " + on, textsOf(engine.VerdictsOn(question)...)}
	k.verdict(first, verdicts, path)
	for i, later := range first.Then {
		at := append(slices.Clone(path), "then", strconv.Itoa(i))
		k.verdict(later, verdicts, at)
		if later.Then != nil {
			k.fault(k.of.about, append(at, "then"), "a decision in \"then\" has no \"then\": write the next decision after it in the same list")
		}
	}
}

func (k *checker) verdict(d Decision, verdicts vocabulary, path []string) {
	if d.Verdict == "" {
		k.fault(k.of.about, path, "the decision has no verdict; write one of %s", strings.Join(verdicts.words, ", "))
	} else if wrong := verdicts.refuse(string(d.Verdict)); wrong != "" {
		k.fault(k.of.about, append(slices.Clone(path), "verdict"), "verdict: %s", wrong)
	}
}

// mock checks the step and the parameters that a mock names.
func (k *checker) mock(in part, item string, m *Mock) {
	t, known := k.registry.Lookup(m.Task)
	if m.Step != "" {
		s := k.step(in, string(m.Step), item, "step")
		if s == nil {
			return
		}
		a, calls := s.Action.(*program.Task)
		switch {
		case !calls:
			k.fault(in, []string{item, "step"}, "step %s calls no task, so it needs no mock", schema.Show(string(m.Step)))
			return
		case known && a.Type.Name != t.Name:
			k.fault(in, []string{item, "task"}, "step %s calls %s, and not %s", schema.Show(string(m.Step)), a.Type.Name, t.Name)
			return
		}
		t = a.Type
	}
	for _, name := range slices.Sorted(maps.Keys(m.With)) {
		if _, has := t.Input.Field(name); has || t.Input.AllowsMore() {
			continue
		}
		message := fmt.Sprintf("%s has no parameter %s", t.Name, schema.Show(name))
		k.fault(in, []string{item, "with", name}, "%s", helped(message, diag.DidYouMean(name, t.Input.FieldNames())))
	}
}

// unused lists the decisions of a case that no question needed.
func (s *setup) unused() []string {
	var wrong []string
	for _, key := range slices.Sorted(maps.Keys(s.of.Decisions)) {
		asked, decided := s.asked[key].times, 1+len(s.of.Decisions[key].Then)
		if asked >= decided {
			continue
		}
		path, what := []string{"decisions", key}, fmt.Sprintf("the decision on step %s was not needed: the step did not ask", key)
		if asked > 0 {
			path = append(path, "then", strconv.Itoa(asked-1))
			what = fmt.Sprintf("decision %d on step %s was not needed: the step asked %s", asked+1, key, times(asked))
		}
		wrong = append(wrong, s.of.about.fault(s.of.about.at(path...), "%s", what).Error())
	}
	return wrong
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
