package program

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/schema"
	"errand/engine/task"
)

// typeRules applies the rules of a task type to the parameters that are known before a run. It does
// not apply them to the definition of a run that has started: the type may have got them since, and
// the call refuses the values.
func (c *compiler) typeRules(t task.Type, form *definition.Task, input Template, scope expression.Scope) {
	if c.pinned || c.broken || form.Partial {
		return // where the parser could not read a part, the rest may look like a fault
	}
	written := map[string]argument{}
	for _, entry := range form.With {
		value := input.member(entry.Key.Value)
		if value == nil {
			return // a problem was reported
		}
		written[entry.Key.Value] = argument{entry: entry, value: value, given: givenOf(value)}
	}
	for _, r := range t.Rules {
		switch r.Kind {
		case task.AnyOfKind:
			c.anyOf(t, form, r, written, scope)
		case task.ExcludesKind:
			c.excludes(t, r, written)
		case task.ShortensKind:
			c.shortens(t, r, written)
		case task.JudgedKind:
			c.judged(t, r, written, scope)
		default:
			c.refusedValue(t, r, written)
		}
	}
}

// An argument is a parameter that a definition writes.
type argument struct {
	entry definition.Entry
	value node
	given given
}

// given is what the check knows about the presence of a parameter. A null or empty value is absent.
type given int

const (
	notGiven given = iota
	maybeGiven
	isGiven
)

// givenOf returns whether a value is given, as far as its text and its type show.
func givenOf(n node) given {
	if value, known := knownValue(n); known {
		if task.IsNothing(schema.Encode(value)) {
			return notGiven
		}
		return isGiven
	}
	switch n := n.(type) {
	case *textNode:
		if strings.Join(n.pieces(), "") != "" {
			return isGiven
		}
	case *listNode, *objectNode: // empty ones are known values
		return isGiven
	case *wholeNode:
		switch got := n.program.Type(); {
		case got.Kind == schema.Null:
			return notGiven
		case got.Nullable:
		case got.Kind == schema.Integer || got.Kind == schema.Number || got.Kind == schema.Boolean || got.Kind == schema.Duration:
			return isGiven
		}
	}
	return maybeGiven
}

// anyOf reports that none of several parameters is given, or that all that are written may be null.
func (c *compiler) anyOf(t task.Type, form *definition.Task, r task.Rule, written map[string]argument, scope expression.Scope) {
	var nulls []nulled
	given := false
	for _, name := range r.Parameters {
		a, is := written[name]
		if !is || a.given == notGiven {
			continue
		}
		if whole, is := a.value.(*wholeNode); is && whole.program.MayBeNull() {
			nulls = append(nulls, nulled{wholeNode: whole})
		} else {
			given = true
		}
	}
	names := task.List("or", quoted(r.Parameters))
	switch {
	case given:
	case len(nulls) == 0:
		c.report(diag.Problem{
			Rule: "missing-parameter", Range: form.Range, Label: "none of them is given here",
			Message: t.Name + " needs " + names, Help: "add one of them under `with`: " + r.Reason,
		})
	default:
		c.allMayBeNull(nulls, scope, t.Name+" needs "+names+", but ", "")
	}
}

// allMayBeNull reports that several values may be null at the same time, unless a condition around them
// excludes that.
func (c *compiler) allMayBeNull(nulls []nulled, scope expression.Scope, message, label string) {
	if c.excludeNull(nulls, scope) {
		return
	}
	first := nulls[0]
	p := diag.Problem{
		Rule: "maybe-null", Range: first.written.Range, Label: cmp.Or(label, labelOf(first.program.Type())),
		Message: message + first.note(),
		Help:    "write a value to use instead of null: ${{ " + operand(first.written) + " ?? " + placeholder(first.program.Type().Kind) + " }}, or add an `if` to the step that excludes null",
	}
	if len(first.members) > 0 {
		p.Help = "add an `if` to the step that excludes null"
	}
	for _, n := range nulls[1:] {
		p.Notes = append(p.Notes, "at the same time, "+n.note())
	}
	c.report(p)
}

// excludeNull reports whether a fact about a scope is false if all of the values are null.
func (c *compiler) excludeNull(nulls []nulled, scope expression.Scope) bool {
	var null facts
	for _, n := range nulls {
		for _, place := range n.places() {
			null = append(null, place+" == nil")
		}
	}
	known := scope.Facts
	scope.Facts = nil
	return slices.ContainsFunc(known, func(fact string) bool {
		compiled, _ := expression.Compile(fact, scope)
		return compiled != nil && null.contain(compiled.Denies())
	})
}

// excludes reports a parameter that is given beside one that excludes it.
func (c *compiler) excludes(t task.Type, r task.Rule, written map[string]argument) {
	first := r.Parameters[0]
	if written[first].given != isGiven {
		return
	}
	for _, name := range r.Parameters[1:] {
		if other := written[name]; other.given == isGiven {
			c.report(diag.Problem{
				Rule: "excluded-parameter", Range: other.entry.Key.Range, Label: `cannot stand beside "` + first + `"`,
				Message: fmt.Sprintf("%s takes either %q or %q", t.Name, first, name), Help: "remove one of them: " + r.Reason,
			})
		}
	}
}

// shortens warns of a constant that is shortened in every run.
func (c *compiler) shortens(t task.Type, r task.Rule, written map[string]argument) {
	for _, name := range r.Parameters {
		a, is := written[name]
		if !is {
			continue
		}
		value, _ := knownValue(a.value)
		if text, _ := value.(string); len(text) > r.Limit {
			c.report(diag.Problem{
				Rule: "discouraged-value", Severity: diag.Warning, Range: a.entry.Value.Range, Label: fmt.Sprintf("has %d bytes", len(text)),
				Message: fmt.Sprintf("%s shortens `%s` to %d bytes", t.Name, name, r.Limit), Help: "write a shorter text",
			})
		}
	}
}

// refusedValue reports texts that the type always refuses, whatever their unknown parts are.
func (c *compiler) refusedValue(t task.Type, r task.Rule, written map[string]argument) {
	for _, name := range r.Parameters {
		a, is := written[name]
		if !is || c.refusesPossible(t, r, name, a) {
			continue
		}
		reason := ""
		if value, known := knownValue(a.value); known {
			if b := r.Breach(map[string]json.RawMessage{name: schema.Encode(value)}); b != nil {
				reason = b.Reason
			}
		} else if text, is := a.value.(*textNode); is {
			reason = r.RefusesPieces(text.pieces())
		}
		if reason != "" {
			c.alwaysRefused(t, a, reason)
		}
	}
}

func (c *compiler) alwaysRefused(t task.Type, a argument, reason string) {
	c.report(diag.Problem{
		Rule: "wrong-value", Range: a.entry.Value.Range, Label: reason,
		Message: t.Name + " always refuses this value of `" + a.entry.Key.Value + "`",
	})
}

// refusesPossible reports the possible values of a parameter that a rule refuses. It returns whether no
// value is left.
func (c *compiler) refusesPossible(t task.Type, r task.Rule, name string, a argument) bool {
	var from possible
	switch n := a.value.(type) {
	case *wholeNode:
		from = n.possible
	case *textNode:
		if _, known := knownValue(n); !known {
			from = n.possible()
		}
	}
	return c.refusedValues(from, a.entry.Value.Range, t.Name+"'s `"+name+"`", func(v any) string {
		if b := r.Breach(map[string]json.RawMessage{name: schema.Encode(v)}); b != nil {
			return b.Reason
		}
		return ""
	})
}

// judged reports parameters that a function of the type always refuses, or refuses if values in them
// are null that may be.
func (c *compiler) judged(t task.Type, r task.Rule, written map[string]argument, scope expression.Scope) {
	if len(r.Parameters) == 1 {
		if a, is := written[r.Parameters[0]]; is && c.refusesPossible(t, r, r.Parameters[0], a) {
			return
		}
	}
	present := assumption{standIns: r.StandIns}
	absent := assumption{standIns: r.StandIns, null: true}
	always, sometimes := c.breachUnder(&present, t, r, written), c.breachUnder(&absent, t, r, written)
	switch {
	case sometimes == nil: // nothing is wrong, or it is known only in a run
	case always != nil:
		if a, is := written[always.Parameter]; is {
			c.alwaysRefused(t, a, present.shown(always.Reason))
		}
	case len(absent.nulls) > 0:
		what := "these parameters"
		if _, is := written[sometimes.Parameter]; is {
			what = "`" + sometimes.Parameter + "`"
		}
		c.allMayBeNull(absent.nulls, scope, t.Name+" refuses "+what+" without a value, and ", absent.shown(sometimes.Reason))
	}
}

// breachUnder returns why a rule refuses the parameters under an assumption, or nil.
func (c *compiler) breachUnder(as *assumption, t task.Type, r task.Rule, written map[string]argument) *task.Breach {
	values := map[string]json.RawMessage{}
	for _, name := range r.Parameters {
		a, is := written[name]
		var value any
		known := true
		if is {
			value, known = as.value(a.value)
		}
		if !known {
			return nil
		}
		if f, _ := t.Input.Field(name); value == nil {
			value = f.Default
		}
		if value != nil {
			values[name] = schema.Encode(value)
		}
	}
	return r.Breach(values)
}

func quoted(names []string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = `"` + name + `"`
	}
	return list
}
