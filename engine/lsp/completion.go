package lsp

import (
	"cmp"
	"context"
	"fmt"
	"strings"
)

// Kinds of completion items of the protocol.
const (
	kindFunction  = 3
	kindField     = 5
	kindVariable  = 6
	kindModule    = 9
	kindProperty  = 10
	kindValue     = 12
	kindReference = 18
)

// A proposal is a text that can be written at a place.
type proposal struct {
	label  string
	insert string // if it is not the label
	kind   int
	detail string
	text   string // Markdown
	rank   int    // lower ranks come first
}

// completion proposes what is valid at a place. If that is unknown, it proposes nothing.
func (c *connection) completion(_ context.Context, p placeParams) (any, error) {
	d, err := c.document(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	if isTestCase(d) {
		return c.completeTestCase(d, d.offset(p.Position)), nil
	}
	if d.isIntake() {
		return c.completeIntake(d, d.offset(p.Position)), nil
	}
	o := newOutline(d.text)
	at := o.cursor(d.offset(p.Position))
	if at == nil || !o.isDefinition() {
		return completionList{Items: []completionItem{}}, nil
	}
	var list []proposal
	from, to := at.from, at.to
	if x := o.expressionAt(at); x != nil {
		list, from, to = c.completeExpression(d, o, at, x)
	} else if at.value {
		list = c.completeValue(d, o, at)
		from, to = o.replacedSpan(at)
		o.addSpace(list, from)
	} else {
		list = c.completeKey(d, o, at.inside, at.entry)
		at.keepColon(list)
	}
	return completionList{Items: d.items(list, from, to)}, nil
}

// addSpace begins the proposals for a value with a space if the one after the colon is not typed yet.
func (o *outline) addSpace(list []proposal, from int) {
	if from == 0 || o.text[from-1] != ':' {
		return
	}
	for i := range list {
		list[i].insert = " " + cmp.Or(list[i].insert, list[i].label)
	}
}

// keepColon makes the proposals for a key that has a colon already end before it.
func (at *cursor) keepColon(list []proposal) {
	if at.entry == nil || at.entry.kind != aKey {
		return
	}
	for i := range list {
		list[i].insert = ""
	}
}

// replacedSpan returns the part of a value that a proposal replaces: the whole value if it is on
// one line.
func (o *outline) replacedSpan(at *cursor) (from, to int) {
	e := at.inside
	if e.valueFrom <= at.at && at.at <= e.valueTo && !strings.Contains(o.text[e.valueFrom:e.valueTo], "\n") && len(e.children) == 0 {
		return e.valueFrom, e.valueTo
	}
	return at.at, at.at
}

// items returns proposals in their order, as replacements of the span.
func (d *document) items(list []proposal, from, to int) []completionItem {
	items := make([]completionItem, len(list))
	for i, p := range list {
		items[i] = completionItem{
			Label: p.label, Kind: p.kind, Detail: p.detail, SortText: fmt.Sprintf("%d%04d", p.rank, i), FilterText: strings.TrimPrefix(p.label, "- "),
			TextEdit: &textEdit{Range: d.span(from, to), NewText: cmp.Or(p.insert, p.label)},
		}
		if p.text != "" {
			text := markdown(p.text)
			items[i].Documentation = &text
		}
	}
	return items
}
