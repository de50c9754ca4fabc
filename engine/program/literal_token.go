package program

import (
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/task"
)

// tokenName is the parameter by which a service recognises a repeated request.
const tokenName = "client_token"

// literalTokens warns of a token that is the same in every run or for every item of a loop. The
// service then takes the second request for a repetition of the first and makes nothing.
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
		Help:  "remove the line: Errand then makes a token from the run and the step",
		Notes: []string{"a request with a repeated token returns what the first request made"},
	}
	paths := pathsOf(value)
	switch literal, isLiteral := constantOf(value); {
	case isLiteral && (literal == nil || literal == ""):
		return
	case len(paths) == 0:
		p.Label, p.Message = "is the same in every run", callee+" gets the same token in all runs: a second run makes nothing new"
	case c.defaultOf(paths) != nil:
		p.Label, p.Message = "has a default", callee+" gets the same token in all runs that use the default: a second run makes nothing new"
		p.Help = "remove the default of the input, so that each run has its own token"
	case len(s.items()) > 0 && !slices.ContainsFunc(paths, func(path string) bool { return varies(path, s.items()) }):
		p.Label, p.Message = "is the same for every item", callee+" gets the same token for all items of the loop: only the first item makes something new"
	default:
		return
	}
	c.report(p)
}

// defaultOf returns the default of an input, if the paths are exactly this input.
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

// varies reports whether a path can have another value for the next item.
func varies(path string, items []string) bool {
	root, _, _ := strings.Cut(path, ".")
	return root == "steps" || slices.Contains(items, root)
}
