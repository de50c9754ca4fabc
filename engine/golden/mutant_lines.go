package golden

import (
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
)

// These changes remove or exchange whole lines, so they apply to block style only. Text within
// braces or brackets, or that does not begin its line, stays as it is.

func linesOf(text []byte) []string {
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// item removes the entry of a list that begins on a line.
func (b *mutator) item(line int, what string) {
	if end := b.itemEnd(line); end > 0 {
		b.remove(line, end, what)
	}
}

// itemEnd returns the line after the entry of a list that begins on a line. It returns 0 if none
// does.
func (b *mutator) itemEnd(line int) int {
	if !b.begins(line, "- ") {
		return 0
	}
	return b.end(line, func(indent, of int, _ string) bool { return indent <= of })
}

// key removes a key at the beginning of a line, with its value.
func (b *mutator) key(line int, key, what string) {
	if !b.begins(line, key+":") {
		return
	}
	b.remove(line, b.end(line, func(indent, of int, text string) bool {
		return indent < of || indent == of && !strings.HasPrefix(text, "- ")
	}), what)
}

func (b *mutator) begins(line int, with string) bool {
	return line >= 1 && line <= len(b.lines) && strings.HasPrefix(strings.TrimLeft(b.lines[line-1], " "), with)
}

// end returns the line after the last line of the block that begins on a line. Empty lines and
// comments at the end do not belong to the block.
func (b *mutator) end(line int, outside func(indent, of int, text string) bool) int {
	of := indentOf(b.lines[line-1])
	end := line + 1
	for i := line; i < len(b.lines); i++ {
		text := strings.TrimSpace(b.lines[i])
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		if outside(indentOf(b.lines[i]), of, text) {
			break
		}
		end = i + 2
	}
	return end
}

// remove removes lines up to, but not including, end.
func (b *mutator) remove(line, end int, what string) {
	b.add(b.wholeLines(line, end), "", what)
}

func (b *mutator) wholeLines(line, end int) diag.Range {
	at := diag.Range{Start: diag.Position{Line: line, Column: 1}, End: diag.Position{Line: end, Column: 1}}
	if end > len(b.lines) {
		at.End = diag.Place(b.text, len(b.text))
	}
	return at
}

// exchanges exchanges each step of a list with the next one.
func (b *mutator) exchanges(steps []*definition.Step) {
	for i := range len(steps) - 1 {
		first, second := steps[i], steps[i+1]
		from, to := first.Range.Start.Line, second.Range.Start.Line
		end := b.itemEnd(to)
		if b.itemEnd(from) == 0 || b.itemEnd(from) > to || end == 0 {
			continue
		}
		after := b.raw(b.wholeLines(to, end))
		if !strings.HasSuffix(after, "\n") {
			after += "\n"
		}
		b.add(b.wholeLines(from, end), after+b.raw(b.wholeLines(from, to)), "steps "+first.Key()+" and "+second.Key()+" are exchanged")
	}
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// keyOf returns the line on which a step has a key. It returns 0 if the step does not have it.
func (b *mutator) keyOf(s *definition.Step, key string) int {
	if b.begins(s.Range.Start.Line, "- {") {
		return 0
	}
	return b.keyWithin(s.Range.Start.Line+1, s.Range.Start.Column-1, key)
}

// keyWithin returns the line, at or after from, on which a mapping with an indentation has a key.
func (b *mutator) keyWithin(from, indent int, key string) int {
	for i := from - 1; i < len(b.lines); i++ {
		text := strings.TrimSpace(b.lines[i])
		switch in := indentOf(b.lines[i]); {
		case text == "" || strings.HasPrefix(text, "#"):
		case in < indent:
			return 0
		case in == indent && strings.HasPrefix(text, key+":"):
			return i + 1
		}
	}
	return 0
}
