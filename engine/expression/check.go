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
	path string   // the place that it reads, which conditions can prove not null; or ""
	null string   // if Nullable, the path whose value may be null, or
	why  string   // the reason in words
	// If Nullable, each of these places is null if the value is null. There may be more such places.
	causes []string
	inList bool // path is that of a list's element, or below one
	bad    bool // a part has a reported problem, so no other is reported
}

// A checker checks one source. It walks over the tree once and builds the tree that runs.
type checker struct {
	source   string
	runes    []rune
	scope    Scope
	problems []Problem
	paths    []string
	meters   bool
	open     bool    // the scope leaves the type of a name open
	parts    *[]Part // the types of all parts; nil if Parts did not ask

	variables []variable // of let, the innermost last
	elements  []value    // what # stands for, the innermost closure last
	known     []string   // paths proved not to be null
	texts     []string   // conditions known to hold, as canonical texts
	lengths   []shortest // lists known to have elements
	followed  []int      // the consequences of the scope that were assumed
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
	return c.record(v.withoutNullMark())
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
		if half := halfCharacter(c.textOf(n)); half != "" && !c.scope.Started {
			return c.refuse(node, RuleType, half+" is half a character", "half a surrogate pair", `write the character itself, or both halves, such as "\ud83d\ude00"`)
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
		return c.refuse(n.Nodes[0], RuleSyntax, "an expression is a single value; the part before the semicolon has no effect", "", "remove it")
	case *ast.BytesNode:
		return c.refuse(node, RuleType, "an expression has no bytes", "", "write a string in quotes, without the b")
	}
	return c.refuse(node, RuleSyntax, "an expression cannot contain this", "", "")
}

func null() schema.Type { return schema.Type{Kind: schema.Null, Nullable: true} }

// read records the path of a place that the expression reads.
func (c *checker) read(v value) {
	if v.path == "" || v.bad || v.inList || strings.HasPrefix(v.path, "#") || strings.HasPrefix(v.path, letPrefix) {
		return
	}
	if slices.Contains(c.paths, v.path) {
		return
	}
	c.paths = append(c.paths, v.path)
}

// refuse reports a problem with a node. It returns the value that replaces the wrong one.
func (c *checker) refuse(node ast.Node, rule, message, label, help string) value {
	p := c.problem(node, rule, message)
	p.Label, p.Help = label, help
	return c.report(p)
}

const maxHelp = 240 // in characters

// report adds a problem, once. The parser lets `a < b < c` and `a ?: b` share a node, which the
// checker then checks twice.
func (c *checker) report(p Problem) value {
	known := slices.ContainsFunc(c.problems, func(q Problem) bool {
		return p.From == q.From && p.To == q.To && p.Message == q.Message
	})
	if utf8.RuneCountInString(p.Help) > maxHelp { // an example that repeats a long part of the source
		p.Help = ""
	}
	if !known {
		c.problems = append(c.problems, p)
	}
	return unreadable()
}

// unreadable returns the value of a part that has a problem.
func unreadable() value {
	return value{Type: schema.Of(schema.Any), node: &ast.NilNode{}, bad: true}
}

// problem returns a problem at a node.
func (c *checker) problem(node ast.Node, rule, message string) Problem {
	s := c.spanOf(node)
	return Problem{From: byteOffset(c.source, s.from), To: byteOffset(c.source, s.to), Rule: rule, Message: message}
}

// nullMessage returns the message that a value may be null, with the reason.
func (c *checker) nullMessage(v value) string {
	text := c.shortText(v.from) + " may be null"
	if v.Kind == schema.Null {
		return c.shortText(v.from) + " is null"
	}
	reason := v.why
	if v.null != "" && c.scope.Why != nil {
		if own := c.scope.Why(v.null); own != "" || reason == "" {
			reason = own
		}
	}
	if reason != "" {
		text += ": " + reason
	}
	return text
}

// need refuses a value that may be null. The result is never null, so that one cause is reported
// once.
func (c *checker) need(v value) value { return c.requireNotNull(v, "%s ?? %s") }

// operand is need for an operand of an operator or an index: the suggested guard has parentheses.
func (c *checker) operand(v value) value { return c.requireNotNull(v, "(%s ?? %s)") }

func (c *checker) requireNotNull(v value, guard string) value {
	if !v.Nullable || v.bad {
		return v
	}
	help := ""
	if v.Kind != schema.Null {
		help = "guard it: " + fmt.Sprintf(guard, c.guardText(v.from), substitute(v.Kind))
	}
	c.refuse(v.from, RuleNull, c.nullMessage(v), "may be null here", help)
	v.Nullable = false
	v.bad = v.Kind == schema.Null
	return v
}

// guardText returns the text of a node as the left side of ??.
func (c *checker) guardText(node ast.Node) string {
	switch node.(type) {
	case *ast.BinaryNode, *ast.ConditionalNode, *ast.UnaryNode, *ast.VariableDeclaratorNode:
		return "(" + c.textOf(node) + ")"
	}
	return c.textOf(node)
}

// substitute returns an example of a value of a kind.
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

// orNull returns the value as one that may be null, with the reason in words.
func (v value) orNull(why string) value {
	if !v.Nullable {
		v.Nullable, v.why, v.null = true, why, ""
	}
	return v
}

// withoutNullMark returns a value as one that is not Nullable if it is of any type. A value of any type may
// always be null, so Nullable says nothing about it.
func (v value) withoutNullMark() value {
	if v.Kind == schema.Any {
		v.Nullable = false
	}
	return v
}
