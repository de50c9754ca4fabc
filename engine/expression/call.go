package expression

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"errand/engine/diag"
	"errand/engine/schema"
)

func (c *checker) call(n *ast.CallNode) value {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		if inner := receiver(n); inner != nil && !isNamed(inner) { // a method before this one
			c.check(inner)
		}
		return c.refuse(n.Callee, RuleFunction, "values have no methods", "not a function", "write the function first: "+c.functionFirst(n))
	}
	return c.function(n, callee.Value, n.Arguments)
}

func isNamed(n *ast.CallNode) bool {
	_, ok := n.Callee.(*ast.IdentifierNode)
	return ok
}

// receiver returns the call whose result has the method that is called, or nil if there is none.
func receiver(n *ast.CallNode) *ast.CallNode {
	m, ok := n.Callee.(*ast.MemberNode)
	if !ok {
		return nil
	}
	inner, _ := m.Node.(*ast.CallNode)
	return inner
}

// functionFirst returns a call of a method as the call of the function with its name, or an example if
// there is no such function.
func (c *checker) functionFirst(n *ast.CallNode) string {
	if m, ok := n.Callee.(*ast.MemberNode); ok {
		name, _ := m.Property.(*ast.StringNode)
		if name != nil && slices.Contains(functionNames(), name.Value) {
			arguments := []string{c.textOf(m.Node)}
			for _, argument := range n.Arguments {
				arguments = append(arguments, c.textOf(argument))
			}
			return name.Value + "(" + strings.Join(arguments, ", ") + ")"
		}
	}
	return "lower(inputs.name)"
}

// function checks the call of a function or a closure by its name.
func (c *checker) function(n ast.Node, name string, arguments []ast.Node) value {
	if closure, ok := findClosure(name); ok {
		return c.closure(n, closure, arguments)
	}
	f, ok := findFunction(name)
	if !ok {
		return c.noFunction(n, name, arguments)
	}
	values := make([]value, len(arguments))
	bad := false
	for i, argument := range arguments {
		values[i] = c.check(argument)
		bad = bad || values[i].bad
	}
	if bad {
		return value{Type: schema.Of(schema.Any), node: &ast.NilNode{}, bad: true}
	}
	if len(values) < f.least() || !f.variadic() && len(values) > len(f.parameters) {
		return c.refuse(n, RuleType, fmt.Sprintf("%s takes %s, but the call has %s", name, f.count(), argumentCount(len(values))), f.Signature, "")
	}
	for i := range values {
		if values[i] = c.argument(f, i, values[i]); values[i].bad {
			bad = true
		}
	}
	if bad {
		return value{Type: schema.Of(schema.Any), node: &ast.NilNode{}, bad: true}
	}
	result := f.result(c, n, values)
	if result.bad || result.node != nil {
		return result
	}
	nodes := make([]ast.Node, len(values))
	for i, v := range values {
		nodes[i] = v.node
	}
	result.node = c.meteredCall(name, nodes...)
	return result
}

func argumentCount(n int) string {
	if n == 0 {
		return "none"
	}
	return strconv.Itoa(n)
}

// argument checks one argument of a function.
func (c *checker) argument(f *function, i int, v value) value {
	parameter := f.parameters[min(i, len(f.parameters)-1)]
	if parameter.null {
		return v
	}
	if v = c.need(v); v.bad || parameter.fits(v.Type) {
		return v
	}
	p := c.problem(v.from, RuleType, f.Name+" needs "+parameter.text+", but "+c.shortText(v.from)+" is "+describe(v.Type))
	p.Label = "not " + parameter.text
	switch {
	case v.Kind == schema.Any:
		p.Help = convert("%s ?? %s", c.guardText(v.from), parameter.fits)
		if parameter.text == texts.text {
			p.Help = "convert it: map(toList(" + c.textOf(v.from) + ") ?? [], string(# ?? \"…\"))"
		}
	case v.Kind == schema.List && itemOf(v.Type).Kind == schema.Any && parameter.text == quantity.text:
		p.Help = "convert its elements: map(" + c.textOf(v.from) + ", float(#) ?? 0)"
	case v.Kind == schema.List && itemOf(v.Type).Kind == schema.Any:
		p.Help = "convert its elements: map(" + c.textOf(v.from) + ", string(# ?? \"…\"))"
	case v.Kind == schema.List && itemOf(v.Type).Nullable:
		p.Help = "remove null: filter(" + c.textOf(v.from) + ", # != nil), or replace it: map(" + c.textOf(v.from) + ", # ?? …)"
	case parameter.text == texts.text && v.Kind == schema.List && scalar(itemOf(v.Type)):
		p.Help = "convert its elements: map(" + c.textOf(v.from) + ", string(#))"
	case parameter.text == aString && scalar(v.Type):
		p.Help = "make it a string: string(" + c.textOf(v.from) + ")"
	}
	return c.report(p)
}

// noFunction reports a function that does not exist, or one of expr's that is not allowed.
func (c *checker) noFunction(n ast.Node, name string, arguments []ast.Node) value {
	if reason, ok := leftOut[name]; ok {
		p := c.nameProblem(n, name+"() is not allowed: "+reason.why)
		p.Label, p.Help = "not allowed", reason.instead
		return c.report(p)
	}
	names := functionNames()
	p := c.nameProblem(n, "there is no function "+strconv.Quote(name))
	p.Label = "not known here"
	if near := diag.Nearest(name, names); near != "" {
		p.Help = `did you mean "` + near + `"?`
		if c.wouldAccept(near, arguments) {
			p.Suggest = diag.Certain(name, names)
		}
	} else if _, ok := c.scope.root(name); ok {
		p.Help = name + " is a value; write it without brackets"
	}
	p.Notes = []string{"functions are " + strings.Join(names, ", ")}
	return c.report(p)
}

// wouldAccept reports whether a function or a closure accepts arguments. Each argument that has a
// problem of its own counts as one that fits.
func (c *checker) wouldAccept(name string, arguments []ast.Node) bool {
	before := len(c.problems)
	defer func() { c.problems = c.problems[:before] }()
	f, ok := findFunction(name)
	if !ok { // an expression for the elements would not have been parsed here
		closure, _ := findClosure(name)
		return closure.alone && len(arguments) == 1 && slices.Contains([]schema.Kind{schema.List, schema.Any}, c.check(arguments[0]).Kind)
	}
	if len(arguments) < f.least() || !f.variadic() && len(arguments) > len(f.parameters) {
		return false
	}
	for i, argument := range arguments {
		v := c.check(argument)
		v.Nullable = false
		if !v.bad && c.argument(f, i, v).bad {
			return false
		}
	}
	return true
}

// nameProblem returns a problem at the name of the called function.
func (c *checker) nameProblem(call ast.Node, message string) Problem {
	at := call.Location()
	return Problem{From: byteOffset(c.source, at.From), To: byteOffset(c.source, at.To), Rule: RuleFunction, Message: message}
}

// closure checks a function that runs an expression for each element of a list.
func (c *checker) closure(n ast.Node, f *closure, arguments []ast.Node) value {
	if len(arguments) == 0 || len(arguments) > 2 || len(arguments) == 1 && !f.alone {
		return c.refuse(n, RuleType, f.Name+" takes a list and an expression for its elements", f.Signature, "")
	}
	list := c.need(c.check(arguments[0]))
	if !list.bad && list.Kind != schema.List {
		help := ""
		if list.Kind == schema.Any {
			help = convert("%s ?? %s", c.textOf(arguments[0]), ofKind(schema.List))
		}
		list = c.refuse(arguments[0], RuleType, f.Name+" needs a list, but "+c.shortText(arguments[0])+" is "+describe(list.Type), "not a list", help)
	}
	if list.bad {
		return list
	}
	if len(c.elements) == maxClosures {
		return c.refuse(n, RuleLimit, fmt.Sprintf("functions over lists are nested more than %d deep", maxClosures), "too deep", "split it over several steps")
	}
	element := value{Type: itemOf(list.Type), node: &ast.PointerNode{}, path: "#" + strconv.Itoa(len(c.elements)+1), why: "an element may be null"}
	body := element
	if len(arguments) == 2 {
		predicate := arguments[1].(*ast.PredicateNode)
		c.elements = append(c.elements, element)
		body = c.check(predicate.Node)
		if f.Name == "filter" && element.Nullable {
			c.checkUnder(predicate.Node, true, func() {
				if c.isProved(element.path) {
					list.Type = schema.ListOf(element.NotNull())
				}
			})
		}
		c.elements = c.elements[:len(c.elements)-1]
	} else {
		body.from = arguments[0]
		if f.condition && element.Kind != schema.Boolean {
			message := f.Name + " without a condition needs booleans, but " + c.elementText(list, body) + " is " + describe(element.NotNull())
			return c.refuse(arguments[0], RuleType, message, "not a list of booleans", "write the condition: "+f.Signature)
		}
	}
	if f.condition && !body.bad {
		body = c.condition(body, f.Name)
	}
	if body.bad {
		return body
	}
	v := f.result(c, n, list, body)
	if v.node == nil {
		v.node = &ast.BuiltinNode{Name: f.Name, Arguments: []ast.Node{list.node, c.countedBody(body.node)}}
	}
	return v
}

// elementText returns what a closure uses of each element: its expression, or without one the element.
func (c *checker) elementText(list, body value) string {
	if body.from == list.from {
		return "an element of " + c.shortText(list.from)
	}
	return c.shortText(body.from)
}
