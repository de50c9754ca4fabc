package graph

import "strings"

// describe describes the picture for people who cannot see it: the purpose of the workflow, and its
// steps in order, with their states in a run.
func (g *Graph) describe(states map[string]State) string {
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
		b.WriteString(describeParts(steps, states) + ".")
	}
	return b.String()
}

func describeParts(parts []*Part, states map[string]State) string {
	all := make([]string, len(parts))
	for i, p := range parts {
		all[i] = p.describe(states)
	}
	return strings.Join(all, "; ")
}

func (p *Part) describe(states map[string]State) string {
	var b strings.Builder
	if p.If != nil {
		b.WriteString(words(p.If.Lines) + ": ")
	}
	if p.Box != nil {
		b.WriteString(words(p.Box.Lines))
	} else {
		b.WriteString(words(p.Node.Lines))
	}
	if state, ok := states[string(p.Key)]; ok {
		b.WriteString(", state: " + state.describe())
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
		b.WriteString(describeParts(way.Parts, states))
	}
	if len(p.Ways) > 0 {
		b.WriteString("]")
	}
	for _, handler := range []*Group{p.Undo, p.Fails} {
		if handler == nil {
			continue
		}
		b.WriteString(" (" + words(handler.Lines))
		if len(handler.Parts) > 0 {
			b.WriteString(": " + describeParts(handler.Parts, states))
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
