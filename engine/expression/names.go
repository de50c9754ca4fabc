package expression

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// A Name is a name in a source that refers to something outside it: a root, or a member of one.
type Name struct {
	// Path begins at the root: steps, start, instance_id. Each stands for an element of a list.
	Path     []string
	From, To int // byte offsets of the last name of the path, without quotes
}

// Each stands for every element of a list in a path.
const Each = "*"

// Names returns the names in a source, in the order of the text. Types play no part. An element in
// a closure has the path of its list: in map(steps.each.items, #.stop) the last name is steps,
// each, items, *, stop. Names returns false if the source cannot be parsed.
func Names(source string) ([]Name, bool) {
	tree, problem := parse(source)
	if problem != nil {
		return nil, false
	}
	n := namer{checker: &checker{source: source}}
	n.path(tree)
	slices.SortStableFunc(n.names, func(a, b Name) int { return a.From - b.From })
	return slices.CompactFunc(n.names, func(a, b Name) bool { return a.From == b.From && a.To == b.To }), true
}

// A namer follows paths through a tree, without types.
type namer struct {
	*checker // for offsets in the source
	names    []Name
	lets     []let
	elements [][]string // what # stands for, the innermost closure last
}

// A let is a variable and the path of its value. The path is nil if the value has none.
type let struct {
	name string
	path []string
}

// path records the names in a node. It returns the path of the node's value, or nil if it has none.
func (n *namer) path(node ast.Node) []string {
	switch node := node.(type) {
	case *ast.IdentifierNode:
		return n.identifier(node)
	case *ast.ChainNode:
		return n.path(node.Node)
	case *ast.PointerNode:
		if node.Name == "" && len(n.elements) > 0 {
			return n.elements[len(n.elements)-1]
		}
		return nil
	case *ast.MemberNode:
		return n.member(node)
	case *ast.BuiltinNode:
		return n.function(node.Name, node.Arguments)
	case *ast.CallNode:
		if callee, ok := node.Callee.(*ast.IdentifierNode); ok {
			return n.function(callee.Value, node.Arguments)
		}
	case *ast.VariableDeclaratorNode:
		n.lets = append(n.lets, let{node.Name, n.path(node.Value)})
		path := n.path(node.Expr)
		n.lets = n.lets[:len(n.lets)-1]
		return path
	case *ast.ConditionalNode:
		n.path(node.Cond)
		return either(n.path(node.Exp1), n.path(node.Exp2))
	case *ast.BinaryNode:
		left, right := n.path(node.Left), n.path(node.Right)
		if node.Operator == "??" {
			return either(left, right)
		}
		return nil
	case *ast.SliceNode:
		for _, child := range children(node)[1:] {
			n.path(child)
		}
		return n.path(node.Node)
	}
	for _, child := range children(node) {
		n.path(child)
	}
	return nil
}

func either(a, b []string) []string {
	if a != nil {
		return a
	}
	return b
}

func (n *namer) identifier(node *ast.IdentifierNode) []string {
	for _, l := range slices.Backward(n.lets) {
		if l.name == node.Value {
			return l.path
		}
	}
	return n.note([]string{node.Value}, node)
}

func (n *namer) member(node *ast.MemberNode) []string {
	base := n.path(node.Node)
	key, ok := node.Property.(*ast.StringNode)
	switch {
	case !ok:
		n.path(node.Property)
		return appendName(base, Each)
	case base == nil:
		return nil
	}
	return n.note(appendName(base, key.Value), node.Property)
}

// function records the names in the arguments. If the function returns elements of its list, the
// result has the path of the list.
func (n *namer) function(name string, arguments []ast.Node) []string {
	if len(arguments) == 0 {
		return nil
	}
	list := n.path(arguments[0])
	for _, argument := range arguments[1:] {
		n.elements = append(n.elements, appendName(list, Each))
		n.path(argument)
		n.elements = n.elements[:len(n.elements)-1]
	}
	switch name {
	case "filter", "take", "reverse", "uniq", "sort", "concat":
		return list
	case "first", "last", "find", "min", "max":
		return appendName(list, Each)
	}
	return nil
}

func appendName(path []string, name string) []string {
	if path == nil {
		return nil
	}
	return append(slices.Clip(path), name)
}

func (n *namer) note(path []string, node ast.Node) []string {
	s := n.spanOf(node)
	from, to := byteOffset(n.source, s.from), byteOffset(n.source, s.to)
	if from < to && strings.IndexByte("\"'`", n.source[from]) >= 0 {
		from, to = from+1, to-1
	}
	n.names = append(n.names, Name{Path: path, From: from, To: to})
	return path
}
