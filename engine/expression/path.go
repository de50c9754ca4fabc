package expression

import (
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"errand/engine/diag"
	"errand/engine/schema"
)

// place checks a node that names a place: a root, a variable, an element, or a member of one of
// these.
func (c *checker) place(node ast.Node) value {
	var v value
	switch n := node.(type) {
	case *ast.IdentifierNode:
		v = c.identifier(n)
	case *ast.PointerNode:
		v = c.element(n)
	case *ast.ChainNode:
		v = c.place(n.Node)
	case *ast.MemberNode:
		v = c.member(n)
	default:
		v = c.check(node)
	}
	v.from = node
	return c.record(v.withoutNullMark())
}

func (c *checker) identifier(n *ast.IdentifierNode) value {
	if n.Value == "null" {
		return value{Type: null(), node: &ast.NilNode{}}
	}
	for _, variable := range slices.Backward(c.variables) {
		if variable.name == n.Value {
			return c.applyFacts(variable.value)
		}
	}
	root, ok := c.scope.root(n.Value)
	if !ok {
		return c.unknown(n, "", n.Value, c.scope.rootNames())
	}
	return c.applyFacts(value{Type: root.Type, node: &ast.IdentifierNode{Value: n.Value}, path: n.Value, null: n.Value, causes: []string{n.Value}})
}

func (c *checker) element(n *ast.PointerNode) value {
	v := c.elements[len(c.elements)-1]
	switch n.Name {
	case "":
		return c.applyFacts(v)
	case "index":
		return value{Type: schema.Of(schema.Integer), node: &ast.PointerNode{Name: "index"}}
	}
	return c.refuse(n, RuleName, `"#`+n.Name+`" is not known`, "not known here", "# is the element, #index its number")
}

// member checks base.name and base[key].
func (c *checker) member(n *ast.MemberNode) value {
	if n.Method {
		return c.refuse(n, RuleFunction, "values have no methods", "not a function", "")
	}
	base := c.place(n.Node)
	key, ok := n.Property.(*ast.StringNode)
	if !ok || base.Kind == schema.List && c.isQuoted(key) {
		c.read(base)
		return c.index(n, base)
	}
	if base.bad {
		return base
	}
	v := value{Type: schema.Of(schema.Any), node: call(opGet, base.node, &ast.StringNode{Value: key.Value})}
	if base.path != "" {
		v.path, v.inList = extend(base.path, key.Value), base.inList
		if !v.inList {
			v.null = v.path
		}
	}
	switch {
	case base.Kind == schema.Any:
	case base.Kind == schema.Object:
		field, found := base.Field(key.Value)
		if !found && !isOpen(base.Type) {
			return c.unknown(key, c.placeName(base), key.Value, base.FieldNames())
		}
		switch {
		case found:
			v.Type = field.Type
		case base.Items != nil:
			v.Type, v.why = base.Items.OrNull(), "the object may not have it"
		}
	default:
		return c.noMembers(n, base, key.Value)
	}
	if v.path != "" && !v.inList {
		v.causes = []string{v.path}
	}
	if base.Nullable && v.Kind != schema.Any {
		if !v.Nullable { // then only the base can make it null
			v.causes = append(v.causes, base.causes...)
		}
		v.Nullable, v.null, v.why = true, base.null, base.why
	}
	return c.applyFacts(v)
}

// placeName returns the name of the place before a member, for messages.
func (c *checker) placeName(v value) string {
	switch {
	case strings.HasPrefix(v.path, "#"):
		return "#" + v.path[len("#1"):]
	case v.path == "" || strings.HasPrefix(v.path, letPrefix):
		return c.shortText(v.from)
	}
	return v.path
}

// isQuoted reports whether a member is written as ["name"].
func (c *checker) isQuoted(key ast.Node) bool {
	return strings.ContainsRune("\"'`", c.runeAt(key.Location().From))
}

// applyFacts applies what is known about a place.
func (c *checker) applyFacts(v value) value {
	if v.Kind == "" { // unknown; the reason is reported elsewhere
		v.Type, v.bad, c.open = schema.Of(schema.Any), true, true
		return v
	}
	if v.path == "" {
		return v
	}
	for _, proof := range c.scope.Proofs {
		if proof.Path == v.path && c.allHold(proof.If) {
			v.Type = proof.Type
		}
	}
	if v.Nullable && v.Kind != schema.Null && c.isProved(v.path) {
		v.Type = v.NotNull()
	}
	return v
}

// index checks base[key] if the key is not a name.
func (c *checker) index(n *ast.MemberNode, base value) value {
	key := c.need(c.check(n.Property))
	base = c.operand(base)
	if base.bad || key.bad {
		return value{Type: schema.Of(schema.Any), node: &ast.NilNode{}, bad: true}
	}
	v := value{Type: schema.Of(schema.Any), node: call(opIndex, base.node, key.node)}
	switch base.Kind {
	case schema.List:
		if key.Kind != schema.Integer {
			return c.refuse(key.from, RuleType, "the index of a list must be an integer, but this is "+key.Article(), "not an integer", "")
		}
		return c.elementOf(base, n.Property, v.node, "the list may be shorter")
	case schema.Object:
		if key.Kind != schema.String {
			return c.refuse(key.from, RuleType, "the name of a member must be a string, but this is "+key.Article(), "not a string", "")
		}
		switch {
		case !isOpen(base.Type) && c.isScopes(base.path):
			return c.computedName(n, base)
		case base.Items != nil:
			v.Type = *base.Items
			return v.orNull("the object may not have it")
		case !isOpen(base.Type):
			if members, ok := membersOf(base.Type, key.Enum); ok {
				v.Type = anyField(members)
				return v
			}
			v.Type = anyField(base.Type)
			return v.orNull("the object may not have it")
		}
		return v
	case schema.Any:
		if key.Kind != schema.Integer && key.Kind != schema.String {
			return c.refuse(key.from, RuleType, "an index must be an integer or a string, but this is "+key.Article(), "", "")
		}
		return v
	}
	help := ""
	if base.Kind == schema.String {
		help = "write a part of the text as " + c.textOf(base.from) + "[0:1]"
	}
	return c.refuse(n, RuleType, c.shortText(base.from)+" is "+base.Article()+" and has no elements", "", help)
}

// elementOf returns the element of a list, which node computes. If its number is not constant, no
// condition can prove that there is such an element.
func (c *checker) elementOf(list value, number, node ast.Node, why string) value {
	v := value{Type: itemOf(list.Type), node: node}
	i, constant := constantInteger(number)
	if constant && list.path != "" {
		v.path, v.inList = elementPath(list.path, i), true
	}
	if !constant || !c.hasElement(list, i) {
		v = v.orNull(why)
	}
	return c.applyFacts(v)
}

// elementPath returns the path of the element of a list with a number.
func elementPath(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// membersOf returns an object of the members that names name. It returns false if a name has no member,
// or if there are no names.
func membersOf(object schema.Type, names []any) (schema.Type, bool) {
	var fields []schema.Field
	for _, name := range names {
		text, _ := name.(string)
		f, ok := object.Field(text)
		if !ok {
			return object, false
		}
		fields = append(fields, f)
	}
	return schema.ObjectOf(fields...), len(fields) > 0
}

// isScopes reports whether a path names a root, or the outputs of a step: what has these members is
// known, and a computed name would evade the check that they exist.
func (c *checker) isScopes(path string) bool {
	members := Members(path)
	switch len(members) {
	case 1:
		_, root := c.scope.root(members[0])
		return root
	case 2:
		return members[0] == "steps"
	}
	return false
}

// computedName refuses inputs[name] and the like.
func (c *checker) computedName(n *ast.MemberNode, base value) value {
	what := c.textOf(base.from)
	help := "write the name: " + what + ".name"
	if names := base.FieldNames(); len(names) > 1 && len(names) <= 4 {
		help = "choose among the members: {" + strconv.Quote(names[0]) + ": " + extend(what, names[0]) + ", …}[" + c.textOf(n.Property) + "]"
	} else if len(names) > 0 {
		help = "write the name: " + extend(what, names[0])
	}
	return c.refuse(n.Property, RuleType, "the members of "+what+" have names that are known before the run, so a name cannot be computed", "computed", help)
}

func (c *checker) noMembers(n *ast.MemberNode, base value, name string) value {
	at, help, what := n.Property, "", c.textOf(base.from)
	oneElement := "name one element: " + what + "[0]." + name + ", or all of them: map(" + what + ", ." + name + ")"
	switch {
	case base.Kind == schema.Null:
		return c.refuse(n, RuleType, "null has no members", "", "")
	case base.Kind == schema.List && hasField(itemOf(base.Type), name):
		help = oneElement
	case slices.Contains([]string{"length", "len", "size", "count"}, name):
		if base.Nullable && base.Kind == schema.String {
			what = c.guardText(base.from) + ` ?? ""`
		} else if base.Nullable {
			what = c.guardText(base.from) + " ?? " + substitute(base.Kind)
		}
		at, help = n, "write len("+what+")"
	case base.Kind == schema.List && slices.Contains([]schema.Kind{schema.Any, schema.Object}, itemOf(base.Type).Kind) && isOpen(itemOf(base.Type)):
		help = oneElement
	case base.Kind == schema.Duration:
		help = "write string(" + what + ") for its text"
	}
	p := c.problem(at, RuleName, c.shortText(base.from)+" is "+base.Article()+" and has no members")
	p.Label, p.Help = "no such member", help
	return c.report(p)
}

// unknown reports a name that the scope does not declare. The scope's own texts replace the usual
// ones.
func (c *checker) unknown(node ast.Node, path, name string, names []string) value {
	p := c.problem(node, RuleName, "")
	if near := diag.Nearest(name, names); near != "" {
		p.Help = `did you mean "` + near + `"?`
		if diag.Certain(name, names) != "" && identifier(near) {
			p.Suggest = near
		}
	}
	if path == "" {
		p.Message, p.Label = strconv.Quote(name)+" is not known", "not known here"
		if owners := c.scope.owners(name); len(owners) > 0 && c.runeAt(c.spanOf(node).from-1) != '.' {
			p.Help, p.Suggest = `did you mean "`+strings.Join(owners, `" or "`)+`"?`, ""
			if len(owners) == 1 {
				p.Suggest = owners[0]
			}
		}
		if p.Help == "" && !c.hasMembers(node) {
			p.Help = "write text in quotes: " + strconv.Quote(name)
		}
	} else {
		p.Message, p.Label = strconv.Quote(path)+" has no "+strconv.Quote(name), "not a member of "+path
	}
	if len(names) > 0 {
		p.Notes = []string{"known: " + joinNames(names)}
	}
	if c.scope.Missing != nil {
		missing := c.scope.Missing(path, name)
		if missing.Declared {
			return unreadable()
		}
		p = missing.replaceIn(p)
	}
	if p.Suggest != "" && c.isQuoted(node) {
		p.Suggest = strconv.Quote(p.Suggest)
	}
	return c.report(p)
}

// hasMembers reports whether a name is followed by one of its members, so that it is not a text.
func (c *checker) hasMembers(node ast.Node) bool {
	next := c.runeAt(c.spanOf(node).to)
	return next == '.' || next == '[' || next == '?'
}

// replaceIn replaces the texts of a problem with those that are not empty.
func (m Missing) replaceIn(p Problem) Problem {
	for _, part := range []struct {
		own  string
		here *string
	}{{m.Rule, &p.Rule}, {m.Message, &p.Message}, {m.Label, &p.Label}, {m.Help, &p.Help}, {m.Suggest, &p.Suggest}} {
		if part.own != "" {
			*part.here = part.own
		}
	}
	if m.Notes != nil {
		p.Notes = m.Notes
	}
	return p
}

func joinNames(names []string) string {
	const limit = 16
	if len(names) > limit {
		return strings.Join(names[:limit], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// extend returns the path of a member.
func extend(path, name string) string {
	if identifier(name) {
		return path + "." + name
	}
	return path + "[" + strconv.Quote(name) + "]"
}
