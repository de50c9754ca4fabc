package expression

import (
	"strconv"

	"github.com/expr-lang/expr/ast"

	"errand/engine/schema"
)

// list checks [a, b]. If the elements have different kinds, it is a list of any type.
func (c *checker) list(n *ast.ArrayNode) value {
	nodes := make([]ast.Node, len(n.Nodes))
	item, bad := nothing, false
	values := make([]value, len(n.Nodes))
	for i, node := range n.Nodes {
		v := c.check(node)
		if values[i], nodes[i] = v, v.node; i == 0 {
			item = bare(v.Type)
		} else {
			item, _ = unify(item, v.Type)
		}
		bad = bad || v.bad
	}
	for _, v := range values {
		if !bad && HidesDuration(v.Type, item) {
			return c.hiddenDuration(v, "in a list with values of other types")
		}
	}
	v := value{Type: schema.ListOf(item), node: &ast.ArrayNode{Nodes: nodes}, bad: bad}
	return c.limitType(n, v)
}

// object checks {name: value}. Its members are known if their names are constants.
func (c *checker) object(n *ast.MapNode) value {
	t := schema.Type{Kind: schema.Object, Fields: []schema.Field{}}
	pairs, bad := make([]ast.Node, len(n.Pairs)), false
	values := make([]value, len(n.Pairs))
	for i, node := range n.Pairs {
		pair := node.(*ast.PairNode)
		key, v := c.need(c.check(pair.Key)), c.check(pair.Value)
		bad = bad || key.bad || v.bad
		values[i] = v
		pairs[i] = &ast.PairNode{Key: key.node, Value: v.node}
		if key.Kind != schema.String && !key.bad {
			c.refuse(pair.Key, RuleType, "the name of a member must be a string, but this is "+describe(key.Type), "not a string", "")
		}
		name, constant := key.node.(*ast.StringNode)
		switch {
		case !constant:
			t.Open = true
		case hasField(t, name.Value):
			c.refuse(pair.Key, RuleType, "the member "+strconv.Quote(name.Value)+" appears twice", "repeated", "")
		default:
			t.Fields = append(t.Fields, schema.Field{Name: name.Value, Type: bare(v.Type), Required: true})
		}
	}
	if t.Open {
		t.Fields = nil // a computed name may be one of the others
		for _, v := range values {
			if !bad && mentions(v.Type, schema.Duration) {
				return c.hiddenDuration(v, "under a computed name")
			}
		}
	}
	return c.limitType(n, value{Type: t, node: &ast.MapNode{Pairs: pairs}, bad: bad})
}

// hiddenDuration refuses a duration in a place where it would lose its type.
func (c *checker) hiddenDuration(v value, where string) value {
	help := ""
	if v.Kind == schema.Duration {
		help = "make it a string: string(" + c.textOf(v.from) + ")"
	}
	return c.refuse(v.from, RuleType, "a duration "+where+" would become a text", "a duration", help)
}

func hasField(t schema.Type, name string) bool {
	_, ok := t.Field(name)
	return ok
}

// limitType refuses a value whose type is too large to walk over.
func (c *checker) limitType(n ast.Node, v value) value {
	if parts := 0; !countParts(v.Type, &parts) {
		return c.refuse(n, RuleLimit, "the value has too many nested parts", "too large", "")
	}
	return v
}

const letPrefix = "let "

// declaration checks `let name = value; rest`. The variable stands for the place that its value
// reads, so a proof about one holds for the other.
func (c *checker) declaration(n *ast.VariableDeclaratorNode) value {
	v := c.check(n.Value)
	if c.isTaken(n.Name) {
		at := span{n.Location().From, n.Location().To}
		c.report(Problem{
			From: byteOffset(c.source, at.from), To: byteOffset(c.source, at.to), Rule: RuleName,
			Message: strconv.Quote(n.Name) + " is already a name", Label: "taken", Help: "choose another name",
		})
	}
	name := letPrefix + strconv.Itoa(len(c.variables)) // not a name that a source can hold
	bound := v
	bound.node = &ast.IdentifierNode{Value: name}
	if bound.path == "" {
		bound.path = letPrefix + n.Name
		bound.null = ""
		if v.Nullable && v.why == "" {
			bound.null, bound.why = v.null, v.why
		}
	}
	c.variables = append(c.variables, variable{n.Name, bound})
	rest := c.check(n.Expr)
	c.variables = c.variables[:len(c.variables)-1]
	rest.node = &ast.VariableDeclaratorNode{Name: name, Value: v.node, Expr: rest.node}
	rest.path = ""
	return rest
}

func (c *checker) isTaken(name string) bool {
	for _, v := range c.variables {
		if v.name == name {
			return true
		}
	}
	_, root := c.scope.root(name)
	return root || name == "null" || name == "$env"
}

// slice checks base[from:to] of a list or a text. Places outside the base are ignored.
func (c *checker) slice(n *ast.SliceNode) value {
	base := c.operand(c.check(n.Node))
	arguments := []ast.Node{base.node, &ast.NilNode{}, &ast.NilNode{}}
	bad := base.bad
	for i, bound := range []ast.Node{n.From, n.To} {
		if bound == nil {
			continue
		}
		v := c.need(c.check(bound))
		if !v.bad && v.Kind != schema.Integer {
			v = c.refuse(bound, RuleType, "the bounds of a part must be integers, but this is "+describe(v.Type), "not an integer", "")
		}
		arguments[i+1] = v.node
		bad = bad || v.bad
	}
	if bad {
		return value{Type: schema.Of(schema.Any), node: &ast.NilNode{}, bad: true}
	}
	if base.Kind != schema.List && base.Kind != schema.String {
		help := ""
		if base.Kind == schema.Any {
			help = convert("(%s ?? %s)", c.textOf(n.Node), list.fits)
		}
		return c.refuse(n.Node, RuleType, "only a list or a string has parts, but this is "+describe(base.Type), "neither", help)
	}
	return value{Type: bare(base.Type), node: c.meteredCall(opSlice, arguments...)}
}
