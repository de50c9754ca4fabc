package expression

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"

	"errand/engine/schema"
)

func (c *checker) unary(n *ast.UnaryNode) value {
	v := c.check(n.Node)
	switch n.Operator {
	case "!", "not":
		v = c.condition(v, strconv.Quote(n.Operator))
		return truth(&ast.UnaryNode{Operator: "!", Node: v.node})
	}
	if v = c.operand(v); v.bad {
		return v
	}
	if !numeric(v.Type) {
		help := ""
		if v.Kind == schema.Duration {
			help = "a duration is never negative; subtract it from another one"
		}
		return c.refuse(v.from, RuleType, `the sign "`+n.Operator+`" needs a number, but `+c.shortText(v.from)+" is "+describe(v.Type), "not a number", help)
	}
	if n.Operator == "+" {
		return value{Type: bare(v.Type), node: v.node}
	}
	return value{Type: bare(v.Type), node: call(opNegate, v.node)}
}

func (c *checker) binary(n *ast.BinaryNode) value {
	switch n.Operator {
	case "&&", "and":
		return c.both(n, "&&")
	case "||", "or":
		return c.both(n, "||")
	case "==", "!=":
		return c.equality(n)
	case "??":
		return c.coalesce(n)
	case "in":
		return c.membership(n)
	}
	left, right := c.operand(c.check(n.Left)), c.operand(c.check(n.Right))
	if left.bad || right.bad {
		return value{Type: schema.Of(schema.Any), node: &ast.NilNode{}, bad: true}
	}
	switch n.Operator {
	case "<", "<=", ">", ">=":
		return c.comparison(n, left, right)
	case "contains", "startsWith", "endsWith":
		return c.textTest(n, left, right)
	case "matches":
		return c.matches(n, left, right)
	case "..":
		if left.Kind != schema.Integer || right.Kind != schema.Integer {
			return c.misfit(n, left, right, "a range goes from an integer to an integer")
		}
		return value{Type: schema.ListOf(schema.Of(schema.Integer)), node: c.meteredCall(opRange, left.node, right.node)}
	}
	return c.arithmetic(n, left, right)
}

// comparison checks <, <=, > and >= between two numbers, texts or durations.
func (c *checker) comparison(n *ast.BinaryNode, left, right value) value {
	if !canCompare(left.Type, right.Type) {
		return c.misfit(n, left, right, strconv.Quote(n.Operator)+" compares two numbers, two strings or two durations")
	}
	return truth(call(n.Operator, left.node, right.node))
}

func (c *checker) textTest(n *ast.BinaryNode, left, right value) value {
	if left.Kind != schema.String || right.Kind != schema.String {
		p := c.misfitProblem(n, left, right, strconv.Quote(n.Operator)+" needs two strings")
		if left.Kind == schema.List && n.Operator == "contains" {
			p.Help = "write " + c.guardText(right.from) + " in " + c.guardText(left.from)
		}
		return c.report(p)
	}
	return truth(c.meteredCall(n.Operator, left.node, right.node))
}

// matches checks a match of a text with a pattern. A constant pattern is compiled here.
func (c *checker) matches(n *ast.BinaryNode, left, right value) value {
	if left.Kind != schema.String || right.Kind != schema.String {
		return c.misfit(n, left, right, `"matches" needs two strings`)
	}
	literal, ok := right.node.(*ast.StringNode)
	if !ok {
		return truth(c.meteredCall(opMatches, left.node, right.node))
	}
	pattern, err := constantPattern(literal.Value)
	if err != nil {
		return c.refuse(n.Right, RuleType, err.Error(), "not a pattern", "patterns have the syntax of RE2; put a pattern with backslashes in backquotes")
	}
	return truth(c.meteredCall(opMatches, left.node, &ast.ConstantNode{Value: pattern}))
}

// An arithmetic is the operation of an operator for the kinds of its operands: integers and
// numbers, for example, are added by different operations.
type arithmetic struct {
	operator    string
	left, right schema.Kind
	result      schema.Kind
	operation   string
	metered     bool
}

var arithmetics = []arithmetic{
	{"+", schema.String, schema.String, schema.String, opJoinTexts, true},
	{"+", schema.Integer, schema.Integer, schema.Integer, "+int", false},
	{"+", schema.Number, schema.Number, schema.Number, "+", false},
	{"+", schema.Duration, schema.Duration, schema.Duration, "+duration", false},
	{"-", schema.Integer, schema.Integer, schema.Integer, "-int", false},
	{"-", schema.Number, schema.Number, schema.Number, "-", false},
	{"-", schema.Duration, schema.Duration, schema.Duration, "-duration", false},
	{"*", schema.Integer, schema.Integer, schema.Integer, "*int", false},
	{"*", schema.Number, schema.Number, schema.Number, "*", false},
	{"*", schema.Duration, schema.Number, schema.Duration, "*duration", false},
	{"*", schema.Number, schema.Duration, schema.Duration, "*duration", false},
	{"/", schema.Number, schema.Number, schema.Number, "/", false},
	{"/", schema.Duration, schema.Number, schema.Duration, "/duration", false},
	{"/", schema.Duration, schema.Duration, schema.Number, "/", false},
	{"%", schema.Integer, schema.Integer, schema.Integer, "%", false},
	{"**", schema.Number, schema.Number, schema.Number, "**", false},
	{"^", schema.Number, schema.Number, schema.Number, "**", false},
}

// isZero reports whether a part is 0 in every run, such as 1 - 1.
func isZero(n ast.Node) bool {
	p, _ := compile(canonical(n), Scope{})
	if p == nil {
		return false
	}
	constant, _ := p.Constant()
	return constant == 0 || constant == 0.0 || constant == time.Duration(0)
}

func (c *checker) arithmetic(n *ast.BinaryNode, left, right value) value {
	if (n.Operator == "/" || n.Operator == "%") && (numeric(right.Type) || right.Kind == schema.Duration) && isZero(right.from) && !c.scope.Started {
		return c.refuse(n.Right, RuleFails, "the expression always fails: "+errZero.Error(), "", "")
	}
	fits := func(want schema.Kind, t schema.Type) bool {
		return t.Kind == want || want == schema.Number && t.Kind == schema.Integer
	}
	for _, a := range arithmetics {
		if a.operator != n.Operator || !fits(a.left, left.Type) || !fits(a.right, right.Type) {
			continue
		}
		node := call(a.operation, left.node, right.node)
		if a.metered {
			node = c.meteredCall(a.operation, left.node, right.node)
		}
		return value{Type: schema.Of(a.result), node: node}
	}
	p := c.misfitProblem(n, left, right, strconv.Quote(n.Operator)+" cannot combine "+describe(left.Type)+" and "+describe(right.Type))
	switch {
	case n.Operator == "+" && left.Kind == schema.String && scalar(right.Type):
		p.Help = "make it a string: string(" + c.textOf(right.from) + ")"
	case n.Operator == "+" && right.Kind == schema.String && scalar(left.Type):
		p.Help = "make it a string: string(" + c.textOf(left.from) + ")"
	case n.Operator != "+" && n.Operator != "-" && isQuantity(left.Type) && isQuantity(right.Type) && (left.Kind == schema.Duration || right.Kind == schema.Duration):
		p.Help = "a duration can be multiplied by a number, and divided by a number or a duration"
	case n.Operator == "+" && left.Kind == schema.List && right.Kind == schema.List:
		p.Help = "write concat(" + c.textOf(left.from) + ", " + c.textOf(right.from) + ")"
	}
	return c.report(p)
}

func (c *checker) misfit(n ast.Node, left, right value, message string) value {
	return c.report(c.misfitProblem(n, left, right, message))
}

// misfitProblem returns the problem of an operator whose operands do not fit. If an operand has any
// type, the help shows how to convert it.
func (c *checker) misfitProblem(n ast.Node, left, right value, message string) Problem {
	p := c.problem(n, RuleType, message)
	p.Label = left.Type.String() + " and " + right.Type.String()
	for _, sides := range [][2]value{{left, right}, {right, left}} {
		v, other := sides[0], sides[1]
		switch {
		case v.Kind == schema.Any:
			p.Help = convert("(%s ?? %s)", c.guardText(v.from), scalar)
		case v.Kind == schema.String && other.Kind == schema.Duration && isConstant(v.from):
			p.Help = "write duration(" + c.textOf(v.from) + ")"
		case numeric(v.Type) && other.Kind == schema.Duration:
			p.Help = `add the unit, as in duration("90s")`
		}
	}
	return p
}

// convert returns the help on how to convert a value of any type to the types that fit. guard is the
// format of a value and what replaces null.
func convert(guard, text string, fits func(schema.Type) bool) string {
	if fits(schema.Of(schema.List)) {
		return "convert it: " + fmt.Sprintf(guard, "toList("+text+")", "[]")
	}
	var ways []string
	if fits(schema.Of(schema.Integer)) {
		ways = append(ways, fmt.Sprintf(guard, "int("+text+")", "0"))
	}
	if fits(schema.Of(schema.Number)) {
		ways = append(ways, fmt.Sprintf(guard, "float("+text+")", "0"))
	}
	if fits(schema.Of(schema.String)) {
		ways = append(ways, "string("+text+` ?? "…")`)
	}
	return "convert it: " + strings.Join(ways, " or ")
}
