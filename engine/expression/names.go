package expression

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// A Name is a name in a source that stands for something outside of it: a root, or a member below one.
type Name struct {
	Path     []string // from the root: steps, start, instance_id; Each is an element of a list
	From, To int      // the last name of the path, in bytes, without quotes around it
}

// Each is what stands for the elements of a list in a path.
const Each = "*"

// Names lists the names of a source in the order of the text, whatever they mean. An element of a closure is followed to its list:
// in map(steps.each.items, #.stop) the last name is steps, each, items, *, stop. It fails where the source cannot be read.
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

// A namer follows paths through a tree, and knows no types.
type namer struct {
	*checker // for places in the source
	names    []Name
	lets     []let
	elements [][]string // what # stands for, the innermost closure last
}

// A let is a variable, and the path of its value, or nil.
type let struct {
	name string
	path []string
}

// path notes the names of a node, and returns the path that its value has; nil where it has none.
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
		return extended(base, Each)
	case base == nil:
		return nil
	}
	return n.note(extended(base, key.Value), node.Property)
}

// function notes the names of the arguments. Where the function gives elements of its list, their path is that of the list.
func (n *namer) function(name string, arguments []ast.Node) []string {
	if len(arguments) == 0 {
		return nil
	}
	list := n.path(arguments[0])
	for _, argument := range arguments[1:] {
		n.elements = append(n.elements, extended(list, Each))
		n.path(argument)
		n.elements = n.elements[:len(n.elements)-1]
	}
	switch name {
	case "filter", "take", "reverse", "uniq", "sort", "concat":
		return list
	case "first", "last", "find", "min", "max":
		return extended(list, Each)
	}
	return nil
}

func extended(path []string, name string) []string {
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
