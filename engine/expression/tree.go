package expression

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// children returns the nodes directly below a node.
func children(node ast.Node) []ast.Node {
	switch n := node.(type) {
	case *ast.UnaryNode:
		return []ast.Node{n.Node}
	case *ast.BinaryNode:
		return []ast.Node{n.Left, n.Right}
	case *ast.ChainNode:
		return []ast.Node{n.Node}
	case *ast.MemberNode:
		return []ast.Node{n.Node, n.Property}
	case *ast.SliceNode:
		list := []ast.Node{n.Node, n.From, n.To}
		return slices.DeleteFunc(list, func(n ast.Node) bool { return n == nil })
	case *ast.CallNode:
		return append([]ast.Node{n.Callee}, n.Arguments...)
	case *ast.BuiltinNode:
		return n.Arguments
	case *ast.PredicateNode:
		return []ast.Node{n.Node}
	case *ast.ConditionalNode:
		return []ast.Node{n.Cond, n.Exp1, n.Exp2}
	case *ast.VariableDeclaratorNode:
		return []ast.Node{n.Value, n.Expr}
	case *ast.SequenceNode:
		return n.Nodes
	case *ast.ArrayNode:
		return n.Nodes
	case *ast.MapNode:
		return n.Pairs
	case *ast.PairNode:
		return []ast.Node{n.Key, n.Value}
	}
	return nil
}

// A span is a part of the source in runes; to is exclusive.
type span struct{ from, to int }

func (s span) join(other span) span { return span{min(s.from, other.from), max(s.to, other.to)} }

// spanOf returns the text that a node was parsed from, without parentheses around it. The parser
// locates a node at one token: the operator of a binary node, the name of a member. The rest
// follows from the nodes below it.
func (c *checker) spanOf(node ast.Node) span {
	own := span{node.Location().From, node.Location().To}
	switch n := node.(type) {
	case *ast.ConditionalNode, *ast.PairNode, *ast.ChainNode, *ast.PredicateNode, *ast.SequenceNode:
		below := children(node)
		own = c.spanOf(below[0])
		for _, child := range below[1:] {
			own = own.join(c.spanOf(child))
		}
		return own
	case *ast.MemberNode:
		if c.runeAt(own.from) == '[' {
			own.to = c.bracketEnd(own.from)
		}
		return own.join(c.spanOf(n.Node))
	case *ast.SliceNode:
		own.to = c.bracketEnd(own.from)
		return own.join(c.spanOf(n.Node))
	case *ast.ArrayNode, *ast.MapNode:
		own.to = c.bracketEnd(own.from)
		return own
	case *ast.PointerNode:
		own.to += len(n.Name)
		if c.runeAt(own.from) == '.' {
			own.to = own.from
		}
		return own
	case *ast.CallNode:
		if _, ok := n.Callee.(*ast.MemberNode); ok { // of a method
			own = own.join(c.spanOf(n.Callee))
		}
		return c.callSpan(own, n.Arguments)
	case *ast.BuiltinNode:
		return c.callSpan(own, n.Arguments)
	case *ast.VariableDeclaratorNode:
		own.from = max(0, own.from-len("let "))
	}
	for _, child := range children(node) {
		own = own.join(c.spanOf(child))
	}
	return own
}

func (c *checker) callSpan(name span, arguments []ast.Node) span {
	for at := name.to; at < len(c.text()); at++ {
		if c.runeAt(at) == '(' {
			name.to = c.bracketEnd(at)
			break
		}
	}
	for _, argument := range arguments {
		name = name.join(c.spanOf(argument)) // in a pipe, the first argument is before the name
	}
	return name
}

func (c *checker) text() []rune {
	if c.runes == nil {
		c.runes = []rune(c.source)
	}
	return c.runes
}

func (c *checker) runeAt(i int) rune {
	if text := c.text(); i >= 0 && i < len(text) {
		return text[i]
	}
	return 0
}

// bracketEnd returns the offset after the bracket that closes the bracket at open.
func (c *checker) bracketEnd(open int) int {
	text, depth := c.text(), 0
	for i := open; i < len(text); i++ {
		switch r := text[i]; r {
		case '\'', '"', '`':
			for i++; i < len(text) && text[i] != r; i++ {
				if text[i] == '\\' && r != '`' {
					i++
				}
			}
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// textOf returns the text that a node was parsed from, for a help.
func (c *checker) textOf(node ast.Node) string {
	s := c.spanOf(node)
	text := string(c.text()[max(0, s.from):min(s.to, len(c.text()))])
	if _, element := node.(*ast.PointerNode); element && text == "" { // .name means #.name
		return "#"
	}
	return text
}

// shortText returns the text that a node was parsed from, for a message; a long text is cut.
func (c *checker) shortText(node ast.Node) string {
	text := []rune(c.textOf(node))
	const limit = 60
	if len(text) > limit {
		return string(text[:limit]) + "…"
	}
	return string(text)
}
