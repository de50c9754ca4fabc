package expression

import (
	"slices"
	"strconv"

	"github.com/expr-lang/expr/ast"

	"errand/engine/diag"
	"errand/engine/schema"
)

// condition returns a value that the machine can branch on: null counts as false.
func (c *checker) condition(v value, where string) value {
	switch {
	case v.bad:
	case v.Kind == schema.Null:
		v.node = &ast.BoolNode{}
	case v.Kind != schema.Boolean:
		help := ""
		switch {
		case v.Nullable && v.Kind != schema.Null:
			help = "compare it: " + c.guardText(v.from) + " != nil"
		case isConstant(v.from):
		case v.Kind == schema.String, numeric(v.Type):
			help = "compare it: " + c.guardText(v.from) + " == …"
		case v.Kind == schema.List:
			help = "compare its length: len(" + c.textOf(v.from) + ") > 0"
		case v.Kind == schema.Any:
			help = "compare it: " + c.guardText(v.from) + " == true"
		}
		return c.refuse(v.from, RuleType, where+" needs a boolean, but "+c.shortText(v.from)+" is "+describe(v.NotNull()), "not a boolean", help)
	case v.Nullable:
		v.node = call(opTrue, v.node)
	}
	v.Type = schema.Of(schema.Boolean)
	return v
}

// describe returns a type as a noun phrase with its article.
func describe(t schema.Type) string {
	switch t.Kind {
	case schema.Any:
		return "a value of any type"
	case schema.Null:
		return "null"
	}
	return t.Article()
}

func (c *checker) both(n *ast.BinaryNode, operator string) value {
	left := c.condition(c.check(n.Left), strconv.Quote(n.Operator))
	var right value
	c.checkUnder(n.Left, operator == "&&", func() {
		right = c.condition(c.check(n.Right), strconv.Quote(n.Operator))
	})
	return value{Type: schema.Of(schema.Boolean), node: &ast.BinaryNode{Operator: operator, Left: left.node, Right: right.node}}
}

func (c *checker) conditional(n *ast.ConditionalNode) value {
	cond := c.check(n.Cond)
	if n.Cond == n.Exp1 && cond.Kind != schema.Boolean && !cond.bad {
		return c.refuse(n.Cond, RuleType, `"?:" needs a boolean, but `+c.textOf(n.Cond)+" is "+describe(cond.NotNull()), "not a boolean",
			"replace null with ??: "+c.guardText(n.Cond)+" ?? "+c.guardText(n.Exp2))
	}
	cond = c.condition(cond, "a condition")
	var yes, no value
	c.checkUnder(n.Cond, true, func() { yes = c.check(n.Exp1) })
	c.checkUnder(n.Cond, false, func() { no = c.check(n.Exp2) })
	v := c.either(n, yes, no, "the two outcomes are")
	v.node = &ast.ConditionalNode{Cond: cond.node, Exp1: yes.node, Exp2: no.node}
	return v
}

// either returns the value of a node that is one value or the other. what begins the message if
// their types differ.
func (c *checker) either(n ast.Node, a, b value, what string) value {
	if a.bad || b.bad {
		return value{Type: schema.Of(schema.Any), bad: true}
	}
	kind, ok := unify(a.Type, b.Type)
	if !ok {
		help := ""
		if a.Kind == schema.String && scalar(b.Type) {
			help = "make both a string: string(" + c.textOf(b.from) + ")"
		} else if b.Kind == schema.String && scalar(a.Type) {
			help = "make both a string: string(" + c.textOf(a.from) + ")"
		}
		return c.refuse(n, RuleType, what+" "+a.NotNull().Article()+" and "+b.NotNull().Article(), "of different types", help)
	}
	v := value{Type: kind}
	switch {
	case a.Nullable && a.Kind != schema.Null:
		v.null, v.why = a.null, a.why
	case b.Nullable && b.Kind != schema.Null:
		v.null, v.why = b.null, b.why
	}
	return v
}

func (c *checker) coalesce(n *ast.BinaryNode) value {
	left := c.check(n.Left)
	var right value
	c.checkKnowing(func() { c.assumeNull(left) }, func() { right = c.check(n.Right) })
	if left.Kind == schema.Null && !left.bad {
		right.path = ""
		return right
	}
	sure := left
	sure.Type = left.NotNull()
	v := c.either(n, sure, right, `the sides of "??" are`)
	v.node = &ast.BinaryNode{Operator: "??", Left: left.node, Right: right.node}
	v.causes = slices.Concat(left.causes, right.causes)
	return v
}

// equality checks == and !=, which accept null on both sides.
func (c *checker) equality(n *ast.BinaryNode) value {
	left, right := c.check(n.Left), c.check(n.Right)
	if left.bad || right.bad {
		return truth(nil)
	}
	if !canEqual(left.Type, right.Type) {
		help := ""
		if left.Kind == schema.Duration && right.Kind == schema.String {
			help = "write duration(" + c.textOf(right.from) + ")"
		} else if numeric(left.Type) && right.Kind == schema.String {
			help = "write the number without quotes"
		} else if left.Kind == schema.Boolean && right.Kind == schema.String {
			help = "write true or false without quotes"
		}
		c.refuse(n, RuleType, left.NotNull().Article()+" is never equal to "+right.NotNull().Article(), "of different types", help)
		return truth(nil)
	}
	c.possible(left, right)
	c.possible(right, left)
	equal := c.same(left, right)
	if n.Operator == "!=" {
		equal = &ast.UnaryNode{Operator: "!", Node: equal}
	}
	return truth(equal)
}

func truth(node ast.Node) value {
	if node == nil {
		node = &ast.BoolNode{}
	}
	return value{Type: schema.Of(schema.Boolean), node: node}
}

func (c *checker) same(a, b value) ast.Node {
	if scalar(a.Type) || scalar(b.Type) {
		return call(opSame, a.node, b.node)
	}
	return c.meteredCall(opEqual, a.node, b.node)
}

// possible refuses a literal that the other side can never be equal to.
func (c *checker) possible(v, literal value) {
	text, ok := literal.node.(*ast.StringNode)
	if !ok || len(v.Enum) == 0 || slices.Contains(v.Enum, any(text.Value)) {
		return
	}
	var names []string
	for _, e := range v.Enum {
		if name, ok := e.(string); ok {
			names = append(names, name)
		}
	}
	p := c.problem(literal.from, RuleType, c.shortText(v.from)+" is never "+schema.Show(text.Value))
	p.Label, p.Notes = "not one of its values", []string{"the values are " + joinNames(names)}
	if near := diag.Nearest(text.Value, names); near != "" {
		p.Help = "did you mean " + schema.Show(near) + "?"
	}
	if near := diag.Certain(text.Value, names); near != "" {
		p.Suggest = strconv.Quote(near)
	}
	c.report(p)
}

// membership checks `in`. Null is allowed on the left; a right side that is null contains nothing.
func (c *checker) membership(n *ast.BinaryNode) value {
	left, right := c.check(n.Left), c.check(n.Right)
	if left.bad || right.bad {
		return truth(nil)
	}
	switch right.Kind {
	case schema.List:
		item := itemOf(right.Type)
		if !canEqual(left.Type, item) {
			c.refuse(n, RuleType, left.NotNull().Article()+" is never in "+right.NotNull().Article(), "of different types", "")
			return truth(nil)
		}
		if literal, ok := n.Right.(*ast.ArrayNode); ok {
			for _, node := range literal.Nodes {
				if text, ok := node.(*ast.StringNode); ok {
					c.possible(left, value{node: text, from: text})
				}
			}
		}
	case schema.Object, schema.Any:
		if right.Kind == schema.Object && left.Kind != schema.String && left.Kind != schema.Any {
			c.refuse(left.from, RuleType, "the name of a member must be a string, but this is "+describe(left.NotNull()), "not a string", "")
			return truth(nil)
		}
	case schema.Null:
		return truth(nil)
	default:
		help := ""
		if right.Kind == schema.String {
			help = "write " + c.guardText(right.from) + " contains " + c.textOf(left.from)
		}
		c.refuse(right.from, RuleType, `"in" needs a list or an object, but `+c.shortText(right.from)+" is "+describe(right.NotNull()), "not a list", help)
		return truth(nil)
	}
	return truth(c.meteredCall(opIn, left.node, right.node))
}
