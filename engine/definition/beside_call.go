package definition

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
)

// reportBesideCall reports the parameters that are written beside `task:` or `workflow:`, in one
// problem.
func (r *reader) reportBesideCall(m *mapping, form string, known []string) {
	var strays []string
	for _, key := range m.keys {
		if !slices.Contains(known, key.Value) && len(key.Value) <= 80 {
			strays = append(strays, key.Value)
		}
	}
	if len(strays) == 0 {
		return
	}
	isStray := r.strays(m, form, known)
	strays = slices.DeleteFunc(strays, func(key string) bool { return !isStray(key) })
	first, last, count := m.run(strays)
	if count == 0 || len(r.problems) >= 200 {
		return
	}
	noun, them := "key", "it"
	if len(strays) > 1 {
		noun, them = "keys", "them"
	}
	p := r.report(ruleUnknownKey, m.keys[first].Range, "indent "+them+" below with:, as parameters", "a step has no %s %s", noun, joinQuoted(strays))
	p.Notes = []string{"known keys are " + strings.Join(known, ", ")}
	if m.guesses = append(m.guesses, "with"); !m.has("with") && last-first == count-1 {
		p.Fix = r.indentBelow(m, first, last, "with", false)
	}
	m.drop(strays)
}

// strays returns whether an unknown key of a step is a parameter of what the step calls. If the
// parameters are not known, these are the keys that are no habit and resemble no key of a step.
func (r *reader) strays(m *mapping, form string, known []string) func(key string) bool {
	unlike := func(key string) bool { return !isHabit(inStep, key) && diag.Nearest(key, known) == "" }
	callee := follow(m.get(form)).Value
	if r.parameters == nil || form == SubworkflowForm && !workflowName.MatchString(callee) {
		return unlike
	}
	parameters, listed := r.parameters(form, callee)
	if !listed {
		return unlike
	}
	with := m.get("with")
	return func(key string) bool {
		if slices.Contains(parameters, key) {
			return with == nil || !holdsKey(with, key)
		}
		return unlike(key) && diag.Nearest(key, parameters) != ""
	}
}

func holdsKey(n *yaml.Node, key string) bool {
	n = follow(n)
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

func joinQuoted(names []string) string { return `"` + strings.Join(names, `", "`) + `"` }

// indentBelow returns the edit that writes a key above some keys of a step and indents these, as a
// mapping or as the only item of a list.
func (r *reader) indentBelow(m *mapping, first, last int, key string, list bool) *diag.Fix {
	from := r.offset(m.keys[first].Range.Start)
	lineStart := strings.LastIndexByte(r.text[:from], '\n') + 1
	column := from - lineStart
	fix := &diag.Fix{Title: "write them below " + key + ":"}
	if strings.Trim(r.text[lineStart:from], " -") != "" { // in { }
		end, ok := r.endInBraces(m, last)
		if !ok {
			return nil
		}
		text := "{" + r.text[from:end] + "}"
		if list {
			text = "[" + text + "]"
		}
		fix.Range, fix.Text = r.span(from, end), key+": "+text
		return fix
	}
	end := r.endOfBlock(m.nodes[last], column)
	head, deeper := key+":\n"+strings.Repeat(" ", column+2), "  "
	if list {
		head, deeper = head+"- ", "    "
	}
	lines := strings.Split(strings.TrimRight(r.text[from:end], "\r\n"), "\n")
	for i := range lines {
		if lines[i] = strings.TrimSuffix(lines[i], "\r"); i > 0 && strings.TrimSpace(lines[i]) != "" {
			lines[i] = deeper + lines[i]
		}
	}
	end -= len(r.text[from:end]) - len(strings.TrimRight(r.text[from:end], "\r\n"))
	fix.Range, fix.Text = r.span(from, end), head+strings.Join(lines, "\n")
	return fix
}

// endInBraces returns the offset at which the value of a key in { } ends: that of a scalar, or that of a
// collection on one line.
func (r *reader) endInBraces(m *mapping, i int) (end int, ok bool) {
	if _, end, ok = r.written(m.nodes[i]); ok {
		return end, true
	}
	if n := m.nodes[i]; n.Kind == yaml.MappingNode || n.Kind == yaml.SequenceNode {
		start := r.start(n)
		length := bracketEnd(r.restOfLine(start))
		return start + length, length > 0
	}
	return 0, false
}

// endOfBlock returns the offset at which the value of a key ends in a block mapping: the first line
// after its start that is not indented more than the key.
func (r *reader) endOfBlock(n *yaml.Node, column int) int {
	for number := n.Line + 1; number <= r.lines(); number++ {
		text, start := r.line(number)
		if trimmed := strings.TrimLeft(text, " "); trimmed != "" && len(text)-len(trimmed) <= column && !strings.HasPrefix(trimmed, "- ") || trimmed != "" && len(text)-len(trimmed) < column {
			return start
		}
	}
	return len(r.text)
}
