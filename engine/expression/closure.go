package expression

import (
	"github.com/expr-lang/expr/ast"

	"errand/engine/schema"
)

// A closure is a function that evaluates an expression for each element of a list. In the
// expression # is the element, .name is a member of it, and #index is its number.
type closure struct {
	Function
	alone     bool // the expression is optional
	condition bool // the expression is a condition
	result    func(c *checker, n ast.Node, list, body value) value
}

var closures = []*closure{
	{Function{"filter", "filter(list, condition)", "the elements for which the condition holds", `filter([1, 2, 3], # > 1)`}, false, true,
		func(_ *checker, _ ast.Node, list, _ value) value { return value{Type: bare(list.Type)} }},
	{Function{"map", "map(list, expression)", "the value of the expression for each element", `map(["a", "b"], upper(#))`}, false, false,
		func(c *checker, n ast.Node, _, body value) value {
			return c.limitType(n, value{Type: schema.ListOf(bare(body.Type))})
		}},
	{Function{"any", "any(list, condition)", "whether the condition holds for an element", `any([1, 2], # > 1)`}, false, true, ofTruth},
	{Function{"all", "all(list, condition)", "whether the condition holds for every element", `all([1, 2], # > 1)`}, false, true, ofTruth},
	{Function{"one", "one(list, condition)", "whether the condition holds for exactly one element", `one([1, 2], # > 1)`}, false, true, ofTruth},
	{Function{"none", "none(list, condition)", "whether the condition holds for no element", `none([1, 2], # > 2)`}, false, true, ofTruth},
	{Function{"count", "count(list, condition)", "the number of elements for which the condition holds", `count([1, 2, 3], # > 1)`}, true, true,
		func(*checker, ast.Node, value, value) value { return value{Type: schema.Of(schema.Integer)} }},
	{Function{"find", "find(list, condition)", "the first element for which the condition holds, or null", `find(["web", "db"], # matches "^d")`}, false, true,
		func(_ *checker, _ ast.Node, list, _ value) value {
			return value{Type: itemOf(list.Type)}.orNull("there may be no such element")
		}},
	{Function{"sum", "sum(list, expression)", "the sum of the elements, or of the expression for each element", `sum([1, 2, 3])`}, true, false, ofSum},
}

func ofTruth(*checker, ast.Node, value, value) value { return value{Type: schema.Of(schema.Boolean)} }

func ofSum(c *checker, n ast.Node, list, body value) value {
	if isNothing(itemOf(list.Type)) {
		return c.refuse(n, RuleType, "sum needs numbers or durations, but "+c.shortText(list.from)+" has no elements", "nothing to add", "write 0")
	}
	if body.Nullable && body.from == list.from {
		return c.refuse(body.from, RuleNull, "an element of "+c.shortText(list.from)+" may be null", "may hold null", "remove null: filter("+c.textOf(list.from)+", # != nil)")
	}
	if body = c.need(body); body.bad {
		return body
	}
	operation := ""
	switch body.Kind {
	case schema.Integer:
		operation = "sum int"
	case schema.Number:
		operation = "sum number"
	case schema.Duration:
		operation = "sum duration"
	default:
		help := ""
		switch readable := body.Kind == schema.String || body.Kind == schema.Any; {
		case readable && body.from == list.from:
			help = "convert the elements: map(" + c.textOf(list.from) + ", int(#) ?? 0)"
		case readable:
			help = "convert it: int(" + c.textOf(body.from) + ") ?? 0"
		}
		return c.refuse(body.from, RuleType, "sum needs numbers or durations, but "+c.elementText(list, body)+" is "+describe(body.Type), "neither", help)
	}
	mapped := &ast.BuiltinNode{Name: "map", Arguments: []ast.Node{list.node, c.countedBody(body.node)}}
	return value{Type: schema.Of(body.Kind), node: c.meteredCall(operation, mapped)}
}

func findClosure(name string) (*closure, bool) {
	for _, f := range closures {
		if f.Name == name {
			return f, true
		}
	}
	return nil, false
}
