package expression

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"

	"errand/engine/schema"
)

// A value is what the checker knows about a node: its type, and the tree that computes it.
type value struct {
	schema.Type
	node ast.Node // patched, for the machine
	from ast.Node // as parsed
	path string   // the place it reads, by which a condition can prove something about it; or ""
	null string   // where Nullable: the path whose value may be null; or
	why  string   // the reason in words
	bad  bool     // a problem was found below, so that nothing more needs to be said
}

// checker checks one source. It goes through the tree once, and makes the tree that runs as it goes.
type checker struct {
	source   string
	runes    []rune
	scope    Scope
	problems []Problem
	paths    []string
	meters   bool
	parts    *[]Part // what was found of each part; nil: nobody asks

	variables []variable // of let, the innermost last
	elements  []value    // what # stands for, the innermost closure last
	known     []string   // paths proved not to be null
	texts     []string   // conditions known to hold, in canonical text
}

type variable struct {
	name string
	value
}

func newChecker(source string, scope Scope) *checker {
	c := &checker{source: source, scope: scope}
	for _, fact := range scope.Facts {
		if tree, problem := parse(fact); problem == nil {
			c.assume(tree, true)
		}
	}
	return c
}

// check finds the type of a node and its patched tree.
func (c *checker) check(node ast.Node) value {
	v := c.node(node)
	v.from = node
	return c.noted(v.settled())
}

func (c *checker) node(node ast.Node) value {
	switch n := node.(type) {
	case *ast.NilNode:
		return value{Type: null(), node: &ast.NilNode{}}
	case *ast.BoolNode:
		return value{Type: schema.Of(schema.Boolean), node: n}
	case *ast.IntegerNode:
		return value{Type: schema.Of(schema.Integer), node: n}
	case *ast.FloatNode:
		return value{Type: schema.Of(schema.Number), node: n}
	case *ast.StringNode:
		if !utf8.ValidString(n.Value) {
			return c.refuse(node, RuleType, "the text is not valid UTF-8", "", "")
		}
		return value{Type: schema.Of(schema.String), node: n}
	case *ast.IdentifierNode, *ast.MemberNode, *ast.ChainNode, *ast.PointerNode:
		v := c.place(node)
		c.read(v)
		return v
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.ConditionalNode:
		return c.conditional(n)
	case *ast.SliceNode:
		return c.slice(n)
	case *ast.ArrayNode:
		return c.list(n)
	case *ast.MapNode:
		return c.object(n)
	case *ast.VariableDeclaratorNode:
		return c.declaration(n)
	case *ast.CallNode:
		return c.call(n)
	case *ast.BuiltinNode:
		return c.function(n, n.Name, n.Arguments)
	case *ast.SequenceNode:
		return c.refuse(n.Nodes[0], RuleSyntax, "an expression is a single value; what stands before the semicolon has no effect", "", "remove it")
	case *ast.BytesNode:
		return c.refuse(node, RuleType, "bytes are not known here", "", "write a text in quotes, without the b before it")
	}
	return c.refuse(node, RuleSyntax, "this cannot stand in an expression", "", "")
}

func null() schema.Type { return schema.Type{Kind: schema.Null, Nullable: true} }

// read notes the path of a place that the expression reads.
func (c *checker) read(v value) {
	if v.path == "" || v.bad || strings.HasPrefix(v.path, "#") || strings.HasPrefix(v.path, letPrefix) {
		return
	}
	if slices.Contains(c.paths, v.path) {
		return
	}
	c.paths = append(c.paths, v.path)
}

// refuse reports a problem with a node, and gives the value that stands for what cannot be known.
func (c *checker) refuse(node ast.Node, rule, message, label, help string) value {
	p := c.problem(node, rule, message)
	p.Label, p.Help = label, help
	return c.report(p)
}

// report keeps a problem, once: the parser lets `a < b < c` and `a ?: b` share a node, which is then checked twice.
func (c *checker) report(p Problem) value {
	known := slices.ContainsFunc(c.problems, func(q Problem) bool {
		return p.From == q.From && p.To == q.To && p.Message == q.Message
	})
	if !known {
		c.problems = append(c.problems, p)
	}
	return value{Type: schema.Of(schema.Any), node: &ast.NilNode{}, bad: true}
}

// problem is a problem at a node.
func (c *checker) problem(node ast.Node, rule, message string) Problem {
	s := c.spanOf(node)
	return Problem{From: byteOffset(c.source, s.from), To: byteOffset(c.source, s.to), Rule: rule, Message: message}
}

// because says that a value may be null, and why.
func (c *checker) because(v value) string {
	text := c.written(v.from) + " may be null"
	if v.Kind == schema.Null {
		text = c.written(v.from) + " is null"
	}
	reason := v.why
	if v.null != "" && c.scope.Why != nil {
		reason = c.scope.Why(v.null)
	}
	if reason != "" {
		text += ": " + reason
	}
	return text
}

// need refuses a value that may be null. What it returns is not null, so that one cause is one problem.
func (c *checker) need(v value) value { return c.sure(v, "%s ?? %s") }

// operand is need for the side of an operator, where a guard wants parentheses.
func (c *checker) operand(v value) value { return c.sure(v, "(%s ?? %s)") }

func (c *checker) sure(v value, guard string) value {
	if !v.Nullable || v.bad {
		return v
	}
	help := ""
	if v.Kind != schema.Null {
		help = "guard it: " + fmt.Sprintf(guard, c.guarded(v.from), substitute(v.Kind))
	}
	c.refuse(v.from, RuleNull, c.because(v), "may be null here", help)
	v.Nullable = false
	v.bad = v.Kind == schema.Null
	return v
}

// guarded is how a node stands on the left of ??.
func (c *checker) guarded(node ast.Node) string {
	switch node.(type) {
	case *ast.BinaryNode, *ast.ConditionalNode, *ast.UnaryNode, *ast.VariableDeclaratorNode:
		return "(" + c.written(node) + ")"
	}
	return c.written(node)
}

// substitute is an example of a value of a kind.
func substitute(kind schema.Kind) string {
	switch kind {
	case schema.Integer, schema.Number:
		return "0"
	case schema.Boolean:
		return "false"
	case schema.Duration:
		return `duration("0s")`
	case schema.List:
		return "[]"
	case schema.Object:
		return "{}"
	}
	return `"…"`
}

// nullable marks a value as one that may be null for a reason in words.
func (v value) nullable(why string) value {
	if !v.Nullable {
		v.Nullable, v.why, v.null = true, why, ""
	}
	return v
}

// settled is a value of any type without the mark that it may be null, which goes without saying.
func (v value) settled() value {
	if v.Kind == schema.Any {
		v.Nullable = false
	}
	return v
}
