package program

import (
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/task"
)

// tokenName is the parameter that makes a repeated request the same request.
const tokenName = "client_token"

// literalTokens warns of a token that is the same in every run, or for every item of a loop: what was made for the first is then taken
// for what was to be made for the next.
func (c *compiler) literalTokens() {
	for _, s := range c.places() {
		a, calls := s.Action.(caller)
		if t, ok := s.Action.(*Task); !calls || ok && t.Type.Effect != task.Keyed {
			continue
		}
		d := c.written[s.Step]
		c.literalToken(s, a.input(), d.Form.(definition.Caller).Arguments(), calleeOf(d))
	}
}

func (c *compiler) literalToken(s Place, input Template, with []definition.Entry, callee string) {
	at := slices.IndexFunc(with, func(e definition.Entry) bool { return e.Key.Value == tokenName })
	value := input.member(tokenName)
	if at < 0 || value == nil {
		return
	}
	p := diag.Problem{
		Rule: "literal-token", Severity: diag.Warning, Range: with[at].Value.Range,
		Help:  "remove the line: a token is made of the run and the step",
		Notes: []string{"a repeated token means: give me what this token has made already"},
	}
	paths := pathsOf(value)
	switch literal, isLiteral := constantOf(value); {
	case isLiteral && (literal == nil || literal == ""):
		return
	case len(paths) == 0:
		p.Label, p.Message = "is the same in every run", callee+" gets one token in all runs: a second run makes nothing of its own"
	case c.defaultOf(paths) != nil:
		p.Label, p.Message = "has a default", callee+" gets one token in all runs that do not say otherwise: a second run makes nothing of its own"
		p.Help = "remove the default of the input, so that each run has a token of its own"
	case len(s.items()) > 0 && !slices.ContainsFunc(paths, func(path string) bool { return varies(path, s.items()) }):
		p.Label, p.Message = "is the same for every item", callee+" gets one token for all items of the loop: only the first makes something"
	default:
		return
	}
	c.report(p)
}

// defaultOf is the default of the one input that is read and nothing else.
func (c *compiler) defaultOf(paths []string) any {
	if len(paths) != 1 {
		return nil
	}
	name, ok := strings.CutPrefix(paths[0], "inputs.")
	field, known := c.inputType.Field(name)
	if !ok || !known || field.Default == "" {
		return nil
	}
	return field.Default
}

// varies reports whether a path may have another value for the next item.
func varies(path string, items []string) bool {
	root, _, _ := strings.Cut(path, ".")
	return root == "steps" || slices.Contains(items, root)
}
