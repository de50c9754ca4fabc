package expression

import (
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// This file finds what a condition proves. If `a && b` holds, both hold; if `a || b` does not hold,
// neither does. A path is proved not null by `P != nil`, by `P == "literal"`, by `P in
// ["literal"]`, by a condition about `P ?? "literal"` that does not hold for the literal, and, if P is a
// boolean, by P itself. P may be an element with a constant number. If a path is not null, its prefixes
// are not null either, because all members of null are null. A condition that holds may also satisfy a
// Proof of the scope.

// checkUnder checks a part of the expression in which a condition is known to hold, or not to hold.
func (c *checker) checkUnder(condition ast.Node, holds bool, check func()) {
	c.checkKnowing(func() { c.assume(condition, holds) }, check)
}

// checkKnowing checks a part of the expression in which more is known.
func (c *checker) checkKnowing(learn, check func()) {
	known, texts, lengths, followed := len(c.known), len(c.texts), len(c.lengths), len(c.followed)
	learn()
	check()
	c.known, c.texts, c.lengths, c.followed = c.known[:known], c.texts[:texts], c.lengths[:lengths], c.followed[:followed]
}

// assume records that a condition holds, or does not hold.
func (c *checker) assume(condition ast.Node, holds bool) {
	atoms(condition, holds, func(atom ast.Node, holds bool) {
		path := c.provedBy(atom, holds)
		if path == "" {
			path = c.provedBySubstitute(atom, holds)
		}
		if path != "" {
			c.known = append(c.known, path)
			c.follow(path)
		}
		if s, ok := c.lengthProved(atom, holds); ok {
			c.lengths = append(c.lengths, s)
			c.known = append(c.known, s.path)
		}
		if len(c.scope.Proofs) > 0 && len(c.variables) == 0 && len(c.elements) == 0 {
			c.texts = append(c.texts, atomText(atom, holds))
		}
	})
}

// notNullIf returns the paths that are not null if a condition holds.
func (c *checker) notNullIf(condition ast.Node) (paths []string) {
	before := len(c.known)
	c.checkKnowing(func() { c.assume(condition, true) }, func() { paths = slices.Clone(c.known[before:]) })
	return paths
}

// conjuncts returns the canonical texts of the conditions that hold if a condition holds, or does
// not.
func (c *checker) conjuncts(condition ast.Node, holds bool) []string {
	var list []string
	atoms(condition, holds, func(atom ast.Node, holds bool) {
		if text := atomText(atom, holds); !slices.Contains(list, text) {
			list = append(list, text)
		}
	})
	return list
}

// atomText returns the canonical text of a condition that holds, or of its opposite.
func atomText(atom ast.Node, holds bool) string {
	if holds {
		return canonical(atom)
	}
	if b, ok := atom.(*ast.BinaryNode); ok {
		switch b.Operator {
		case "==":
			return canonical(&ast.BinaryNode{Operator: "!=", Left: b.Left, Right: b.Right})
		case "!=":
			return canonical(&ast.BinaryNode{Operator: "==", Left: b.Left, Right: b.Right})
		}
	}
	return "!" + operand(atom)
}

// atoms visits the conditions that a condition consists of.
func atoms(n ast.Node, holds bool, visit func(ast.Node, bool)) {
	switch n := n.(type) {
	case *ast.UnaryNode:
		if n.Operator == "!" || n.Operator == "not" {
			atoms(n.Node, !holds, visit)
			return
		}
	case *ast.BinaryNode:
		switch operator := n.Operator; {
		case holds && (operator == "&&" || operator == "and"), !holds && (operator == "||" || operator == "or"):
			atoms(n.Left, holds, visit)
			atoms(n.Right, holds, visit)
			return
		case operator == "??":
			// If `a ?? false` holds, a holds. If `a ?? true` does not hold, a is false.
			if b, ok := n.Right.(*ast.BoolNode); ok && b.Value != holds {
				atoms(n.Left, holds, visit)
			}
		case operator == "==" && holds, operator == "!=" && !holds:
			if b, ok := n.Right.(*ast.BoolNode); ok {
				atoms(n.Left, b.Value, visit)
			}
		}
	}
	visit(n, holds)
}

// provedBy returns the path that cannot be null if a condition holds, or does not hold; or "".
func (c *checker) provedBy(n ast.Node, holds bool) string {
	b, ok := n.(*ast.BinaryNode)
	if !ok {
		if holds {
			return c.placeOf(n)
		}
		return ""
	}
	switch operator := b.Operator; {
	case operator == "==" && !holds, operator == "!=" && holds:
		if isNull(b.Right) {
			return c.placeOf(b.Left)
		}
		if isNull(b.Left) {
			return c.placeOf(b.Right)
		}
	case operator == "==" && holds, operator == "!=" && !holds:
		if isConstant(b.Right) {
			return c.placeOf(b.Left)
		}
		if isConstant(b.Left) {
			return c.placeOf(b.Right)
		}
	case operator == "in" && holds:
		if list, ok := b.Right.(*ast.ArrayNode); ok && !slices.ContainsFunc(list.Nodes, func(n ast.Node) bool { return !isConstant(n) }) {
			return c.placeOf(b.Left)
		}
	}
	return ""
}

// provedBySubstitute reads conditions such as `(P ?? "x") != "x"` and `len(P ?? "") > 0`, whose only
// place is P. If P was null, the condition would have a constant value. If that is not the known one, P is
// not null.
func (c *checker) provedBySubstitute(condition ast.Node, holds bool) string {
	found, ok := substitutesIn(condition)
	if !ok || len(found) != 1 {
		return ""
	}
	path := c.placeOf(found[0].Left)
	if path == "" {
		return ""
	}
	place := found[0].Left
	found[0].Left = &ast.NilNode{}
	p, _ := compile(canonical(condition), Scope{})
	found[0].Left = place
	if p == nil {
		return ""
	}
	if v, constant := p.Constant(); !constant || v != !holds {
		return ""
	}
	return path
}

// substitutesIn returns the parts of a condition that replace null. It returns false if a part binds a
// name, or if one calculates: the type of P decides how numbers are added.
func substitutesIn(n ast.Node) (found []*ast.BinaryNode, ok bool) {
	switch n := n.(type) {
	case *ast.PredicateNode, *ast.VariableDeclaratorNode:
		return nil, false
	case *ast.BinaryNode:
		if slices.Contains([]string{"+", "-", "*", "/", "%", "**", "^"}, n.Operator) {
			return nil, false
		}
		if n.Operator == "??" {
			found = append(found, n)
		}
	}
	if name, _ := called(n); name == "sum" {
		return nil, false
	}
	for _, child := range children(n) {
		below, ok := substitutesIn(child)
		if !ok {
			return nil, false
		}
		found = append(found, below...)
	}
	return found, true
}

func isNull(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.NilNode:
		return true
	case *ast.IdentifierNode:
		return n.Value == "null"
	}
	return false
}

// isConstant reports whether a node is a literal other than null.
// neverNull reports whether the form of an expression shows that it is never null.
func neverNull(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BinaryNode:
		return n.Operator == "??" && neverNull(n.Right)
	case *ast.ConditionalNode:
		return neverNull(n.Exp1) && neverNull(n.Exp2)
	case *ast.ArrayNode, *ast.MapNode:
		return true
	}
	return isConstant(n)
}

func isConstant(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.StringNode:
		return true
	case *ast.UnaryNode:
		return (n.Operator == "-" || n.Operator == "+") && isConstant(n.Node)
	case *ast.CallNode:
		callee, ok := n.Callee.(*ast.IdentifierNode)
		return ok && callee.Value == "duration" && len(n.Arguments) == 1
	}
	return false
}

// placeOf returns the place that a node names, in the form that place returns, or "".
func (c *checker) placeOf(n ast.Node) string {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		for _, v := range slices.Backward(c.variables) {
			if v.name == n.Value {
				return v.path
			}
		}
		if isNull(n) {
			return ""
		}
		return n.Value
	case *ast.PointerNode:
		if n.Name == "" && len(c.elements) > 0 {
			return c.elements[len(c.elements)-1].path
		}
	case *ast.ChainNode:
		return c.placeOf(n.Node)
	case *ast.MemberNode:
		base := c.placeOf(n.Node)
		if base == "" {
			return ""
		}
		if key, ok := n.Property.(*ast.StringNode); ok {
			return extend(base, key.Value)
		}
		if i, ok := constantInteger(n.Property); ok {
			return elementPath(base, i)
		}
	case *ast.CallNode, *ast.BuiltinNode:
		name, arguments := called(n)
		if number, ok := map[string]int{"first": 0, "last": -1}[name]; ok && len(arguments) == 1 {
			if list := c.placeOf(arguments[0]); list != "" {
				return elementPath(list, number)
			}
		}
	}
	return ""
}

// isProved reports whether a path is known not to be null.
func (c *checker) isProved(path string) bool {
	return slices.ContainsFunc(c.known, func(known string) bool {
		rest, ok := strings.CutPrefix(known, path)
		return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// allHold reports whether all conditions are known to hold.
func (c *checker) allHold(conditions []string) bool {
	for _, text := range conditions {
		if !slices.Contains(c.texts, text) && !c.differs(text) {
			return false
		}
	}
	return true
}

// differs reports whether `P != "a"` follows from a known condition `P == "b"`.
func (c *checker) differs(text string) bool {
	path, other, ok := strings.Cut(text, " != ")
	if !ok || !isLiteral(other) {
		return false
	}
	return slices.ContainsFunc(c.texts, func(known string) bool {
		same, value, ok := strings.Cut(known, " == ")
		return ok && same == path && value != other && isLiteral(value)
	})
}

// isLiteral reports whether a canonical text is a single quoted text, or a single integer that is
// equal to no other.
func isLiteral(text string) bool {
	if _, err := strconv.Unquote(text); err == nil {
		return true
	}
	return isExact(text)
}
