package lsp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"errand/engine/diag"
)

// Kinds of actions.
const (
	kindQuickFix = "quickfix"
	kindFixAll   = "source.fixAll.errand"
)

// actions returns the fixes that `errand check --fix` makes: the fix of each problem, and all
// certain fixes as one.
func (c *connection) actions(ctx context.Context, p actionParams) (any, error) {
	d, err := c.document(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	accepts := func(kind string) bool {
		return len(p.Context.Only) == 0 || slices.ContainsFunc(p.Context.Only, func(only string) bool {
			return only == "" || kind == only || strings.HasPrefix(kind, only+".")
		})
	}
	list := []action{}
	problems := c.problemsOf(d)
	for _, problem := range problems {
		if problem.Fix == nil || !accepts(kindQuickFix) || !d.extent(problem.Range).meets(p.Range) {
			continue
		}
		if made, ok := problem.Fix.Apply([]byte(d.text)); ok {
			list = append(list, action{
				Title: problem.Fix.Title, Kind: kindQuickFix, IsPreferred: true, Diagnostics: []diagnostic{d.diagnostic(problem)},
				Edit: d.editsTo(string(made)),
			})
		}
	}
	if !accepts(kindFixAll) || !slices.ContainsFunc(problems, func(p diag.Problem) bool { return p.Fix != nil }) {
		return list, nil
	}
	mended := diag.Mend([]byte(d.text), func(text []byte) []diag.Problem {
		if ctx.Err() != nil {
			return nil // nobody waits for the answer
		}
		return c.problemsOf(newDocument(d.uri, d.version, string(text), d.utf8))
	})
	if n := len(mended.Made); n > 0 {
		title := "apply the certain fix"
		if n > 1 {
			title = fmt.Sprintf("apply all %d certain fixes", n)
		}
		list = append(list, action{Title: title, Kind: kindFixAll, Edit: d.editsTo(string(mended.Text))})
	}
	return list, nil
}
