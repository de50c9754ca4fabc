package lsp

import (
	"path"
	"strings"

	"errand/engine/diag"
)

// isTestCase reports whether a document is a test case: a file with parts, such as case.yaml.
func isTestCase(d *document) bool { return path.Ext(d.file) == ".txtar" }

// testCaseProblems returns what prevents a test case from being run, and the names of the workflows that
// it needs.
func (c *connection) testCaseProblems(d *document) ([]diag.Problem, []string) {
	if c.TestCase == nil {
		return nil, nil
	}
	problems, names := c.TestCase(c.Library, d.file, []byte(d.text))
	for i := range problems {
		problems[i].Range = d.lineAt(problems[i].Range.Start)
	}
	return problems, names
}

// lineAt returns the range of a line without the blanks around its text.
func (d *document) lineAt(at diag.Position) diag.Range {
	from := d.at(at)
	line, _, _ := strings.Cut(d.text[from:], "\n")
	from += len(line) - len(strings.TrimLeft(line, " "))
	return diag.Range{File: d.file, Start: d.place(from), End: d.place(from + len(strings.TrimSpace(line)))}
}

// A part is a YAML part of a test case. Offsets in its outline count from its start.
type part struct {
	*outline
	grammar *grammar
	from    int // where it begins in the document
}

// partAt returns the part at an offset of a test case, or nil if it is none that has a schema.
func (c *connection) partAt(d *document, offset int) *part {
	var found *part
	end := len(d.text)
	for at := 0; at < len(d.text); at = lineEnd(d.text, at) {
		name, ok := marker(d.text[at:lineEnd(d.text, at)])
		if !ok {
			continue
		}
		if at > offset {
			end = at
			break
		}
		found = nil
		if g := c.parts[name]; g != nil {
			found = &part{grammar: g, from: lineEnd(d.text, at)}
		}
	}
	if found == nil || offset < found.from {
		return nil
	}
	found.outline = newOutline(d.text[found.from:end])
	return found
}

// marker returns the name in a line that begins a part: -- NAME --.
func marker(line string) (name string, ok bool) {
	name, begins := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "-- ")
	name, ends := strings.CutSuffix(name, " --")
	return strings.TrimSpace(name), begins && ends
}

// completeTestCase proposes the keys and the values of a part.
func (c *connection) completeTestCase(d *document, offset int) completionList {
	none := completionList{Items: []completionItem{}}
	p := c.partAt(d, offset)
	if p == nil {
		return none
	}
	at := p.cursor(offset - p.from)
	if at == nil {
		return none
	}
	var list []proposal
	from, to := at.from, at.to
	if at.value {
		list = c.valuesOf(d, p, at.inside)
		from, to = p.replacedSpan(at)
		p.addSpace(list, from)
	} else {
		e := at.inside
		if at.entry != nil {
			e = withoutChild(e, at.entry)
		}
		list = append(p.grammar.proposeKeys(p.outline, e), c.namesOfWorkflow(d, p, e)...)
		at.keepColon(list)
	}
	return completionList{Items: d.items(list, from+p.from, to+p.from)}
}

// valuesOf proposes values for a key of a part, or the keys of an item that has none yet.
func (c *connection) valuesOf(d *document, p *part, e *entry) []proposal {
	if e.kind == anItem {
		if r := p.grammar.of(e); r != nil && r.Properties != nil {
			return p.grammar.proposeKeys(p.outline, e)
		}
		return words(p.grammar.values(p.grammar.of(e)))
	}
	around := p.grammar.of(e.parent)
	if around == nil {
		return nil
	}
	switch {
	case p.grammar == c.parts["case.yaml"] && e.key == "workflow" && e.parent.kind == aRoot:
		return c.workflows(d)
	case p.grammar == c.parts["mocks.yaml"] && e.key == "task" && e.parent.kind == anItem && e.parent.parent.kind == aRoot:
		return c.taskTypes()
	case p.grammar == c.parts["mocks.yaml"] && pathOf(e) == "[].step":
		return c.mockedSteps(d)
	}
	return words(p.grammar.values(p.grammar.follow(p.grammar.keyRule(around, e.key))))
}

// hoverTestCase explains the key at an offset.
func (c *connection) hoverTestCase(d *document, offset int) any {
	p := c.partAt(d, offset)
	if p == nil {
		return nil
	}
	at := p.cursor(offset - p.from)
	if at == nil || at.value || at.entry == nil || at.entry.kind != aKey {
		return nil
	}
	around := p.grammar.of(at.entry.parent)
	if around == nil || around.Properties[at.entry.key] == nil {
		return nil
	}
	extent := d.span(at.from+p.from, at.to+p.from)
	return hoverResult{Contents: markdown(p.grammar.keyText(around, at.entry.key)), Range: &extent}
}
