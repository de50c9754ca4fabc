package golden

import (
	"strconv"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/schema"
)

// A Mutant is one change to a definition that alters what the definition does.
type Mutant struct {
	Line int
	What string // the change in words, such as "step close is removed"
	fix  diag.Fix
}

// apply makes the change to a text.
func (m Mutant) apply(text []byte) ([]byte, bool) { return m.fix.Apply(text) }

// mutants lists the changes to a definition. A change removes whole lines, exchanges two
// neighbouring steps, makes a condition always hold, negates it, makes a reference name another
// value of the same type, or changes a literal or a limit. Text that cannot be changed without
// touching its surroundings has no mutants.
func mutants(p *program.Program) []Mutant {
	text := p.Own()
	d, _ := definition.Parse(p.File, text)
	b := &mutator{text: text, lines: linesOf(text), program: p, steps: map[string]*program.Step{}}
	for s := range p.Places() {
		b.steps[s.ID] = s.Step
	}
	for _, declared := range d.Inputs {
		for in := range declared.Within() {
			if in.Default != nil {
				b.value(*in.Default)
			}
		}
	}
	for _, key := range []string{"credentials", "defaults", "timeout", "on_failure", "finally"} {
		b.key(b.keyWithin(1, 0, key), key, "the workflow's "+key+" is removed")
	}
	for _, list := range [][]*definition.Step{d.Steps, d.OnFailure, d.Finally} {
		b.exchanges(list)
	}
	for s := range d.AllSteps() {
		b.step(s)
		for _, list := range s.Lists() {
			b.exchanges(list)
		}
	}
	for _, e := range d.Outputs {
		b.entry("output", e)
	}
	return b.made
}

// A mutator makes the mutants of one text.
type mutator struct {
	text    []byte
	lines   []string
	program *program.Program
	steps   map[string]*program.Step // by id
	made    []Mutant
}

func (b *mutator) add(at diag.Range, with, what string) {
	if with != b.raw(at) {
		b.made = append(b.made, Mutant{Line: at.Start.Line, What: what, fix: diag.Fix{Range: at, Text: with}})
	}
}

// raw returns the text in a range.
func (b *mutator) raw(at diag.Range) string {
	from, _ := diag.Offset(b.text, at.Start)
	to, _ := diag.Offset(b.text, at.End)
	return string(b.text[from:to])
}

func (b *mutator) step(s *definition.Step) {
	key := s.Key()
	b.item(s.Range.Start.Line, "step "+key+" is removed")
	if s.If != nil {
		b.condition(s.If, "the `if` of step "+key)
	}
	for _, name := range []string{"retry", "timeout", "on_failure", "undo", "credential", "limit", "else"} {
		b.key(b.keyOf(s, name), name, "the "+name+" of step "+key+" is removed")
	}
	switch f := s.Form.(type) {
	case *definition.Task:
		b.entries("parameter", f.With)
		if f.Until != nil {
			b.condition(f.Until, "the `until` of step "+key)
		}
		b.duration(f.Every, "every", key)
		b.duration(f.For, "for", key)
	case *definition.Subworkflow:
		b.entries("parameter", f.With)
	case *definition.ForEach:
		b.value(f.List)
		b.limit(s, f)
	case *definition.Switch:
		for i, c := range f.Cases {
			b.condition(c.If, "case "+strconv.Itoa(i+1)+" of step "+key)
			b.item(c.Range.Start.Line, "case "+strconv.Itoa(i+1)+" of step "+key+" is removed")
		}
	case *definition.Approval:
		b.value(f.Ask)
		b.approval(f, key)
	case *definition.Fail:
		b.value(f.Message)
		if f.Code.Given() {
			b.add(f.Code.Range, "other_"+f.Code.Value, "the code of step "+key+" is another")
		}
	}
}

func (b *mutator) approval(a *definition.Approval, key string) {
	for _, by := range a.By {
		b.add(by.Range, "nobody", schema.Show(by.Value)+" may not decide on step "+key)
	}
	b.duration(a.Within, "within", key)
	others := map[string]string{
		program.OtherwiseApprove: program.OtherwiseReject, program.OtherwiseReject: program.OtherwiseApprove,
		program.OtherwiseFail: program.OtherwiseApprove,
	}
	if other := others[a.Otherwise.Value]; a.Otherwise.Given() && other != "" {
		b.add(a.Otherwise.Range, other, "otherwise of step "+key+" is "+other)
	}
}

// limit lets a loop take one more item at a time.
func (b *mutator) limit(s *definition.Step, f *definition.ForEach) {
	line := b.keyOf(s, "limit")
	if f.Limit == nil || line == 0 {
		return
	}
	at := strings.Index(b.lines[line-1], ":") + 1
	digits := strconv.Itoa(*f.Limit)
	in := strings.Index(b.lines[line-1][at:], digits)
	if in < 0 {
		return
	}
	from := diag.Position{Line: line, Column: at + in + 1}
	to := diag.Position{Line: line, Column: from.Column + len(digits)}
	b.add(diag.Range{Start: from, End: to}, strconv.Itoa(*f.Limit+1), "the limit of step "+s.Key()+" is "+strconv.Itoa(*f.Limit+1))
}

// duration sets a duration to seven seconds.
func (b *mutator) duration(d *definition.Duration, what, key string) {
	if d != nil {
		b.add(d.Range, "7s", "`"+what+"` of step "+key+" is 7s")
	}
}
