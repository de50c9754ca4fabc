package program

import (
	"fmt"
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/schema"
)

// MaxItems is the largest number of items in a loop. It also limits the size of the record of a
// run.
const MaxItems = 1000

// A ForEach runs steps once for each item of a list.
type ForEach struct {
	Items Template // a list
	Item  schema.Type
	As    string // the name of the item in the expressions of the steps
	Limit int    // how many items run at a time
	Steps []*Step
	IDs   []string // the ids of the steps whose outputs are in an entry of `items`
}

// Form returns the word of the form.
func (*ForEach) Form() string { return definition.ForEachForm }

// Lists returns the steps that run for each item.
func (f *ForEach) Lists() [][]*Step { return [][]*Step{f.Steps} }

// forEach compiles the form `for_each:`. Its steps see their item by its name. The steps after the
// loop see `items`: a list with an entry for each item, in order, with the item under its name and
// the outputs of the loop's steps by id. A step with the name of the item hides the item.
func (c *compiler) forEach(form *definition.ForEach, s *Step, v view) {
	action := &ForEach{As: form.As.Value, Limit: 1}
	if form.Limit != nil {
		action.Limit = *form.Limit
	}
	action.Items, action.Item = c.items(form, c.scope(v, s.If))
	inner := v.within(s)
	if action.As != "" {
		inner.roots = append(inner.roots, schema.Field{Name: action.As, Type: action.Item, Required: true})
	}
	first := len(c.known)
	action.Steps = c.steps(form.Steps, inner)
	entry := schema.ObjectOf()
	entry.Fields = []schema.Field{}
	if !slices.ContainsFunc(c.known[first:], func(k knownStep) bool { return k.id == action.As }) {
		entry.Fields = append(entry.Fields, schema.Field{Name: action.As, Type: action.Item, Required: true})
	}
	for i, k := range c.known[first:] {
		t, _ := k.typeIn(view{}, first+i)
		action.IDs = append(action.IDs, k.id)
		entry.Fields = append(entry.Fields, schema.Field{Name: k.id, Type: t, Required: true})
	}
	c.hide(first, `step "%s" runs once for each item`, `refer to its outputs as steps.`+s.Key+`.items, a list: map(steps.`+s.Key+`.items, #.%s)`)
	s.Outputs = resultOf(schema.Field{
		Name: "items", Title: "Items", Type: schema.ListOf(entry), Required: true,
		Description: "An entry for each item, in order, with the item under its name and the outputs of the loop's steps by id.",
	})
	s.Action = action
}

// items compiles the list. It returns the template and the type of the items.
func (c *compiler) items(form *definition.ForEach, scope expression.Scope) (Template, schema.Type) {
	var value node
	var got schema.Type
	c.crosses(intoReader, func() { value, got = c.value(form.List, schema.ListOf(anything), "for_each", scope) })
	c.limitItems(form, value)
	item := anything
	switch {
	case got.Kind == schema.List && got.Items != nil:
		item = *got.Items
	case got.Kind == "":
		item = schema.Type{} // a problem was already reported, so nothing is known about the items
	}
	if form.List.Kind == schema.List && len(form.List.Items) == 0 {
		c.report(diag.Problem{
			Rule: "empty-loop", Severity: diag.Warning, Range: form.List.Range, Label: "has no items",
			Message: "this loop never runs", Help: "write at least one item, or take the items from an input: ${{ inputs.names }}",
		})
	}
	return Template{value}, item
}

// limitItems reports a list that is known to be too long.
func (c *compiler) limitItems(form *definition.ForEach, list node) {
	n := len(form.List.Items)
	if whole, ok := list.(*wholeNode); ok {
		if constant, ok := whole.program.Constant(); ok {
			items, _ := constant.([]any)
			n = len(items)
		}
	}
	if n > MaxItems {
		c.report(diag.Problem{
			Rule: "too-large", Range: form.List.Range, Label: fmt.Sprintf("has %d items", n),
			Message: fmt.Sprintf("a loop has at most %d items", MaxItems), Help: "write several loops, or let a called workflow loop over each part",
		})
	}
}

// hasItems reports whether a loop certainly has at least one item, for all inputs.
func hasItems(a *ForEach) bool { return a.knownItems() > 0 }

// knownItems returns the number of items if it is the same in every run, or 0.
func (f *ForEach) knownItems() int {
	if list, ok := f.Items.root.(*listNode); ok {
		return len(list.items)
	}
	value, _ := knownValue(f.Items.root)
	items, _ := value.([]any)
	return len(items)
}

// hasItemsIf returns the condition, in canonical text, that a loop has items. ok is false if its
// list is not one expression.
func (a *ForEach) hasItemsIf() (condition string, ok bool) {
	list, ok := a.Items.root.(*wholeNode)
	if !ok {
		return "", false
	}
	text, ok := expression.Canonical(list.program.Source())
	return "len(" + text + ") > 0", ok
}

// facts returns the facts after an item that also hold for the next one and after the loop: those
// from before the loop, and those about neither a step nor an item.
func (a *ForEach) facts(after, before facts) facts {
	return slices.DeleteFunc(slices.Clone(after), func(text string) bool {
		return !slices.Contains(before, text) && (strings.Contains(text, "steps.") || reads(text, a.As))
	})
}
