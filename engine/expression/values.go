package expression

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// literalsOf returns the results of a choice between literals, such as `a ? "x" : "y"`. It returns nil
// for any other node.
func literalsOf(n ast.Node) []any {
	switch n := n.(type) {
	case *ast.StringNode:
		return []any{n.Value}
	case *ast.IntegerNode:
		return []any{n.Value}
	case *ast.FloatNode:
		return []any{n.Value}
	case *ast.BoolNode:
		return []any{n.Value}
	case *ast.ConditionalNode:
		one, other := literalsOf(n.Exp1), literalsOf(n.Exp2)
		if one == nil || other == nil {
			return nil
		}
		return slices.Concat(one, other)
	}
	return nil
}
