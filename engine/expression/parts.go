package expression

import (
	"cmp"
	"slices"

	"errand/engine/schema"
)

// A Part is a piece of a source that has a value. From and To are byte offsets; To is exclusive.
type Part struct {
	From, To int
	Type     schema.Type
}

// Parts returns the types of all parts of a source, a larger part before the parts in it. The types
// include what the surrounding conditions prove. Parts with a problem are left out. If the source
// cannot be parsed, there are none.
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

// record records the type of a part if Parts asked for it.
func (c *checker) record(v value) value {
	if c.parts != nil && !v.bad {
		s := c.spanOf(v.from)
		*c.parts = append(*c.parts, Part{From: byteOffset(c.source, s.from), To: byteOffset(c.source, s.to), Type: replaceNothing(v.Type)})
	}
	return v
}
