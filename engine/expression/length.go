package expression

import (
	"strconv"

	"github.com/expr-lang/expr/ast"
)

// A shortest says that the list at a path has at least so many elements.
type shortest struct {
	path  string
	least int
}

// lengthProved returns what a comparison of len(P) with a constant says about the list at P, if the
// comparison holds, or does not.
func (c *checker) lengthProved(n ast.Node, holds bool) (s shortest, ok bool) {
	b, binary := n.(*ast.BinaryNode)
	if !binary {
		return s, false
	}
	list, number, operator := b.Left, b.Right, b.Operator
	if _, constant := list.(*ast.IntegerNode); constant {
		list, number, operator = number, list, mirrored[operator]
	}
	limit, constant := number.(*ast.IntegerNode)
	path := c.measuredBy(list)
	if !constant || path == "" {
		return s, false
	}
	if !holds {
		operator = opposite[operator]
	}
	least := 0
	switch operator {
	case ">":
		least = limit.Value + 1
	case ">=", "==":
		least = limit.Value
	case "!=":
		if limit.Value == 0 {
			least = 1
		}
	}
	return shortest{path, least}, least > 0
}

var (
	mirrored = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
	opposite = map[string]string{"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
)

// measuredBy returns the place P of len(P), or of len(P ?? []), or "".
func (c *checker) measuredBy(n ast.Node) string {
	name, arguments := called(n)
	if name != "len" || len(arguments) != 1 {
		return ""
	}
	if b, ok := arguments[0].(*ast.BinaryNode); ok && b.Operator == "??" {
		if list, ok := b.Right.(*ast.ArrayNode); ok && len(list.Nodes) == 0 {
			return c.placeOf(b.Left)
		}
	}
	return c.placeOf(arguments[0])
}

// called returns the name and the arguments of a call, or "".
func called(n ast.Node) (name string, arguments []ast.Node) {
	switch n := n.(type) {
	case *ast.BuiltinNode:
		return n.Name, n.Arguments
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			return callee.Value, n.Arguments
		}
	}
	return "", nil
}

// hasElement reports whether a list is known to have the element with a number. A negative number
// counts from the end.
func (c *checker) hasElement(list value, i int) bool {
	if i < 0 {
		i = -i - 1
	}
	return c.isLonger(list, i)
}

// isLonger reports whether a list is known to have more than n elements.
func (c *checker) isLonger(list value, n int) bool {
	if list.path == "" {
		return false
	}
	for _, s := range c.lengths {
		if s.path == list.path && s.least > n {
			return true
		}
	}
	return false
}

// constantInteger returns the value of an integer literal, which may have a sign.
func constantInteger(n ast.Node) (int, bool) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return n.Value, true
	case *ast.UnaryNode:
		if i, ok := constantInteger(n.Node); ok && n.Operator == "-" {
			return -i, true
		}
	}
	return 0, false
}

// exactIntegers is the size up to which a number tells all integers apart. Beyond it, two different
// integers may be equal to the same number.
const exactIntegers = 1 << 53

func isExact(text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && -exactIntegers <= n && n <= exactIntegers
}
