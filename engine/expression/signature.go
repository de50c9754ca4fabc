package expression

import (
	"slices"
	"strconv"

	"github.com/expr-lang/expr/ast"

	"errand/engine/schema"
)

// A parameter is the types that a function accepts in one place.
type parameter struct {
	text     string // "a string"
	fits     func(schema.Type) bool
	null     bool // null is accepted, too
	optional bool
	rest     bool // the parameter may be repeated or left out
}

const aString = "a string"

var (
	text     = parameter{text: aString, fits: ofKind(schema.String)}
	whole    = parameter{text: "an integer", fits: ofKind(schema.Integer)}
	number   = parameter{text: "a number", fits: numeric}
	list     = parameter{text: "a list", fits: ofKind(schema.List)}
	texts    = parameter{text: "a list of strings", fits: listOf(ofKind(schema.String))}
	sortable = parameter{text: "a list of numbers, strings or durations", fits: listOf(func(t schema.Type) bool { return canCompare(t, t) })}
	measured = parameter{text: "a string, a list or an object", fits: ofKind(schema.String, schema.List, schema.Object)}
	readable = parameter{text: "a number, a string or a value of any type", fits: ofKind(schema.String, schema.Integer, schema.Number, schema.Any)}
	listable = parameter{text: "a list or a value of any type", fits: ofKind(schema.List, schema.Any)}
	anything = parameter{text: "a value", null: true}
	quantity = parameter{text: "a number or a duration", fits: func(t schema.Type) bool { return isQuantity(t) || listOf(isQuantity)(t) }}
)

func isQuantity(t schema.Type) bool { return numeric(t) || t.Kind == schema.Duration }

func ofKind(kinds ...schema.Kind) func(schema.Type) bool {
	return func(t schema.Type) bool {
		return slices.Contains(kinds, t.Kind)
	}
}

// listOf accepts lists whose elements fit and are not null.
func listOf(fits func(schema.Type) bool) func(schema.Type) bool {
	return func(t schema.Type) bool {
		return t.Kind == schema.List && t.Items != nil && !t.Items.Nullable && (fits(*t.Items) || isNothing(*t.Items))
	}
}

func takes(list ...parameter) []parameter { return list }

func optionalParam(w parameter) parameter { w.optional = true; return w }
func repeatedParam(w parameter) parameter { w.rest = true; return w }

func (f *function) variadic() bool { return f.parameters[len(f.parameters)-1].rest }

func (f *function) least() int {
	n := 0
	for _, w := range f.parameters {
		if !w.optional && !w.rest {
			n++
		}
	}
	return n
}

// count returns how many arguments a function takes, in words.
func (f *function) count() string {
	n := strconv.Itoa(f.least())
	switch {
	case f.variadic():
		return "at least " + n + " argument"
	case f.least() < len(f.parameters):
		return n + " or " + strconv.Itoa(len(f.parameters)) + " arguments"
	case n == "1":
		return "1 argument"
	}
	return n + " arguments"
}

func findFunction(name string) (*function, bool) {
	for _, f := range functions {
		if f.Name == name {
			return f, true
		}
	}
	return nil, false
}

// ofString accepts a text, a number, a boolean, a duration, or a value of any type.
func ofString(c *checker, n ast.Node, arguments []value) value {
	v := c.need(arguments[0])
	switch {
	case v.bad:
		return v
	case v.Kind == schema.List, v.Kind == schema.Object:
		help := "write toJSON(" + c.textOf(v.from) + ")"
		if texts.fits(v.Type) {
			help = "write join(" + c.textOf(v.from) + ", \", \"), or toJSON for JSON"
		}
		return c.refuse(v.from, RuleType, "string needs a plain value, but "+c.shortText(v.from)+" is "+describe(v.Type), "not plain", help)
	case v.Kind == schema.String:
		return value{Type: bare(v.Type), node: v.node}
	}
	return value{Type: schema.Of(schema.String), node: c.meteredCall("string", v.node)}
}

func ofInt(c *checker, _ ast.Node, arguments []value) value {
	v := value{Type: schema.Of(schema.Integer)}
	if arguments[0].Kind == schema.Any {
		v.node = c.meteredCall(opIntOrNull, arguments[0].node)
	}
	return conversion(v, arguments[0], "may not hold an integer")
}

func ofFloat(_ *checker, _ ast.Node, arguments []value) value {
	v := value{Type: schema.Of(schema.Number)}
	return conversion(v, arguments[0], "may not hold a number")
}

func ofList(_ *checker, _ ast.Node, arguments []value) value {
	if v := arguments[0]; v.Kind == schema.List {
		return value{Type: bare(v.Type), node: v.node}
	}
	return conversion(value{Type: schema.Of(schema.List)}, arguments[0], "may not hold a list")
}

func conversion(v, from value, why string) value {
	switch from.Kind {
	case schema.String:
		return v.orNull("the text " + why)
	case schema.Any:
		return v.orNull("the value " + why)
	}
	return v
}

// ofDuration accepts a constant.
func ofDuration(c *checker, n ast.Node, arguments []value) value {
	literal, ok := arguments[0].node.(*ast.StringNode)
	switch v := arguments[0]; {
	case ok:
	case numeric(v.Type) && isConstant(v.from):
		return c.refuse(n, RuleType, "duration needs a text with a unit", "has no unit", `write duration("`+c.textOf(v.from)+`s")`)
	case numeric(v.Type) && !v.Nullable:
		return c.refuse(n, RuleType, "duration needs a constant text", "not constant", "write "+c.guardText(v.from)+` * duration("1s")`)
	default:
		return c.refuse(v.from, RuleType, "duration needs a constant text", "not constant", "declare the input or output as a duration")
	}
	d, err := schema.ParseDuration(literal.Value)
	if err != nil {
		return c.refuse(arguments[0].from, RuleType, schema.Show(literal.Value)+" "+err.Error(), "not a duration", "")
	}
	return value{Type: schema.Of(schema.Duration), node: &ast.ConstantNode{Value: d}}
}

// ofRepeat refuses a number that makes any text too long, even if the text is not known.
func ofRepeat(c *checker, _ ast.Node, arguments []value) value {
	_, known := arguments[0].node.(*ast.StringNode) // then the result is computed
	if times, constant := constantInteger(arguments[1].node); constant && times > maxText && !known {
		return c.refuse(arguments[1].from, RuleLimit, "a text has at most 64 KiB, and this repeats one "+strconv.Itoa(times)+" times", "too often", "write a smaller number")
	}
	return value{Type: schema.Of(schema.String)}
}

// ofFirst returns the type of the first argument.
func ofFirst(_ *checker, _ ast.Node, arguments []value) value {
	return value{Type: bare(arguments[0].Type)}
}

func ofFirstItem(c *checker, _ ast.Node, arguments []value) value {
	return c.elementOf(arguments[0], &ast.IntegerNode{Value: 0}, nil, "the list may be empty")
}

func ofLastItem(c *checker, _ ast.Node, arguments []value) value {
	return c.elementOf(arguments[0], &ast.UnaryNode{Operator: "-", Node: &ast.IntegerNode{Value: 1}}, nil, "the list may be empty")
}

// ofExtreme returns the common type of all arguments. For a single list it is nullable.
func ofExtreme(c *checker, n ast.Node, arguments []value) value {
	if v := arguments[0]; len(arguments) == 1 && v.Kind == schema.List {
		return value{Type: bare(*v.Items)}.orNull("the list may be empty")
	}
	kind := bare(arguments[0].Type)
	for _, v := range arguments {
		joined, ok := unify(kind, v.Type)
		if v.Kind == schema.List {
			return c.refuse(v.from, RuleType, "min and max take one list, or several values that are not lists", "a list", "")
		}
		if !ok {
			return c.refuse(v.from, RuleType, "this is "+describe(v.Type)+", but the value before it is "+describe(kind), "of another type", "")
		}
		kind = joined
	}
	return value{Type: kind}
}

func ofConcat(c *checker, n ast.Node, arguments []value) value {
	item := bare(itemOf(arguments[0].Type))
	for _, v := range arguments[1:] {
		item, _ = unify(item, itemOf(v.Type))
	}
	for _, v := range arguments {
		if HidesDuration(itemOf(v.Type), item) {
			return c.hiddenDuration(v, "in a list with values of other types")
		}
	}
	return value{Type: schema.ListOf(item)}
}
