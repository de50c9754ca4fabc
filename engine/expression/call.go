package expression

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"errand/engine/diag"
	"errand/engine/schema"
)

func (c *checker) call(n *ast.CallNode) value {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return c.refuse(n.Callee, RuleFunction, "values have no methods", "not a function", "functions stand before what they take: lower(inputs.name)")
	}
	return c.function(n, callee.Value, n.Arguments)
}

// function checks the call of a function or a closure by its name.
func (c *checker) function(n ast.Node, name string, arguments []ast.Node) value {
	if closure, ok := findClosure(name); ok {
		return c.closure(n, closure, arguments)
	}
	f, ok := findFunction(name)
	if !ok {
		return c.noFunction(n, name)
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
	if len(values) < f.least() || !f.variadic() && len(values) > len(f.wants) {
		return c.refuse(n, RuleType, fmt.Sprintf("%s takes %s, and here %s", name, f.count(), given(len(values))), f.Signature, "")
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
	result.node = c.metered(name, nodes...)
	return result
}

func given(n int) string {
	switch n {
	case 0:
		return "is none"
	case 1:
		return "is 1"
	}
	return "are " + strconv.Itoa(n)
}

// argument checks one argument of a function.
func (c *checker) argument(f *function, i int, v value) value {
	want := f.wants[min(i, len(f.wants)-1)]
	if want.null {
		return v
	}
	if v = c.need(v); v.bad || want.fits(v.Type) {
		return v
	}
	p := c.problem(v.from, RuleType, f.Name+" wants "+want.text+", and "+c.written(v.from)+" is "+describe(v.Type))
	p.Label = "not " + want.text
	switch {
	case v.Kind == schema.Any:
		p.Help = convert(c.written(v.from))
	case v.Kind == schema.List && itemOf(v.Type).Kind == schema.Any:
		p.Help = "say what its elements are: map(" + c.written(v.from) + ", string(#))"
	case v.Kind == schema.List && itemOf(v.Type).Nullable:
		p.Help = "leave null out: filter(" + c.written(v.from) + ", # != nil), or give a substitute: map(" + c.written(v.from) + ", # ?? …)"
	case want.text == aString && scalar(v.Type):
		p.Help = "make it a string: string(" + c.written(v.from) + ")"
	}
	return c.report(p)
}

// noFunction reports a function that does not exist, or is left out for a reason.
func (c *checker) noFunction(n ast.Node, name string) value {
	if reason, ok := leftOut[name]; ok {
		p := c.nameProblem(n, name+"() is not allowed: "+reason.why)
		p.Label, p.Help = "not allowed", reason.instead
		return c.report(p)
	}
	names := functionNames()
	p := c.nameProblem(n, "there is no function "+strconv.Quote(name))
	p.Label = "not known here"
	if near := diag.Nearest(name, names); near != "" {
		p.Help, p.Suggest = `did you mean "`+near+`"?`, diag.Certain(name, names)
	} else if _, ok := c.scope.root(name); ok {
		p.Help = name + " is a value, not a function"
	}
	p.Notes = []string{"functions are " + strings.Join(names, ", ")}
	return c.report(p)
}

// nameProblem is a problem with the name of the function called.
func (c *checker) nameProblem(call ast.Node, message string) Problem {
	at := call.Location()
	return Problem{From: byteOffset(c.source, at.From), To: byteOffset(c.source, at.To), Rule: RuleFunction, Message: message}
}

// closure checks a function that runs an expression for each element of a list.
func (c *checker) closure(n ast.Node, f *closure, arguments []ast.Node) value {
	if len(arguments) == 0 || len(arguments) > 2 || len(arguments) == 1 && !f.alone {
		return c.refuse(n, RuleType, f.Name+" takes a list and an expression over its elements", f.Signature, "")
	}
	list := c.need(c.check(arguments[0]))
	if !list.bad && list.Kind != schema.List {
		help := ""
		if list.Kind == schema.Any {
			help = "declare what it is, as a list with its items"
		}
		list = c.refuse(arguments[0], RuleType, f.Name+" wants a list, and "+c.written(arguments[0])+" is "+describe(list.Type), "not a list", help)
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
			c.under(predicate.Node, true, func() {
				if c.proved(element.path) {
					list.Type = schema.ListOf(element.NotNull())
				}
			})
		}
		c.elements = c.elements[:len(c.elements)-1]
	} else {
		body.from = arguments[0]
	}
	if f.condition && !body.bad {
		body = c.condition(body, f.Name)
	}
	if body.bad {
		return body
	}
	v := f.result(c, n, list, body)
	if v.node == nil {
		v.node = &ast.BuiltinNode{Name: f.Name, Arguments: []ast.Node{list.node, c.ticking(body.node)}}
	}
	return v
}
