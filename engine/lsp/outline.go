package lsp

import (
	"strings"

	"errand/engine/definition"
	"errand/engine/pattern"
)

// An outline is the structure of a definition, from its lines and their indentation: keys, items of
// lists, and words that may become keys or values. The text may be incomplete. Completion uses the
// outline, and it finds the place of a key.
type outline struct {
	text string
	root *entry
	all  []*entry // in the order of the text
}

// An entry is a key with its value, an item of a list, or a word. Offsets are bytes of the text.
type entry struct {
	kind      entryKind
	key       string // of a key
	parent    *entry
	children  []*entry
	column    int // its first byte in the line; its children are further right
	from      int // of its key, hyphen or word
	keyTo     int // the end of the key or the word
	valueFrom int // the value on the line; without one, both are the end of the line
	valueTo   int
	flow      byte // the end of the brackets around it: } or ]; 0 outside brackets
	block     bool // its value is a text of several lines below it
}

type entryKind int

const (
	aRoot entryKind = iota
	aKey
	anItem
	aWord
)

// keyLine matches a key at the start of a line.
var keyLine = pattern.New(`^("[^"]*"|'[^']*'|[^\s#&*!|>%@"'\[\]{},:-][^\s#:]*|[^\s#&*!|>%@"'\[\]{},:-][^#:]*[^\s#:]):(\s|$)`)

func newOutline(text string) *outline {
	o := &outline{text: text, root: &entry{kind: aRoot, column: -1, valueTo: len(text)}}
	top := o.root
	for at := len(byteOrder(text)); at < len(text); {
		next := lineEnd(text, at)
		line := strings.TrimRight(text[at:next], "\r\n")
		indent := len(line) - len(strings.TrimLeft(line, " "))
		rest := line[indent:]
		switch {
		case rest == "" || rest[0] == '#' || strings.HasPrefix(line, "---") || strings.HasPrefix(line, "..."):
			at = next
			continue
		case top.holdsText() && indent > top.column:
			top.valueTo = at + len(line) // another line of the text
			at = next
			continue
		}
		top, at = o.line(top, at, at+indent, at+len(line), next)
	}
	return o
}

// isDefinition reports whether the text is a definition, not other YAML. A text without keys at the
// top may become one.
func (o *outline) isDefinition() bool {
	return definition.Detect([]byte(o.text)) || len(o.root.keys()) == 0
}

func byteOrder(text string) string {
	if strings.HasPrefix(text, byteOrderMark) {
		return byteOrderMark
	}
	return ""
}

func lineEnd(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(text)
}

// holdsText reports whether deeper lines below an entry belong to its text.
func (e *entry) holdsText() bool {
	return e.block || (e.kind == aKey || e.kind == anItem) && e.valueFrom < e.valueTo && len(e.children) == 0
}

// line reads the entry at from, on the line that begins at start. It returns the innermost entry
// and the offset after it.
func (o *outline) line(top *entry, start, from, end, next int) (*entry, int) {
	for o.text[from:end] == "-" || strings.HasPrefix(o.text[from:end], "- ") {
		column := from - start
		for top.column >= column && (top.kind != aKey || top.column > column) {
			top = top.parent
		}
		value := from + 1
		for value < end && o.text[value] == ' ' {
			value++
		}
		top = o.add(top, &entry{kind: anItem, column: column, from: from, keyTo: from + 1, valueFrom: value, valueTo: end})
		if from = value; from == end {
			return top, next
		}
	}
	column := from - start
	for top.column >= column {
		top = top.parent
	}
	found := keyLine.Regexp().FindStringSubmatchIndex(o.text[from:end])
	if found == nil {
		return o.scalar(top, column, from, end, next)
	}
	e := &entry{kind: aKey, key: strings.Trim(o.text[from:from+found[3]], `"'`), column: column, from: from, keyTo: from + found[3]}
	if top.kind == anItem {
		top.valueFrom, top.valueTo = end, end // a mapping whose first key follows the hyphen
	}
	e.valueFrom = from + found[3] + 1
	for e.valueFrom < end && o.text[e.valueFrom] == ' ' {
		e.valueFrom++
	}
	e.valueTo = beforeComment(o.text, e.valueFrom, end)
	o.add(top, e)
	return e, o.value(e, next)
}

// scalar reads an entry that is not a key: an item that is a text or brackets, or a word.
func (o *outline) scalar(top *entry, column, from, end, next int) (*entry, int) {
	if top.kind == anItem && top.valueFrom == from {
		top.valueTo = beforeComment(o.text, from, end)
		return top, o.value(top, next)
	}
	e := o.add(top, &entry{kind: aWord, column: column, from: from, keyTo: end, valueFrom: end, valueTo: end})
	return e, next
}

// value reads the beginning of a value: a text of several lines, brackets, or text on the line.
func (o *outline) value(e *entry, next int) int {
	value := o.text[e.valueFrom:e.valueTo]
	switch {
	case value == "":
		return next
	case value[0] == '|' || value[0] == '>':
		e.block = true
	case value[0] == '{' || value[0] == '[':
		until := o.endOfDeeper(next, e.column)
		stop := o.brackets(e, e.valueFrom, until)
		e.valueTo = stop
		for next < stop {
			next = lineEnd(o.text, next)
		}
	}
	return next
}

// endOfDeeper returns the end of the lines that are indented more than a column.
func (o *outline) endOfDeeper(at, column int) int {
	end := at
	for at < len(o.text) {
		next := lineEnd(o.text, at)
		line := strings.TrimRight(o.text[at:next], "\r\n")
		indent := len(line) - len(strings.TrimLeft(line, " "))
		if indent < len(line) && indent <= column {
			break
		}
		if at = next; indent < len(line) {
			end = next
		}
	}
	return end
}

func (o *outline) add(parent, e *entry) *entry {
	e.parent = parent
	parent.children = append(parent.children, e)
	o.all = append(o.all, e)
	return e
}

// beforeComment returns the end of a value on its line.
func beforeComment(text string, from, end int) int {
	quote := byte(0)
	for i := from; i < end; i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && i == from:
			quote = c
		case c == '#' && (i == from || text[i-1] == ' '):
			end = i
		}
	}
	for end > from && (text[end-1] == ' ' || text[end-1] == '\t') {
		end--
	}
	return end
}

// extent returns the end of an entry with its children.
func (e *entry) extent() int {
	end := max(e.keyTo, e.valueTo)
	if n := len(e.children); n > 0 && e.kind != aRoot {
		end = max(end, e.children[n-1].extent())
	}
	return end
}

// child returns the entry of a key below an entry, or nil.
func (e *entry) child(key string) *entry {
	for _, c := range e.children {
		if c.kind == aKey && c.key == key {
			return c
		}
	}
	return nil
}

// keys returns the keys below an entry.
func (e *entry) keys() []string {
	var keys []string
	for _, c := range e.children {
		if c.kind == aKey {
			keys = append(keys, c.key)
		}
	}
	return keys
}

// scalarText returns the value of an entry, without quotes.
func (o *outline) scalarText(e *entry) string {
	text := o.text[e.valueFrom:e.valueTo]
	if n := len(text); n > 1 && (text[0] == '"' || text[0] == '\'') && text[n-1] == text[0] {
		return text[1 : n-1]
	}
	return text
}
