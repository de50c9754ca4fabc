package program

import (
	"strconv"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/pattern"
)

// plainWord matches text that needs no escaping in any YAML scalar or in any quotes of an
// expression.
var plainWord = pattern.New(`^[\p{L}\p{N}_./-]+( [\p{L}\p{N}_./-]+)*$`)

// suggestion returns the edit that a problem of an expression suggests. It returns nil if there is
// none, or if the edit would depend on the kind of the YAML scalar. The edit of a quoted text keeps
// the quotes.
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
