package graph

import "strings"

// inWords tells the picture to those who cannot see it: what the workflow is for, and its steps in order.
func (g *Graph) inWords() string {
	var b strings.Builder
	if g.Description != "" {
		b.WriteString(g.Description + "\n")
	}
	for i, lane := range g.Lanes {
		steps := lane.Parts
		if i == 0 {
			b.WriteString("Steps: ")
			steps = steps[1 : len(steps)-1] // without start and end
		} else {
			b.WriteString("\n" + words(lane.Lines) + ": ")
		}
		b.WriteString(inOrder(steps) + ".")
	}
	return b.String()
}

func inOrder(parts []*Part) string {
	all := make([]string, len(parts))
	for i, p := range parts {
		all[i] = p.inWords()
	}
	return strings.Join(all, "; ")
}

func (p *Part) inWords() string {
	var b strings.Builder
	if p.If != nil {
		b.WriteString(words(p.If.Lines) + ": ")
	}
	if p.Box != nil {
		b.WriteString(words(p.Box.Lines))
	} else {
		b.WriteString(words(p.Node.Lines))
	}
	for i, way := range p.Ways {
		between := " | "
		if i == 0 {
			between = " ["
		}
		b.WriteString(between)
		if len(way.Lines) > 0 {
			b.WriteString(words(way.Lines) + ": ")
		}
		if len(way.Parts) == 0 {
			b.WriteString("nothing")
		}
		b.WriteString(inOrder(way.Parts))
	}
	if len(p.Ways) > 0 {
		b.WriteString("]")
	}
	for _, beside := range []*Group{p.Undo, p.Fails} {
		if beside == nil {
			continue
		}
		b.WriteString(" (" + words(beside.Lines))
		if len(beside.Parts) > 0 {
			b.WriteString(": " + inOrder(beside.Parts))
		}
		b.WriteString(")")
	}
	return b.String()
}

func words(lines []Line) string {
	all := make([]string, len(lines))
	for i, l := range lines {
		all[i] = l.Text
	}
	return strings.Join(all, ", ")
}
