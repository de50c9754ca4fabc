package program

// member returns the value of a member of the template's object, or nil if it has none.
func (t Template) member(name string) node {
	object, ok := t.root.(*objectNode)
	if !ok {
		return nil
	}
	for _, m := range object.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// isUnset reports whether a parameter has no value, or the value null.
func isUnset(value node) bool {
	literal, constant := value.(literalNode)
	return value == nil || constant && literal.value == nil
}

// pathsOf lists the paths that a value reads.
func pathsOf(n node) []string {
	var paths []string
	switch n := n.(type) {
	case *wholeNode:
		return n.program.Paths()
	case *textNode:
		for _, part := range n.parts {
			if part.program != nil {
				paths = append(paths, part.program.Paths()...)
			}
		}
	case *listNode:
		for _, item := range n.items {
			paths = append(paths, pathsOf(item)...)
		}
	case *objectNode:
		for _, m := range n.members {
			paths = append(paths, pathsOf(m.value)...)
		}
	}
	return paths
}
