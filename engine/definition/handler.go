package definition

import (
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/schema"
)

// handler reads `on_failure` of a step: the word continue or a list of steps.
func (r *reader) handler(m *mapping, in setting) *Handler {
	n := m.get("on_failure")
	if n == nil {
		return nil
	}
	const want = "the word continue or a list of steps"
	h := &Handler{Range: m.at("on_failure")}
	if target := follow(n); target.Kind == yaml.MappingNode && len(target.Content) == 2 && target.Content[0].Value == "continue" && !r.reported[target] {
		r.reportContinueKey(n, want)
		return nil
	}
	if follow(n).Kind != yaml.ScalarNode {
		h.Steps = r.steps(n, `"on_failure"`, in.below(".on_failure"))
		return h
	}
	t, kind, _, ok := r.scalar(n, `"on_failure"`, want)
	if !ok {
		return nil
	}
	if h.Continue = kind == schema.String && t.Value == "continue"; h.Continue {
		return h
	}
	help := "write continue, or a list of steps to run instead"
	if diag.Nearest(t.Value, []string{"continue"}) != "" {
		help = `did you mean "continue"?`
	}
	p := r.report(ruleOnFailure, t.Range, help, `"on_failure" must be %s, not %s`, want, describe(n))
	if strings.HasPrefix(help, "did") {
		p.Fix = &diag.Fix{Title: "write continue", Range: t.Range, Text: "continue"}
	}
	return nil
}

// reportContinueKey reports the word continue as a key.
func (r *reader) reportContinueKey(n *yaml.Node, want string) {
	p := r.reportWrongType(n, `"on_failure"`, want, "write continue")
	switch flagged, certain := flagOf(follow(n).Content[1]); {
	case certain && !flagged:
		p.Help = "remove on_failure:"
	case certain && n.Kind == yaml.MappingNode:
		p.Fix = &diag.Fix{Title: p.Help, Range: p.Range, Text: "continue"}
	}
}
