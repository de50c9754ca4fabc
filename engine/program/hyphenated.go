package program

import (
	"slices"
	"strconv"
	"strings"

	"errand/engine/definition"
	"errand/engine/expression"
	"errand/engine/pattern"
)

// hyphenated matches the name of a step or an input with a hyphen, which expressions read as a minus.
var hyphenated = pattern.New(`\b(steps|inputs)\.([a-z][a-z0-9_]*(?:-[a-z][a-z0-9_]*)+)`)

// compileSource compiles an expression. Where it names a step or an input with a hyphen, it reads
// the name as a whole. So a name that is declared with a hyphen is reported once, where it is
// declared, and one that is declared with _ is suggested.
func (c *compiler) compileSource(source string, scope expression.Scope) (*expression.Program, []expression.Problem) {
	var read strings.Builder
	var added []int // the offsets in read before which a byte was added
	last := 0
	for _, m := range hyphenated.Regexp().FindAllStringSubmatchIndex(source, -1) {
		name := source[m[4]:m[5]]
		if !c.declares(source[m[2]:m[3]], name) {
			continue
		}
		read.WriteString(source[last:m[3]] + `["`)
		end := read.Len() + len(name)
		added = append(added, read.Len(), end+1, end+2) // a dot became two characters
		read.WriteString(name + `"]`)
		last = m[5]
	}
	if last == 0 {
		return expression.Compile(source, scope)
	}
	read.WriteString(source[last:])
	p, problems := expression.Compile(read.String(), scope)
	for i := range problems {
		q := &problems[i]
		q.From, q.To = before(added, q.From), before(added, q.To)
		if name, err := strconv.Unquote(q.Suggest); err == nil && definition.IsIdentifier(name) {
			q.Suggest = name
		}
	}
	return p, problems
}

// declares reports whether a root has a member of a name, with hyphens or with _ instead.
func (c *compiler) declares(root, name string) bool {
	names := c.ids
	if root == "inputs" {
		names = c.inputType.FieldNames()
	}
	return slices.Contains(names, name) || slices.Contains(names, strings.ReplaceAll(name, "-", "_"))
}

// before returns the offset in the original text.
func before(added []int, offset int) int {
	i, found := slices.BinarySearch(added, offset)
	if found {
		i++
	}
	return offset - i
}
