package lsp

import (
	"context"
	"slices"

	"github.com/creachadair/jrpc2"

	"errand/engine/definition"
	"errand/engine/diag"
)

func (c *connection) prepareRename(_ context.Context, p placeParams) (any, error) {
	d, err := c.document(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	parsed, _ := definition.Parse(d.file, []byte(d.text))
	t, at := declarationsOf(parsed).at(d.place(d.offset(p.Position)))
	if t == nil {
		return nil, nil
	}
	return prepared{Range: d.extent(at), Placeholder: t.name}, nil
}

// rename changes the name of a declaration and all references to it. It refuses if the meaning of
// the definition would change.
func (c *connection) rename(_ context.Context, p renameParams) (any, error) {
	d, err := c.document(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	parsed, _ := definition.Parse(d.file, []byte(d.text))
	all := declarationsOf(parsed)
	t, _ := all.at(d.place(d.offset(p.Position)))
	switch {
	case t == nil:
		return nil, refusal("nothing here can be renamed")
	case p.NewName == t.name:
		return workspaceEdit{Changes: map[string][]textEdit{}}, nil
	case !definition.IsIdentifier(p.NewName):
		return nil, refusal("%q is not a valid name; use lower-case letters, digits and _, and begin with a letter", p.NewName)
	case all.unread != nil && t.kind != aBranch:
		return nil, refusal("the expression on line %d cannot be parsed and may refer to the %s; correct it first", all.unread.Start.Line, t)
	}
	if err := all.checkFree(t, p.NewName); err != nil {
		return nil, err
	}
	edits := []textEdit{{d.extent(t.declared), p.NewName}}
	for _, r := range t.uses {
		edits = append(edits, textEdit{d.extent(r), p.NewName})
	}
	if err := c.sameMeaning(d, edits); err != nil {
		return nil, err
	}
	changes := map[string][]textEdit{d.uri: edits}
	if t.kind == anInput {
		for _, l := range c.inputUses(d, t.name) {
			changes[l.URI] = append(changes[l.URI], textEdit{l.Range, p.NewName})
		}
	}
	return workspaceEdit{Changes: changes}, nil
}

func refusal(format string, args ...any) error { return jrpc2.Errorf(requestFailed, format, args...) }

// checkFree returns an error if a name is taken.
func (all *declarations) checkFree(t *declaration, name string) error {
	if known := definition.Reserved(name); t.kind == aLoop && known != "" {
		return refusal("%q cannot name an item: it is already %s in expressions", name, known)
	}
	for _, other := range all.list {
		taken := other != t && other.kind == t.kind && other.name == name
		switch {
		case !taken:
		case t.kind == aBranch && other.step != t.step:
		case t.kind == aLoop && !slices.Contains(other.around, t.step) && !slices.Contains(t.around, other.step):
		default:
			return refusal("there is already %s, on line %d", article(other), other.declared.Start.Line)
		}
	}
	return nil
}

func article(t *declaration) string {
	if t.kind == anInput || t.kind == aLoop {
		return "an " + t.String()
	}
	return "a " + t.String()
}

// sameMeaning checks the definition after the edits. The check must find no problem that it does
// not find on the same line without the edits.
func (c *connection) sameMeaning(d *document, edits []textEdit) error {
	before, after := c.problemsOf(d), c.problemsOf(d.afterEdits(edits))
	for _, p := range after {
		if !slices.ContainsFunc(before, func(q diag.Problem) bool { return q.Rule == p.Rule && q.Range.Start.Line == p.Range.Start.Line }) {
			return refusal("the new name causes a problem on line %d: %s", p.Range.Start.Line, p.Message)
		}
	}
	return nil
}
