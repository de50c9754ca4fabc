package expression

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/parser"
)

// surrogates matches a pair of escaped surrogates, one surrogate alone, or another escape sequence.
var surrogates = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|\\(?:u|U0000)([dD][89a-fA-F][0-9a-fA-F]{2})|\\.`)
})

// joinSurrogates reads the characters that JSON writes as two escapes, such as "\ud83d\ude00". The
// parser makes two broken characters of them.
func joinSurrogates(source string, tree ast.Node) {
	if strings.Contains(strings.ToLower(source), `\ud`) {
		(&checker{source: source}).joinSurrogates(tree)
	}
}

func (c *checker) joinSurrogates(node ast.Node) {
	text, ok := node.(*ast.StringNode)
	if !ok {
		for _, child := range children(node) {
			c.joinSurrogates(child)
		}
		return
	}
	literal := c.textOf(text)
	if !hasEscapes(literal) {
		return
	}
	joined := surrogates().ReplaceAllStringFunc(literal, func(escape string) string {
		m := surrogates().FindStringSubmatch(escape)
		if m[1] == "" {
			return escape
		}
		high, _ := strconv.ParseUint(m[1], 16, 16)
		low, _ := strconv.ParseUint(m[2], 16, 16)
		return string(utf16.DecodeRune(rune(high), rune(low)))
	})
	if joined == literal {
		return
	}
	if read, err := parser.ParseWithConfig(joined, &conf.Config{}); err == nil {
		if whole, ok := read.Node.(*ast.StringNode); ok {
			text.Value = whole.Value
		}
	}
}

// hasEscapes reports whether a literal is in quotes in which a backslash begins an escape sequence.
func hasEscapes(literal string) bool {
	return strings.HasPrefix(literal, `"`) || strings.HasPrefix(literal, "'")
}

// halfCharacter returns the first escape in a literal that is one surrogate alone, or "".
func halfCharacter(literal string) string {
	if hasEscapes(literal) {
		for _, m := range surrogates().FindAllStringSubmatch(literal, -1) {
			if m[3] != "" {
				return m[0]
			}
		}
	}
	return ""
}
