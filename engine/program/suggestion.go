package program

import (
	"strconv"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/pattern"
)

// plainWord is what can be written within any YAML scalar, and within any quotes of an expression, without more ado.
var plainWord = pattern.New(`^[\p{L}\p{N}_./-]+( [\p{L}\p{N}_./-]+)*$`)

// suggestion is the edit that writes what an expression's problem suggests; nil where there is none, or where it would have to be
// written otherwise in one kind of YAML scalar than in another. Of a text in quotes, the quotes stay as they are.
func suggestion(e *definition.Expression, p expression.Problem) *diag.Fix {
	from, to, write := p.From, p.To, p.Suggest
	if write == "" {
		return nil
	}
	safe := !strings.ContainsAny(write, "'\"`\\\n\r\t")
	if inner, err := strconv.Unquote(write); err == nil && to-from >= 2 && strings.IndexByte("'\"`", e.Source[from]) >= 0 && e.Source[to-1] == e.Source[from] {
		from, to, write = from+1, to-1, inner
		safe = plainWord.MatchString(inner)
	}
	if !safe {
		return nil
	}
	return &diag.Fix{Title: "write " + write, Range: e.Span(from, to), Text: write}
}
