package expression

import (
	"cmp"
	"slices"

	"errand/engine/schema"
)

// A Part is a piece of a source that has a value: what stands between two byte offsets, To exclusive.
type Part struct {
	From, To int
	Type     schema.Type
}

// Parts finds the type of every part of a source, the larger before what is within it, with what conditions around a part prove of it.
// Parts in which something is wrong are left out, and there are none where the source cannot be read.
func Parts(source string, scope Scope) []Part {
	tree, problem := parse(source)
	if problem != nil {
		return nil
	}
	var parts []Part
	c := newChecker(source, scope)
	c.parts = &parts
	c.check(tree)
	slices.SortStableFunc(parts, func(a, b Part) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(b.To, a.To)) })
	return slices.CompactFunc(parts, func(a, b Part) bool { return a.From == b.From && a.To == b.To })
}

// noted keeps what was found of a part, where somebody asks.
func (c *checker) noted(v value) value {
	if c.parts != nil && !v.bad {
		s := c.spanOf(v.from)
		*c.parts = append(*c.parts, Part{From: byteOffset(c.source, s.from), To: byteOffset(c.source, s.to), Type: finished(v.Type)})
	}
	return v
}
