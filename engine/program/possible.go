package program

import (
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
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
// value is left, and a warning otherwise. refuse returns why, or "".
func (c *compiler) refusedValues(from possible, at diag.Range, to string, refuse func(any) string) {
	if c.pinned || len(from.values) == 0 {
		return
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
		return
	case len(refused) == len(from.values) && from.all:
		p.Message = to + " accepts no value that this may have: " + task.List("or", refused)
	case !from.certain:
		return
	default:
		p.Severity = diag.Warning
		p.Rule = "sometimes-refused"
		p.Message = to + " does not accept " + task.List("or", refused) + ", and " + from.what + " that"
	}
	c.report(p)
}

// constrained reports the possible values of an expression that its type allows, and a parameter does
// not.
func (c *compiler) constrained(n *wholeNode, e *definition.Expression) {
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
	c.refusedValues(n.possible, e.Range, "`"+n.what+"`", func(v any) string {
		if _, err := n.want.Canonical(v); err != nil {
			return err.Error()
		}
		return ""
	})
}

// misfit returns the problem of a constant that does not fit a type.
func misfit(what string, want schema.Type, value any, err error) diag.Problem {
	p := diag.Problem{Rule: "wrong-value", Label: err.Error(), Message: "`" + what + "` must be " + want.NotNull().Article()}
	if want.Kind == schema.List || want.Kind == schema.Object {
		return p
	}
	if _, other := schema.Of(want.Kind).Canonical(value); other != nil {
		return p
	}
	p.Message = "`" + what + "` does not accept " + schema.Show(value)
	if len(want.Enum) == 0 {
		return p
	}
	words := make([]string, len(want.Enum))
	for i, v := range want.Enum {
		if words[i] = schema.Show(v); want.Kind == schema.String {
			words[i] = v.(string)
		}
	}
	p.Label = "expected " + task.List("or", words)
	if name, is := value.(string); is {
		p.Help = diag.DidYouMean(name, words)
	}
	return p
}
