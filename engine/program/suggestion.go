package program

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/pattern"
)

// plainWord matches text that needs no escaping in any YAML scalar or in any quotes of an
// expression.
var plainWord = pattern.New(`^[\p{L}\p{N}_./-]+( [\p{L}\p{N}_./-]+)*$`)

// suggestion returns the edit that a problem of an expression suggests. It returns nil if there is
// none, or if the edit would depend on the kind of the YAML scalar. The edit of a text with
// quotes changes no more than it must, so that it keeps them.
func suggestion(e *definition.Expression, p expression.Problem) *diag.Fix {
	if p.Suggest == "" {
		return nil
	}
	old, write, from := e.Source[p.From:p.To], p.Suggest, p.From
	if inner, err := strconv.Unquote(write); err == nil {
		if !plainWord.MatchString(inner) { // it needs escapes
			return nil
		}
		if n := len(old); n >= 2 && strings.IndexByte("'\"`", old[0]) >= 0 && old[n-1] == old[0] {
			old, write, from = old[1:n-1], inner, from+1
		}
	}
	to := from + len(old)
	if !isSafe(write) {
		before, after := common(old, write)
		from, to, write = from+before, to-after, write[before:len(write)-after]
		if !isSafe(write) || strings.ContainsRune(old, '\\') {
			return nil
		}
	}
	return &diag.Fix{Title: "write " + p.Suggest, Range: e.Span(from, to), Text: write}
}

// isSafe reports whether a text needs no escapes in any YAML scalar.
func isSafe(text string) bool { return !strings.ContainsAny(text, "'\"`\\\n\r\t") }

// common returns the lengths of the common beginning and the common end of two texts.
func common(a, b string) (before, after int) {
	for before < min(len(a), len(b)) && a[before] == b[before] {
		before++
	}
	for before > 0 && !utf8.RuneStart(at(a, before)) {
		before--
	}
	for after < min(len(a), len(b))-before && a[len(a)-1-after] == b[len(b)-1-after] {
		after++
	}
	for after > 0 && !utf8.RuneStart(a[len(a)-after]) {
		after--
	}
	return before, after
}

// at returns a byte of a text, or 0 after its end.
func at(text string, i int) byte {
	if i < len(text) {
		return text[i]
	}
	return 0
}
