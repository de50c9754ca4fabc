package golden

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/schema"
)

// A Mutant is a definition with one change that alters what it does.
type Mutant struct {
	Line int
	What string // was done, such as "step close is removed"
	fix  diag.Fix
}

// apply makes the change.
func (m Mutant) apply(text []byte) ([]byte, bool) { return m.fix.Apply(text) }

// mutants lists the changes to a definition: a step, a handler, a policy, a parameter or an output is left out, a condition always holds
// or is turned round, a reference leads to another value of the same type, a literal is another one.
func mutants(p *program.Program) []Mutant {
	text := p.Own()
	d, _ := definition.Parse(p.File, text)
	b := &breeder{text: text, program: p, steps: map[string]*program.Step{}}
	b.know(p.Steps)
	b.know(p.OnFailure)
	b.know(p.Finally)
	for s := range d.AllSteps() {
		b.step(s)
	}
	for _, e := range d.Outputs {
		b.entry("output", e)
	}
	for key, given := range map[string]bool{"on_failure": len(d.OnFailure) > 0, "finally": len(d.Finally) > 0} {
		if given {
			b.key(b.topLevel(key), key, "the workflow's "+key+" is removed")
		}
	}
	return b.made
}

// A breeder makes mutants of one text.
type breeder struct {
	text    []byte
	program *program.Program
	steps   map[string]*program.Step // by id
	made    []Mutant
}

func (b *breeder) know(steps []*program.Step) {
	for _, s := range steps {
		b.steps[s.ID] = s
		for _, list := range append(s.Lists(), s.OnFailure, s.Undo) {
			b.know(list)
		}
	}
}

func (b *breeder) add(at diag.Range, with, what string) {
	b.made = append(b.made, Mutant{Line: at.Start.Line, What: what, fix: diag.Fix{Range: at, Text: with}})
}

func (b *breeder) step(s *definition.Step) {
	key := s.Key()
	b.item(s.Range.Start.Line, "step "+key+" is removed")
	if s.If != nil {
		b.condition(s.If, "the `if` of step "+key)
	}
	for _, name := range []string{"retry", "timeout", "on_failure", "undo", "credential"} {
		if at := b.keyOf(s, name); at > 0 {
			b.key(at, name, "the "+name+" of step "+key+" is removed")
		}
	}
	switch f := s.Form.(type) {
	case *definition.Task:
		b.entries("parameter", f.With)
		if f.Until != nil {
			b.condition(f.Until, "the `until` of step "+key)
		}
	case *definition.Call:
		b.entries("parameter", f.With)
	case *definition.ForEach:
		b.value(f.List)
	case *definition.Switch:
		for i, c := range f.Cases {
			b.condition(c.If, "case "+strconv.Itoa(i+1)+" of step "+key)
			b.item(c.Range.Start.Line, "case "+strconv.Itoa(i+1)+" of step "+key+" is removed")
		}
		if at := b.keyOf(s, "else"); at > 0 {
			b.key(at, "else", "the else of step "+key+" is removed")
		}
	case *definition.Approval:
		b.value(f.Ask)
		b.otherwise(f, key)
	}
}

// condition makes an expression hold always, and turns it round.
func (b *breeder) condition(e *definition.Expression, what string) {
	b.add(e.Range, "true", what+" always holds")
	b.add(e.Range, "not ("+b.raw(e.Range)+")", what+" is turned round")
	b.references(e)
}

func (b *breeder) otherwise(a *definition.Approval, key string) {
	others := map[string]string{program.OtherwiseApprove: program.OtherwiseReject, program.OtherwiseReject: program.OtherwiseApprove, program.OtherwiseFail: program.OtherwiseApprove}
	if other := others[a.Otherwise.Value]; a.Otherwise.Given() && other != "" {
		b.add(a.Otherwise.Range, other, "otherwise of step "+key+" is "+other)
	}
}

func (b *breeder) entries(kind string, entries []definition.Entry) {
	for _, e := range entries {
		b.entry(kind, e)
	}
}

func (b *breeder) entry(kind string, e definition.Entry) {
	b.key(e.Key.Range.Start.Line, e.Key.Value, kind+" "+e.Key.Value+" is removed")
	b.value(e.Value)
}

// value changes a value: the references in it, or the literal that it is.
func (b *breeder) value(v definition.Value) {
	switch v.Kind {
	case schema.Object:
		b.entries("entry", v.Entries)
	case schema.List:
		for _, item := range v.Items {
			b.value(item)
		}
	case schema.Boolean:
		b.add(v.Range, strconv.FormatBool(v.Scalar != true), "a "+b.raw(v.Range)+" is turned round")
	case schema.Integer:
		b.add(v.Range, strconv.Itoa(v.Scalar.(int)+1), "the number "+b.raw(v.Range)+" is one more")
	case schema.String:
		for _, part := range v.Parts {
			if part.Expression != nil {
				b.references(part.Expression)
			}
		}
		b.literal(v)
	}
}

// literal changes a text where it begins with letters, and a duration to another.
func (b *breeder) literal(v definition.Value) {
	raw := b.raw(v.Range)
	if _, err := schema.ParseDuration(v.Text.Value); err == nil {
		b.add(v.Range, "7s", "the duration "+raw+" is 7s")
		return
	}
	begins := strings.TrimLeft(raw, `"'`)
	if len(v.Parts) == 0 || v.Parts[0].Expression != nil || begins == "" || !letter.MatchString(begins) {
		return
	}
	at := v.Range
	at.Start.Column += len(raw) - len(begins)
	at.End = at.Start
	b.add(at, "X", "the text "+schema.Show(v.Text.Value)+" begins with X")
}

var letter = regexp.MustCompile(`^[A-Za-z]`)

var reference = regexp.MustCompile(`\b(inputs\.|steps\.([a-z][a-z0-9_]*)\??\.)([a-z][a-z0-9_]*)`)

// references has each reference of an expression lead to the next value of the same type.
func (b *breeder) references(e *definition.Expression) {
	raw := b.raw(e.Range)
	for _, m := range reference.FindAllStringSubmatchIndex(raw, -1) {
		name := raw[m[6]:m[7]]
		of := b.program.Inputs
		if m[4] >= 0 {
			s := b.steps[raw[m[4]:m[5]]]
			if s == nil {
				continue
			}
			of = s.Outputs
		}
		if other := sibling(of, name); other != "" {
			changed := raw[:m[6]] + other + raw[m[7]:]
			b.add(e.Range, changed, raw[m[0]:m[1]]+" is "+raw[m[2]:m[3]]+other)
		}
	}
}

// sibling is another field of the same type: the next one, round the end; "" where there is none.
func sibling(of schema.Type, name string) string {
	mine, ok := of.Field(name)
	if !ok {
		return ""
	}
	after := false
	for range 2 {
		for _, f := range of.Fields {
			if f.Name == name {
				after = true
			} else if after && f.Type.Kind == mine.Type.Kind {
				return f.Name
			}
		}
	}
	return ""
}

func (b *breeder) raw(at diag.Range) string {
	from, _ := diag.Offset(b.text, at.Start)
	to, _ := diag.Offset(b.text, at.End)
	return string(b.text[from:to])
}

// item removes the entry of a list that begins on a line.
func (b *breeder) item(line int, what string) {
	lines := b.lines()
	if line < 1 || line > len(lines) || !strings.HasPrefix(strings.TrimLeft(lines[line-1], " "), "- ") {
		return
	}
	b.remove(line, what, func(indent, of int, text string) bool { return indent <= of })
}

// key removes a key, with what belongs to it, that stands first on a line.
func (b *breeder) key(line int, key, what string) {
	lines := b.lines()
	if line < 1 || line > len(lines) || !strings.HasPrefix(strings.TrimLeft(lines[line-1], " "), key+":") {
		return
	}
	b.remove(line, what, func(indent, of int, text string) bool {
		return indent < of || indent == of && !strings.HasPrefix(text, "- ")
	})
}

// remove removes lines up to the first that is outside.
func (b *breeder) remove(line int, what string, outside func(indent, of int, text string) bool) {
	lines := b.lines()
	of := indentOf(lines[line-1])
	end := line
	for end < len(lines) {
		text := strings.TrimSpace(lines[end])
		if text != "" && !strings.HasPrefix(text, "#") && outside(indentOf(lines[end]), of, text) {
			break
		}
		end++
	}
	at := diag.Range{Start: diag.Position{Line: line, Column: 1}, End: diag.Position{Line: end + 1, Column: 1}}
	if end == len(lines) {
		at.End = diag.Place(b.text, len(b.text))
	}
	b.add(at, "", what)
}

func (b *breeder) lines() []string {
	return strings.Split(strings.TrimSuffix(string(b.text), "\n"), "\n")
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// keyOf is the line on which a step has a key; 0 where it has none.
func (b *breeder) keyOf(s *definition.Step, key string) int {
	lines := b.lines()
	first := s.Range.Start.Line
	indent := s.Range.Start.Column - 1
	for i := first; i < len(lines); i++ {
		text := strings.TrimSpace(lines[i])
		switch in := indentOf(lines[i]); {
		case text == "" || strings.HasPrefix(text, "#"):
		case in < indent:
			return 0
		case in == indent && strings.HasPrefix(text, key+":"):
			return i + 1
		}
	}
	return 0
}

// topLevel is the line of a key at the top of the definition.
func (b *breeder) topLevel(key string) int {
	at := bytes.Index(append([]byte("\n"), b.text...), []byte("\n"+key+":"))
	if at < 0 {
		return 0
	}
	return 1 + bytes.Count(b.text[:at], []byte("\n"))
}
