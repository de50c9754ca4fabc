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
	"errand/engine/task"
)

// possible are values that an expression has in some runs.
type possible struct {
	values  []any
	all     bool   // the expression has no others
	certain bool   // a run has each of them, as far as the conditions around show
	what    string // where they come from, for messages: `inputs.mode may be`
}

// possibleValues returns the known values of an expression that is not constant: those of an enum, of
// a choice between literals, or the default of an input. Conditions around may exclude some of them.
func (c *compiler) possibleValues(compiled *expression.Program, scope expression.Scope) (p possible) {
	if values := compiled.Literals(); values != nil {
		return possible{values, true, true, "this may be"}
	}
	path, _ := expression.Canonical(compiled.Source())
	if paths := compiled.Paths(); len(paths) != 1 || paths[0] != path {
		return p
	}
	name, _ := strings.CutPrefix(path, "inputs.")
	in, _ := c.inputType.Field(name)
	switch got := compiled.Type(); {
	case len(got.Enum) > 0:
		p = possible{got.Enum, !got.Nullable, true, path + " may be"}
	case in.Default != nil && path != name:
		p = possible{[]any{in.Default}, false, true, "the default of " + path + " is"}
	}
	for _, fact := range scope.Facts {
		p.certain = p.certain && isPlainAbout(path, fact)
	}
	p.values = slices.DeleteFunc(slices.Clone(p.values), func(v any) bool {
		_, may := facts(nil).with(c.inputType, append(slices.Clone(scope.Facts), path+" == "+string(schema.Encode(v))))
		return !may
	})
	return p
}

// isPlainAbout reports whether a fact says nothing about a path, or compares it with a literal, so that
// it is known which values it excludes.
func isPlainAbout(path, fact string) bool {
	for _, one := range plainFacts(fact) {
		_, value, equal := strings.Cut(one, path+" == ")
		if !equal {
			_, value, equal = strings.Cut(one, path+" != ")
		}
		if strings.Contains(one, path) && !(equal && isLiteral(value)) {
			return false
		}
	}
	return true
}

// refusedValues reports the possible values of an expression that are refused: it is an error if no
// value is left, and a warning otherwise. refuse returns why, or "". refusedValues returns whether it
// reported an error.
func (c *compiler) refusedValues(from possible, at diag.Range, to string, refuse func(any) string) bool {
	if c.pinned || len(from.values) == 0 {
		return false
	}
	var refused []string
	reason := ""
	for _, v := range from.values {
		if why := refuse(v); why != "" {
			refused, reason = append(refused, schema.Show(v)), why
		}
	}
	p := diag.Problem{Rule: "wrong-value", Range: at, Label: reason}
	switch {
	case len(refused) == 0:
		return false
	case len(refused) == len(from.values) && from.all:
		p.Message = to + " accepts no value that this may have: " + task.List("or", refused)
	case !from.certain:
		return false
	default:
		p.Severity = diag.Warning
		p.Rule = "sometimes-refused"
		p.Message = to + " does not accept " + task.List("or", refused) + ", and " + from.what + " that"
	}
	c.report(p)
	return p.IsError()
}

// constrained reports the possible values of an expression that its type allows, and a parameter does
// not. It returns whether no value is left.
func (c *compiler) constrained(n *wholeNode, e *definition.Expression) bool {
	got := n.program.Type()
	if low, high := got.Minimum, n.want.Maximum; low != nil && high != nil && *low > *high && !got.Nullable && !c.pinned {
		c.report(diag.Problem{
			Rule: "wrong-value", Range: e.Range, Label: "is at least " + schema.Show(*low),
			Message: "`" + n.what + "` is at most " + schema.Show(*high),
		})
	}
	if high, low := got.Maximum, n.want.Minimum; low != nil && high != nil && *high < *low && !got.Nullable && !c.pinned {
		c.report(diag.Problem{
			Rule: "wrong-value", Range: e.Range, Label: "is at most " + schema.Show(*high),
			Message: "`" + n.what + "` is at least " + schema.Show(*low),
		})
	}
	return c.refusedValues(n.possible, e.Range, "`"+n.what+"`", func(v any) string {
		if _, err := n.want.Canonical(v); err != nil {
			return err.Error()
		}
		return ""
	})
}

// pieces returns the parts of a text that are the same in every run. Between two of them there is
// something else.
func (n *textNode) pieces() []string {
	pieces := []string{""}
	for _, part := range n.parts {
		if constant, known := part.constant(); known {
			pieces[len(pieces)-1] += constant
		} else {
			pieces = append(pieces, "")
		}
	}
	return pieces
}

// constant returns a part that is the same in every run.
func (p textPart) constant() (text string, known bool) {
	if p.program == nil {
		return p.literal, true
	}
	value, known := p.program.Constant()
	if !known {
		return "", false
	}
	text, err := expression.Text(value)
	return text, err == nil
}

// maxPossibleTexts limits the work for a text with several expressions.
const maxPossibleTexts = 100

// possible returns the texts that a text may be, if the values of all its expressions are known.
func (n *textNode) possible() possible {
	texts := []string{""}
	p := possible{all: true, certain: true, what: "this may be"}
	for _, part := range n.parts {
		written, known := part.constant()
		ends := []string{written}
		if !known {
			ends = nil
			p.all = p.all && part.possible.all
			p.certain = p.certain && part.possible.certain && len(texts) == 1 // not each combination need occur
			for _, value := range part.possible.values {
				if text, err := expression.Text(value); err == nil {
					ends = append(ends, text)
				}
			}
		}
		if len(texts)*len(ends) > maxPossibleTexts {
			return possible{}
		}
		var longer []string
		for _, text := range texts {
			for _, end := range ends {
				longer = append(longer, text+end)
			}
		}
		texts = longer
	}
	for _, text := range texts {
		p.values = append(p.values, text)
	}
	return p
}

// neverFits returns why a type refuses every text with these pieces, or "".
func neverFits(want schema.Type, pieces []string) string {
	switch known := len(strings.Join(pieces, "")); {
	case want.MaxLength > 0 && known > want.MaxLength:
		return fmt.Sprintf("has %d bytes at least; expected at most %d", known, want.MaxLength)
	case want.Pattern != "" && !pattern.MayMatch(want.Pattern, pieces):
		return "never matches the pattern " + want.Pattern
	case len(want.Enum) > 0 && !slices.ContainsFunc(want.Enum, func(v any) bool {
		value, is := v.(string)
		return is && pattern.Fits(value, pieces)
	}):
		return "expected " + task.List("or", wordsOf(want.Enum))
	}
	return ""
}

// wordsOf returns values as people write them.
func wordsOf(values []any) []string {
	words := make([]string, len(values))
	for i, v := range values {
		if text, is := v.(string); is {
			words[i] = text
		} else {
			words[i] = schema.Show(v)
		}
	}
	return words
}

// mostShown limits the length of a text in a message, in bytes.
const mostShown = 60

// misfit returns the problem of a constant that does not fit a type: that of its first element or member
// if the constant is a list or an object with such a one.
func misfit(what string, want schema.Type, value any, err error) diag.Problem {
	p := diag.Problem{Rule: "wrong-value", Label: err.Error(), Message: "`" + what + "` must be " + want.NotNull().Article()}
	switch want.Kind {
	case schema.List:
		items, _ := value.([]any)
		for i, item := range items {
			if want.Items == nil {
				break
			}
			if _, err := want.Items.Canonical(item); err != nil {
				return misfit(fmt.Sprintf("%s[%d]", what, i), *want.Items, item, err)
			}
		}
		return p
	case schema.Object:
		members, _ := value.(map[string]any)
		for _, f := range want.Fields {
			if v := members[f.Name]; v != nil {
				if _, err := f.Type.Canonical(v); err != nil {
					return misfit(what+"."+f.Name, f.Type, v, err)
				}
			}
		}
		return p
	}
	if _, other := schema.Of(want.Kind).Canonical(value); other != nil {
		return p
	}
	p.Message = "`" + what + "` does not accept " + schema.Show(value)
	if text, is := value.(string); is && len(text) > mostShown {
		p.Message = "`" + what + "` does not accept this text"
	}
	if len(want.Enum) == 0 {
		return p
	}
	words := wordsOf(want.Enum)
	p.Label = "expected " + task.List("or", words)
	if name, is := value.(string); is && diag.Nearest(name, words) != "" {
		p.Help = diag.DidYouMean(name, words)
	}
	return p
}
