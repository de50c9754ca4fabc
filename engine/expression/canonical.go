package expression

import (
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// canonical returns the text of a tree. It is the same for all sources that differ only in spaces,
// quotes or parentheses, or in `and` for `&&`, `?.` for `.`, `nil == a` for `a == nil`, `["name"]`
// for `.name`. A node with several parts is in parentheses inside another node, so different trees
// have different texts.
func canonical(node ast.Node) string {
	switch n := node.(type) {
	case *ast.UnaryNode:
		if n.Operator == "not" {
			return "!" + operand(n.Node)
		}
		return n.Operator + operand(n.Node)
	case *ast.BinaryNode:
		if (n.Operator == "==" || n.Operator == "!=") && (isConstant(n.Left) || isNull(n.Left)) && !isConstant(n.Right) && !isNull(n.Right) {
			return operand(n.Right) + " " + n.Operator + " " + operand(n.Left)
		}
		return operand(n.Left) + " " + symbol(n.Operator) + " " + operand(n.Right)
	case *ast.ChainNode:
		return canonical(n.Node)
	case *ast.IdentifierNode:
		if isNull(n) {
			return "nil"
		}
		return n.Value
	case *ast.PointerNode:
		return "#" + n.Name
	case *ast.MemberNode:
		if key, ok := n.Property.(*ast.StringNode); ok {
			return extend(operand(n.Node), key.Value)
		}
		return operand(n.Node) + "[" + canonical(n.Property) + "]"
	case *ast.SliceNode:
		return operand(n.Node) + "[" + optional(n.From) + ":" + optional(n.To) + "]"
	case *ast.CallNode:
		return operand(n.Callee) + "(" + each(n.Arguments) + ")"
	case *ast.BuiltinNode:
		return n.Name + "(" + each(n.Arguments) + ")"
	case *ast.PredicateNode:
		return "{" + canonical(n.Node) + "}"
	case *ast.ConditionalNode:
		return operand(n.Cond) + " ? " + operand(n.Exp1) + " : " + operand(n.Exp2)
	case *ast.VariableDeclaratorNode:
		return "let " + n.Name + " = " + operand(n.Value) + "; " + canonical(n.Expr)
	case *ast.SequenceNode:
		return each(n.Nodes)
	case *ast.ArrayNode:
		return "[" + each(n.Nodes) + "]"
	case *ast.MapNode:
		return "{" + each(n.Pairs) + "}"
	case *ast.PairNode:
		return operand(n.Key) + ": " + operand(n.Value)
	case *ast.StringNode:
		return strconv.Quote(n.Value)
	}
	return node.String()
}

// operand returns the text of a node inside another node.
func operand(node ast.Node) string {
	switch n := node.(type) {
	case *ast.UnaryNode, *ast.BinaryNode, *ast.ConditionalNode, *ast.VariableDeclaratorNode, *ast.SequenceNode:
		return "(" + canonical(node) + ")"
	case *ast.ChainNode:
		return operand(n.Node)
	}
	return canonical(node)
}

func optional(node ast.Node) string {
	if node == nil {
		return ""
	}
	return canonical(node)
}

func each(nodes []ast.Node) string {
	texts := make([]string, len(nodes))
	for i, n := range nodes {
		texts[i] = operand(n)
	}
	return strings.Join(texts, ", ")
}

func symbol(operator string) string {
	switch operator {
	case "and":
		return "&&"
	case "or":
		return "||"
	case "^":
		return "**"
	}
	return operator
}

// identifier reports whether a name consists of ASCII characters that can follow a dot.
func identifier(name string) bool {
	for i, r := range name {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}
