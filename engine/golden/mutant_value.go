package golden

import (
	"strconv"
	"strings"
	"time"

	"errand/engine/definition"
	"errand/engine/pattern"
	"errand/engine/schema"
)

func (b *mutator) entries(kind string, entries []definition.Entry) {
	for _, e := range entries {
		b.entry(kind, e)
	}
}

func (b *mutator) entry(kind string, e definition.Entry) {
	b.key(e.Key.Range.Start.Line, e.Key.Value, kind+" "+e.Key.Value+" is removed")
	b.value(e.Value)
}

// value changes a literal, or the expressions in a value.
func (b *mutator) value(v definition.Value) {
	switch v.Kind {
	case schema.Object:
		b.entries("entry", v.Entries)
	case schema.List:
		for _, item := range v.Items {
			b.value(item)
		}
	case schema.Boolean:
		b.add(v.Range, strconv.FormatBool(v.Scalar != true), b.raw(v.Range)+" is "+strconv.FormatBool(v.Scalar != true))
	case schema.Integer:
		b.add(v.Range, strconv.Itoa(v.Scalar.(int)+1), b.raw(v.Range)+" is "+strconv.Itoa(v.Scalar.(int)+1))
	case schema.Number:
		b.add(v.Range, strconv.FormatFloat(v.Scalar.(float64)+1, 'f', -1, 64), b.raw(v.Range)+" is "+strconv.FormatFloat(v.Scalar.(float64)+1, 'f', -1, 64))
	case schema.String:
		for _, part := range v.Parts {
			if part.Expression != nil {
				b.expression(part.Expression)
			}
		}
		b.literal(v)
	}
}

// literal changes a text that begins with a letter, or a duration.
func (b *mutator) literal(v definition.Value) {
	raw := b.raw(v.Range)
	if d, err := schema.ParseDuration(v.Text.Value); err == nil && d != 7*time.Second {
		b.add(v.Range, "7s", raw+" is 7s")
		return
	}
	begins := strings.TrimLeft(raw, `"'`)
	if len(v.Parts) == 0 || v.Parts[0].Expression != nil || begins == "" || !letter.MatchString(begins) {
		return
	}
	at := v.Range
	at.Start.Column += len(raw) - len(begins)
	at.End = at.Start
	b.add(at, "X", schema.Show(v.Text.Value)+" is "+schema.Show("X"+v.Text.Value))
}

var letter = pattern.New(`^[A-Za-z]`)

// condition makes a condition always hold, and negates it.
func (b *mutator) condition(e *definition.Expression, what string) {
	b.add(e.Range, "true", what+" always holds")
	b.add(e.Range, "not ("+b.raw(e.Range)+")", what+" is negated")
	b.expression(e)
}

// expression changes the references, literals and connectives of an expression.
func (b *mutator) expression(e *definition.Expression) {
	b.references(e)
	b.rewrite(e, ownString, "X")
	b.rewrite(e, ownNumber, "1")
	raw := b.raw(e.Range)
	for _, pair := range [][2]string{{" && ", " || "}, {" || ", " && "}, {" and ", " or "}, {" or ", " and "}} {
		if before, after, ok := strings.Cut(raw, pair[0]); ok {
			b.add(e.Range, before+pair[1]+after, strings.TrimSpace(pair[0])+" is "+strings.TrimSpace(pair[1])+" in "+schema.Show(e.Source))
		}
	}
}

// The literals in the text of an expression: a string that begins with a letter, and a number.
var (
	ownString = pattern.New(`(?:^|[^\w"'])\\?["'](?:[A-Za-z][\w -]*)`)
	ownNumber = pattern.New(`(?:^|[ (,\[])[0-9]+`)
)

// rewrite inserts a text into each literal of an expression: at the start of a string, or at the
// end of a number.
func (b *mutator) rewrite(e *definition.Expression, literal *pattern.Pattern, with string) {
	raw := b.raw(e.Range)
	for _, m := range literal.Regexp().FindAllStringIndex(raw, -1) {
		at := m[1]
		if literal == ownString {
			at = m[0] + strings.IndexAny(raw[m[0]:m[1]], `"'`) + 1
		}
		was := strings.Trim(raw[m[0]:m[1]], ` (,[\"'`)
		becomes := was + with
		if literal == ownString {
			was, becomes = schema.Show(was), schema.Show(with+was)
		}
		b.add(e.Range, raw[:at]+with+raw[at:], was+" is "+becomes+" in "+schema.Show(e.Source))
	}
}

var reference = pattern.New(`\b(inputs\.|steps\.([a-z][a-z0-9_]*)\??\.)([a-z][a-z0-9_]*)`)

// references makes each reference of an expression name the next value of the same type.
func (b *mutator) references(e *definition.Expression) {
	raw := b.raw(e.Range)
	for _, m := range reference.Regexp().FindAllStringSubmatchIndex(raw, -1) {
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

// sibling returns the name of the next field of the same type, starting again after the last field.
// It returns "" if there is none.
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
