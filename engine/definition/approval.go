package definition

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/schema"
)

// outcomes are the values of `otherwise`.
var outcomes = []string{"reject", "approve", "fail"}

// otherOutcomes are words of other tools for them.
var otherOutcomes = map[string]string{
	"deny": "reject", "decline": "reject", "refuse": "reject", "no": "reject", "rejected": "reject",
	"allow": "approve", "accept": "approve", "approved": "approve", "yes": "approve", "continue": "approve",
	"abort": "fail", "error": "fail", "failure": "fail", "stop": "fail",
}

// approval reads the form `approval:`.
func (r *reader) approval(m *mapping) Form {
	a := &Approval{Range: m.at(ApprovalForm), Ask: Value{Kind: schema.Any}}
	in, ok := r.mapping(m.get(ApprovalForm), `"approval"`, formOf(ApprovalForm).Want)
	if !ok {
		return a
	}
	in.guesses = slices.Clone(m.guesses)
	in.keepKnown(inApproval, members(ApprovalForm))
	if in.require("ask", a.Range, "add ask: with the question", `"approval"`) {
		a.Ask = r.message(in.get("ask"), `"ask"`, `write the question, such as "May it be deleted?"`)
	}
	if in.require("by", a.Range, "add by: with a list of roles or users, such as [operations]", `"approval"`) {
		a.By = r.deciders(in.get("by"))
	}
	a.Within = r.duration(in.get("within"), `"within"`)
	if n := in.get("otherwise"); n != nil {
		a.Otherwise = r.outcome(n)
		if !in.has("within") && !slices.Contains(in.guesses, "within") {
			r.report(ruleApproval, in.at("otherwise"), "add within: with a duration, such as 24h, or remove it",
				`"otherwise" sets the decision after "within" has passed, but there is no "within"`)
		}
	}
	if n := in.get("allow_requester"); n != nil {
		a.AllowRequester = r.boolean(n, `"allow_requester"`)
	}
	return a
}

// deciders reads `by`.
func (r *reader) deciders(n *yaml.Node) []Text {
	const want = "a list of roles or users"
	if target := follow(n); target.Kind == yaml.ScalarNode && !r.reported[target] && !isEmpty(target) {
		r.reportLoneDecider(n, want)
		return nil
	}
	nodes, ok := r.list(n, `"by"`, want)
	if ok && len(nodes) == 0 {
		r.report(ruleMissingValue, r.place(n), "list at least one role or user, such as [operations]", `"by" is an empty list`)
	}
	var by []Text
	for _, node := range nodes {
		t, ok := r.literal(node, `an item of "by"`, "the name of a role or of a user")
		switch {
		case !ok:
		case strings.TrimSpace(t.Value) == "":
			r.report(ruleMissingValue, t.Range, "write the name of a role or of a user", `an item of "by" is empty`)
		default:
			by = append(by, t)
		}
	}
	return by
}

// reportLoneDecider reports a name that is written without a list around it.
func (r *reader) reportLoneDecider(n *yaml.Node, want string) {
	t, kind, _, ok := r.scalar(n, `"by"`, want)
	if !ok || !r.withoutExpression(t, `"by"`) {
		return
	}
	list := "[" + t.Value + "]"
	switch {
	case kind != schema.String || strings.TrimSpace(t.Value) == "" || t.Range.Start.Line != t.Range.End.Line:
		r.reportWrongType(n, `"by"`, want, "write a list, such as [operations]")
	case strings.ContainsAny(t.Value, ",[]{}"): // no fix: the text may name several deciders
		r.reportWrongType(n, `"by"`, want, "put brackets around it: "+list)
	default:
		list = "[" + bare(t.Value) + "]"
		p := r.reportWrongType(n, `"by"`, want, "put brackets around it: "+list)
		p.Fix = &diag.Fix{Title: "make it a list", Range: t.Range, Text: list}
	}
}

// outcome reads `otherwise`.
func (r *reader) outcome(n *yaml.Node) Text {
	const want = "reject, approve or fail"
	t, kind, _, ok := r.scalar(n, `"otherwise"`, want)
	switch {
	case !ok:
		return Text{}
	case kind == schema.String && slices.Contains(outcomes, t.Value):
		return t
	}
	p := r.report(ruleApproval, t.Range, "", `"otherwise" must be %s, not %s`, want, describe(n))
	if word := otherOutcomes[t.Value]; word != "" {
		p.Help, p.Fix = "write "+word, &diag.Fix{Title: "write " + word, Range: t.Range, Text: word}
	} else if near := diag.Nearest(t.Value, outcomes); near != "" {
		p.Help = `did you mean "` + near + `"?`
		if diag.Certain(t.Value, outcomes) == near {
			p.Fix = &diag.Fix{Title: "write " + near, Range: t.Range, Text: near}
		}
	}
	return Text{}
}

// reportBesideApproval reports members of `approval:` that are written as keys of the step. Without
// `approval:`, a single such key is not reported here, because it may be another mistake.
func (r *reader) reportBesideApproval(m *mapping) {
	var parts []string
	for _, k := range formOf(ApprovalForm).Members {
		if m.has(k.Name) {
			parts = append(parts, k.Name)
		}
	}
	n := m.get(ApprovalForm)
	if len(parts) == 0 || n == nil && len(parts) == 1 {
		return
	}
	verb, help := "belong", "add approval: and indent these keys below it"
	if len(parts) == 1 {
		verb = "belongs"
	}
	if n != nil {
		help = "indent the keys of the approval below approval:"
	}
	r.report(ruleUnknownKey, m.at(parts[0]), help, `%s %s inside "approval"`, `"`+strings.Join(parts, `", "`)+`"`, verb)
	if m.guesses = append(m.guesses, parts...); n == nil || isEmpty(n) {
		m.drop([]string{ApprovalForm})
		m.guesses = append(m.guesses, ApprovalForm)
	}
	m.drop(parts)
}

// Lists returns nil: an approval holds no steps.
func (*Approval) Lists() [][]*Step { return nil }

func (a *Approval) expressions(yield func(*Expression) bool) bool { return a.Ask.visit(yield) }
