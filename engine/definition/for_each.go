package definition

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/pattern"
	"errand/engine/schema"
)

const (
	itemsWanted = "a list, or one expression such as ${{ inputs.names }}"
	itemsHelp   = "write one expression, such as ${{ inputs.names }}, or a list, such as [one, two]"
)

// forEach reads the form `for_each:` and the keys that belong to it.
func (r *reader) forEach(m *mapping, in setting) Form {
	f := &ForEach{Range: m.at(ForEachForm)}
	f.List = r.itemList(m, in.items)
	if m.require("as", f.Range, "add as: with a name for the item, such as item", "a step with for_each") {
		f.As = r.itemName(m.get("as"), in.items)
	}
	f.Limit = r.count(m.get("limit"), `"limit"`, ruleForEach, "write 1 to run one item at a time", `"limit" is %d; it must be at least 1`)
	if m.require("steps", f.Range, "add steps: with a list of steps", "a step with for_each") {
		in.items = append(slices.Clip(in.items), f.As)
		f.Steps = r.steps(m.get("steps"), `"steps"`, in.below(".steps"))
	}
	return f
}

// itemList reads the list. The kind of the result is Any if a problem was reported, except if the
// expression is clear despite the problem.
func (r *reader) itemList(m *mapping, outer []Text) Value {
	n := m.get(ForEachForm)
	if target := follow(n); !r.reported[target] && r.reportAbsent(target, `"for_each"`, itemsWanted) {
		return Value{Kind: schema.Any}
	}
	before := len(r.problems)
	v := r.value(n, `"for_each"`, false)
	switch v.Kind {
	case schema.List, schema.Any:
		return v
	case schema.String:
		return r.itemsOfText(v, outer)
	case schema.Object:
		if len(r.problems) == before {
			r.reportWrongType(n, `"for_each"`, itemsWanted, "write as:, limit: and steps: beside for_each:, not below it")
		}
		m.guesses = append(m.guesses, "as", "steps")
	default:
		r.reportWrongType(n, `"for_each"`, itemsWanted, "")
	}
	v.Kind = schema.Any
	return v
}

// itemsOfText accepts a text only if it is a single expression.
func (r *reader) itemsOfText(v Value, outer []Text) Value {
	var one *Expression
	expressions, blank := 0, true
	for _, p := range v.Parts {
		if p.Expression != nil {
			one = p.Expression
			expressions++
		} else if strings.TrimSpace(p.Literal) != "" {
			blank = false
		}
	}
	switch {
	case expressions == 1 && len(v.Parts) == 1:
		return v
	case expressions == 1 && blank:
		alone := quote("${{ " + one.Source + " }}")
		p := r.report(ruleForEach, v.Range, "write only the expression: "+alone, `"for_each" must be a single expression, without spaces or line breaks around it`)
		p.Fix = &diag.Fix{Title: "remove the spaces", Range: v.Range, Text: alone}
	case expressions > 0:
		r.report(ruleForEach, v.Range, itemsHelp, `"for_each" must be %s; this is a text with an expression in it`, itemsWanted)
	default:
		return r.itemsOfPlainText(v, outer)
	}
	v.Kind = schema.Any
	return v
}

// reference matches the start of an expression. Nobody would write it as a plain text.
var reference = pattern.New(`^([a-zA-Z]+\()*(inputs|steps)\.[a-z]`)

// itemsOfPlainText reports a text without an expression. If only the ${{ }} is missing, it reads
// the text as an expression.
func (r *reader) itemsOfPlainText(v Value, outer []Text) Value {
	e := v.Text.expression(0, len(v.Text.Value))
	isItem := slices.ContainsFunc(outer, func(t Text) bool {
		return t.Given() && (e.Source == t.Value || strings.HasPrefix(e.Source, t.Value+"."))
	})
	open, end := isUnbalanced(e.Source), r.offset(v.Range.End)
	switch {
	case open && plain(v.Text.place.style) && r.commentFollows(end):
		r.reportCut(v.Text, 0, end)
		v.Kind = schema.Any
		return v
	case open, !isItem && !reference.MatchString(e.Source):
		r.report(ruleForEach, v.Range, itemsHelp, `"for_each" must be %s, not the text %s`, itemsWanted, schema.Show(v.Text.Value))
		v.Kind = schema.Any
		return v
	}
	whole := "${{ " + e.Source + " }}"
	p := r.report(ruleForEach, v.Range, "write "+whole, `"for_each" must be %s, not the text %s`, itemsWanted, schema.Show(v.Text.Value))
	p.Fix = &diag.Fix{Title: "make it an expression", Range: v.Range, Text: quote(whole)}
	v.Parts = []Part{{Expression: e}}
	return v
}

// itemName reads `as`. The name must not be one that expressions already use.
func (r *reader) itemName(n *yaml.Node, outer []Text) Text {
	t, ok := r.literalLike(n, `"as"`, "a name for the item", identifier)
	if !ok {
		return Text{}
	}
	if !r.checkShape(t, "an item", identifier, identifierShape) {
		return t
	}
	const help = "choose another name, such as item"
	if known := reserved(t.Value); known != "" {
		r.report(ruleName, t.Range, help, "%q cannot be the name of an item: in expressions it is already %s", t.Value, known)
	}
	if i := slices.IndexFunc(outer, func(o Text) bool { return o.Value == t.Value }); i >= 0 {
		p := r.report(ruleName, t.Range, "choose another name", "%q is already the item of a for_each around this one", t.Value)
		p.Notes = []string{fmt.Sprintf("the other one is on line %d", outer[i].Range.Start.Line)}
	}
	return t
}

// inLoop matches a loop as it is written in programming languages.
var inLoop = pattern.New(`^([a-z][a-z0-9_]*) +in +(.+)$`)

// readLoopWord reports `for_each` under another name, which decides what the other keys of the step
// are. It reads the key as `for_each`.
func (r *reader) readLoopWord(m *mapping) {
	if m.has(ForEachForm) || len(r.problems) >= 200 {
		return
	}
	if n := m.get("for"); n != nil && !m.has("until") {
		if words := inLoop.Regexp().FindStringSubmatch(follow(n).Value); words != nil {
			r.reportForIn(m, words[1], words[2])
			return
		}
	}
	for i, key := range m.keys {
		if _, known := StepKey(key.Value); !known && diag.Certain(key.Value, StepKeys(nil)) == ForEachForm {
			p := r.report(ruleUnknownKey, key.Range, `did you mean "`+ForEachForm+`"?`, "a step has no key %s", schema.Show(key.Value))
			p.Fix = &diag.Fix{Title: "write " + ForEachForm, Range: key.Range, Text: ForEachForm}
			m.keys[i].Value = ForEachForm
			return
		}
	}
}

// reportForIn reports `for: x in list`. The rest of the step is not checked.
func (r *reader) reportForIn(m *mapping, item, list string) {
	if !strings.HasPrefix(list, "[") {
		list = quote("${{ " + list + " }}")
	}
	n := m.get("for")
	p := r.report(ruleUnknownKey, m.at("for"), useLoop, `"for" is the time limit of a poll; a loop has "for_each" and "as"`)
	if _, end, ok := r.written(n); ok && m.has("steps") {
		p.Help = "use for_each: " + list + ", and as: " + item
		p.Fix = &diag.Fix{Title: p.Help, Range: diag.Range{File: p.Range.File, Start: p.Range.Start, End: r.position(end)},
			Text: "for_each: " + list + r.nextKey(p.Range.Start) + "as: " + item}
	}
	m.drop([]string{"for", "steps"})
	m.guesses = append(m.guesses, ForEachForm)
}

// reportBesideLoop reports what a loop is to do if it is written beside `for_each` instead of in a step
// below `steps`. The rest of the step is not checked.
func (r *reader) reportBesideLoop(m *mapping) {
	found := formsAmong(m.has)
	if len(found) != 2 || !slices.Contains(found, ForEachForm) {
		return
	}
	form := found[0]
	if form == ForEachForm {
		form = found[1]
	}
	p := r.report(ruleStepForm, m.at(form), "put "+form+": into a step below steps:", `a step with "for_each" has "steps"; this step has %q`, form)
	own := append(appendNames(nil, formOf(form).Keys), form)
	first, last, moved := m.run(own)
	if _, _, rest := m.run([]string{ForEachForm, "as", "limit"}); len(m.keys) == moved+rest && last-first == moved-1 {
		p.Fix = r.indentBelow(m, first, last, "steps", true)
	}
	m.drop(append(own, ForEachForm, "as", "limit", "steps"))
	m.guesses = append(m.guesses, ForEachForm)
}

// Lists returns the steps that run for each item.
func (f *ForEach) Lists() [][]*Step { return [][]*Step{f.Steps} }

func (f *ForEach) expressions(yield func(*Expression) bool) bool { return f.List.visit(yield) }
