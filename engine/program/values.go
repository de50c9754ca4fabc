package program

import (
	"fmt"
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/pattern"
	"errand/engine/schema"
)

var anything = schema.Type{Kind: schema.Any, Nullable: true}

// value compiles a YAML value that must fit a type. It returns the known type of the value.
func (c *compiler) value(v definition.Value, want schema.Type, what string, scope expression.Scope) (node, schema.Type) {
	switch v.Kind {
	case schema.Any:
		return nil, schema.Type{} // the parser has reported a problem
	case schema.List:
		return c.listValue(v, want, what, scope)
	case schema.Object:
		return c.objectValue(v, want, what, scope)
	case schema.String:
		if len(v.Parts) == 1 && v.Parts[0].Expression != nil {
			return c.wholeValue(v, want, what, scope)
		}
		for _, part := range v.Parts {
			if part.Expression != nil {
				return c.textValue(v, want, what, scope)
			}
		}
	}
	return c.literalValue(v, want, what)
}

func (c *compiler) literalValue(v definition.Value, want schema.Type, what string) (node, schema.Type) {
	raw := plainValue(v)
	if v.Kind == schema.String && len(v.Parts) == 1 {
		raw = v.Parts[0].Literal
	}
	value, err := want.Canonical(raw)
	if err != nil {
		p := misfit(what, want, raw, err)
		if p.Range = v.Range; p.Help == "" {
			p.Help, p.Fix = fit(want, v)
		}
		c.report(p)
		return nil, want
	}
	t := want
	if t.Kind == schema.Any {
		t = schema.Type{Kind: v.Kind, Nullable: v.Kind == schema.Null}
	}
	return literalNode{value, schema.Encode(value)}, t
}

func (c *compiler) wholeValue(v definition.Value, want schema.Type, what string, scope expression.Scope) (node, schema.Type) {
	e := v.Parts[0].Expression
	compiled := c.compileExpression(e, scope)
	if compiled == nil {
		return nil, schema.Type{}
	}
	got := compiled.Type()
	if got.Kind == "" || want.Accepts(got) {
		if constant, ok := compiled.Constant(); ok {
			if _, err := want.Canonical(constant); err != nil {
				p := misfit(what, want, constant, err)
				p.Range = e.Range
				c.report(p)
			}
		}
		if c.crossing == intoInput && expression.HidesDuration(got, want) {
			c.hiddenDuration(e.Range, what, "declare its type there (type: duration), or write ${{ string("+e.Source+") }}")
		}
		made := &wholeNode{what: what, written: e, program: compiled, want: want, checked: want.Kind == schema.Any || !isConstrained(want)}
		if _, constant := compiled.Constant(); !constant {
			made.possible = c.possibleValues(compiled, scope)
			if c.constrained(made, e) {
				return nil, got
			}
		}
		return made, got
	}
	if becomesText(got, want) {
		if constant, ok := compiled.Constant(); ok && constant != nil {
			written, err := expression.Text(constant)
			if err == nil {
				_, err = want.Canonical(written)
			}
			if err != nil {
				p := misfit(what, want, written, err)
				p.Range = e.Range
				c.report(p)
			}
		}
		return &wholeNode{what: what, written: e, program: compiled, want: want, text: true}, want
	}
	p := diag.Problem{Rule: "wrong-type", Range: e.Range, Message: "`" + what + "` must be " + want.NotNull().Article(), Label: labelOf(got)}
	switch {
	case got.Kind == schema.Null:
		p.Help = "write a value, or remove the line if it is optional"
	case want.OrNull().Accepts(got):
		p.Rule = "maybe-null"
		p.Message = fmt.Sprintf("`%s` must be %s, but %s", what, want.Article(), maybeNull(compiled, e))
		p.Help = "write a value to use instead of null: ${{ " + operand(e) + " ?? … }}, or add an `if` to the " + c.owner + " that excludes null"
	default:
		p.Help = conversion(e, got, want)
		if message, label := misfitInside(what, want, got); label != "" {
			p.Message, p.Label, p.Help = message, "is "+schema.Of(got.Kind).Article()+" "+label, ""
		}
	}
	c.report(p)
	return nil, got
}

// becomesText reports whether a value can be written into a text parameter without loss.
func becomesText(got, want schema.Type) bool {
	if want.Kind != schema.String || len(want.Enum) > 0 || got.Nullable && !want.Nullable {
		return false
	}
	switch got.Kind {
	case schema.Integer, schema.Number, schema.Boolean, schema.Duration:
		return true
	}
	return false
}

// labelOf returns the label of an expression of a type: "is a string".
func labelOf(t schema.Type) string {
	switch t.Kind {
	case schema.Any:
		return "may be of any type"
	case schema.Null:
		return "is null"
	}
	return "is " + t.Article()
}

// conversion returns how to convert a value to another type, or how to declare the type of an
// input. It returns "" if neither is obvious.
func conversion(e *definition.Expression, got, want schema.Type) string {
	source := operand(e)
	switch {
	case want.Kind == schema.String && got.Kind == schema.List:
		return "convert it to a text: ${{ " + joined(e, got) + " }}"
	case want.Kind == schema.String && got.Kind == schema.Object:
		return "use one of its members, or write ${{ toJSON(" + e.Source + ") }}"
	case want.Kind == schema.String:
		if got.Kind != schema.Any {
			return "make a text of it: ${{ string(" + e.Source + ") }}"
		}
		return "make a text of it: ${{ " + textOfAny(e) + " }}"
	case want.Kind == schema.Duration && got.Kind == schema.Integer:
		return "add a unit: ${{ " + source + ` * duration("1s") }}`
	case want.Kind == schema.Boolean && got.Kind == schema.String:
		return "compare it: ${{ " + source + ` == "…" }}`
	case want.Kind == schema.Boolean && got.Kind == schema.Any:
		return "compare it: ${{ " + source + " == true }}"
	case want.Kind == schema.List && got.Kind == schema.Any && declareHelp(e.Source, want) == "":
		return "convert it to a list: ${{ toList(" + e.Source + ") ?? [] }}"
	case want.Kind == schema.Integer && (got.Kind == schema.Number || got.Kind == schema.Any):
		return "convert it to an integer: ${{ int(" + e.Source + ") ?? 0 }}"
	}
	return declareHelp(e.Source, want)
}

// joined returns an expression that joins a list to a text.
func joined(e *definition.Expression, list schema.Type) string {
	source := e.Source
	item := anything
	if list.Items != nil {
		item = *list.Items
	}
	if item.Nullable && item.Kind != schema.Any {
		source = "filter(" + source + ", # != nil)"
	}
	switch item.Kind {
	case schema.String:
	case schema.Any:
		source = "map(" + source + `, string(# ?? "…"))`
	case schema.List, schema.Object:
		source = "map(" + source + ", toJSON(#))"
	default:
		source = "map(" + source + ", string(#))"
	}
	return "join(" + source + `, ", ")`
}

// textOfAny returns an expression that makes a text of a value of any type. Such a value may be null,
// which would become the word "null".
func textOfAny(e *definition.Expression) string { return "string(" + operand(e) + ` ?? "…")` }

// placeholder returns the text that stands for a value of a kind in a suggestion.
func placeholder(kind schema.Kind) string {
	if kind == schema.String {
		return `"…"`
	}
	return "…"
}

// quotedText matches a text in an expression.
var quotedText = pattern.New(`"[^"\\]*"|'[^'\\]*'`)

// operand returns the source of an expression in the form in which it can stand beside an operator.
func operand(e *definition.Expression) string {
	if strings.ContainsAny(quotedText.Regexp().ReplaceAllString(e.Source, "_"), " ?") {
		return "(" + e.Source + ")"
	}
	return e.Source
}

func (c *compiler) textValue(v definition.Value, want schema.Type, what string, scope expression.Scope) (node, schema.Type) {
	made := &textNode{what: what, want: want}
	failed := false
	for _, part := range v.Parts {
		if part.Expression == nil {
			made.parts = append(made.parts, textPart{literal: part.Literal})
			continue
		}
		compiled := c.compileExpression(part.Expression, scope)
		if compiled == nil {
			failed = true
			continue
		}
		c.checkTextPart(part.Expression, compiled)
		made.parts = append(made.parts, textPart{program: compiled, possible: c.possibleValues(compiled, scope)})
	}
	if !want.Accepts(text) {
		help := "write only the expression: ${{ … }}"
		if want.Kind == schema.Duration && len(v.Parts) == 2 && v.Parts[0].Expression != nil && schema.DurationOfWords("1"+v.Parts[1].Literal) != "" {
			help = "write only the expression: ${{ " + operand(v.Parts[0].Expression) + ` * duration("` + schema.DurationOfWords("1"+v.Parts[1].Literal) + `") }}`
		}
		c.report(diag.Problem{
			Rule: "wrong-type", Range: v.Range, Label: "is a text, because there is text beside the expression",
			Message: "`" + what + "` must be " + want.NotNull().Article(), Help: help,
		})
		failed = true
	}
	if failed {
		return nil, text
	}
	if reason := neverFits(want, made.pieces()); reason != "" && !c.pinned {
		c.report(diag.Problem{Rule: "wrong-value", Range: v.Range, Label: reason, Message: "`" + what + "` never accepts this text, whatever its expressions are"})
		return made, text
	}
	refused := c.refusedValues(made.possible(), v.Range, "`"+what+"`", func(v any) string {
		if _, err := want.Canonical(v); err != nil {
			return err.Error()
		}
		return ""
	})
	if refused {
		return nil, text
	}
	return made, text
}

// checkTextPart reports an expression whose type cannot be part of a text.
func (c *compiler) checkTextPart(e *definition.Expression, compiled *expression.Program) {
	t := compiled.Type()
	message, help := expression.TextType(t)
	if message == "" || t.Kind == "" {
		return
	}
	p := diag.Problem{Rule: "wrong-type", Range: e.Range, Label: labelOf(t), Message: message, Help: help}
	switch {
	case t.Kind == schema.List:
		p.Help = "write " + joined(e, t)
	case t.Kind == schema.Object:
		p.Help = "use one of its members, or write toJSON(" + e.Source + ")"
	case t.Kind == schema.Any:
		p.Help = "make a text of it: ${{ " + textOfAny(e) + " }}"
	case t.Nullable && t.Kind != schema.Null:
		p.Rule, p.Message = "maybe-null", maybeNull(compiled, e)+"; a text needs a value"
		p.Help = "write a value to use instead of null: ${{ " + operand(e) + " ?? " + placeholder(t.Kind) + " }}"
	}
	c.report(p)
}

func maybeNull(compiled *expression.Program, e *definition.Expression) string {
	if why := compiled.Null(); why != "" {
		return why
	}
	return e.Source + " may be null"
}

func (c *compiler) listValue(v definition.Value, want schema.Type, what string, scope expression.Scope) (node, schema.Type) {
	if want.Kind != schema.List && want.Kind != schema.Any {
		return c.wrongShape(v, want, what)
	}
	item := anything
	if want.Items != nil {
		item = *want.Items
	}
	made := &listNode{}
	types := make([]schema.Type, len(v.Items))
	for i, element := range v.Items {
		n, t := c.value(element, item, fmt.Sprintf("%s[%d]", what, i), scope)
		made.items, types[i] = append(made.items, n), t
	}
	if item.Kind == schema.Any {
		item = c.commonType(v, types, what)
	}
	return made, schema.ListOf(item)
}

// commonType returns the type of all elements of a list that may hold anything.
func (c *compiler) commonType(list definition.Value, types []schema.Type, what string) schema.Type {
	if len(types) == 0 || slices.ContainsFunc(types, func(t schema.Type) bool { return t.Kind == "" }) {
		return anything
	}
	common := types[0]
	for _, t := range types {
		common = expression.Common(common, t)
	}
	for i, t := range types {
		if c.crossing == intoReader && expression.HidesDuration(t, common) {
			c.hiddenDuration(list.Items[i].Range, fmt.Sprintf("%s[%d]", what, i), "write a text: ${{ string(…) }}, or durations only")
		}
	}
	return common
}

func (c *compiler) objectValue(v definition.Value, want schema.Type, what string, scope expression.Scope) (node, schema.Type) {
	if want.Kind != schema.Object && want.Kind != schema.Any {
		return c.wrongShape(v, want, what)
	}
	made := &objectNode{}
	shape := schema.Type{Kind: schema.Object, Fields: []schema.Field{}}
	given, written := map[string]bool{}, map[string]bool{}
	for _, entry := range v.Entries {
		written[entry.Key.Value] = true
	}
	for _, entry := range v.Entries {
		name, member := entry.Key.Value, anything
		if want.Items != nil {
			member = *want.Items
		}
		given[name] = true
		if f, ok := want.Field(name); ok {
			member = f.Type
			member.Nullable = member.Nullable || !f.Required
		} else if !want.AllowsMore() {
			given[diag.Nearest(name, want.FieldNames())] = true // report a mistyped name only once
			c.unknownMember(entry, what, want.FieldNames(), written)
		}
		n, t := c.value(entry.Value, member, what+"."+name, scope)
		if t.Kind == "" {
			shape.Open = true // a problem was reported
		}
		shape.Fields = append(shape.Fields, schema.Field{Name: name, Type: t, Required: true})
		made.members = append(made.members, objectMember{name: name, value: n, keepNull: true})
	}
	c.complete(made, want.Fields, given, func(field schema.Field) {
		help := "add `" + field.Name + ": …`"
		if field.Description != "" {
			help += ": " + firstSentence(field.Description)
		}
		c.report(diag.Problem{
			Rule: "missing-parameter", Range: v.Range, Label: `"` + field.Name + `" is missing here`,
			Message: "`" + what + "` needs \"" + field.Name + `"`, Help: help,
		})
	})
	if shape.Open || want.Items != nil || len(want.Fields) > 0 {
		return made, schema.Type{Kind: schema.Object, Open: true}
	}
	return made, shape
}

// unknownMember reports a name that is not a member of an object. A member that is written too was
// not meant.
func (c *compiler) unknownMember(entry definition.Entry, what string, names []string, written map[string]bool) {
	p := diag.Problem{
		Rule: "unknown-parameter", Range: entry.Key.Range,
		Message: "`" + what + "` has no member \"" + entry.Key.Value + `"`,
	}
	free := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return written[n] })
	if p.Help = diag.DidYouMean(entry.Key.Value, free); p.Help == "" && len(free) == 0 {
		p.Help = "remove it"
	}
	p.Fix = fix(entry.Key.Value, free, p.Range)
	c.report(p)
}

func (c *compiler) wrongShape(v definition.Value, want schema.Type, what string) (node, schema.Type) {
	p := diag.Problem{
		Rule: "wrong-value", Range: v.Range, Label: "is " + schema.Of(v.Kind).Article(),
		Message: "`" + what + "` must be " + want.NotNull().Article(),
	}
	p.Help, p.Fix = fit(want, v)
	c.report(p)
	return nil, want
}
