package expression

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// ownFunctions turns every function of expr's own off, so that all calls reach the list of functions.go.
var ownFunctions = sync.OnceValue(func() map[string]bool {
	off := make(map[string]bool, len(builtin.Builtins))
	for _, f := range builtin.Builtins {
		off[f.Name] = true
	}
	return off
})

// parse reads a source that keeps the limits.
func parse(source string) (tree ast.Node, problem *Problem) {
	if problem := measureSource(source); problem != nil {
		return nil, problem
	}
	if inner, ok := strings.CutPrefix(strings.TrimSpace(source), "${{"); ok {
		return nil, &Problem{
			To: len(source), Rule: RuleSyntax, Message: "${{ }} does not belong here: this is an expression already", Label: "no ${{ }} here",
			Help: "write it without them", Suggest: strings.TrimSpace(strings.TrimSuffix(inner, "}}")),
		}
	}
	defer func() {
		if recover() != nil {
			tree, problem = nil, &Problem{To: len(source), Rule: RuleSyntax, Message: "the expression cannot be read"}
		}
	}()
	parsed, err := parser.ParseWithConfig(source, &conf.Config{MaxNodes: maxNodes, Disabled: ownFunctions()})
	if err != nil {
		return nil, syntaxProblem(source, err)
	}
	if visits := 0; !countVisits(parsed.Node, &visits) {
		return nil, tooLarge(source)
	}
	return parsed.Node, nil
}

func tooLarge(source string) *Problem {
	return &Problem{
		To: len(source), Rule: RuleLimit, Message: "the expression has too many parts", Label: "too large",
		Help: "split it over several steps",
	}
}

// syntaxProblem words what expr's parser found. Its locations count runes.
func syntaxProblem(source string, err error) *Problem {
	e, ok := errors.AsType[*file.Error](err)
	if !ok {
		return &Problem{To: len(source), Rule: RuleSyntax, Message: "the expression cannot be read"}
	}
	if strings.Contains(e.Message, "maximum allowed nodes") {
		return tooLarge(source)
	}
	p := &Problem{From: byteOffset(source, e.Location.From), To: byteOffset(source, e.Location.To), Rule: RuleSyntax}
	if p.From >= p.To || p.To > len(source) {
		p.From, p.To = lastRune(source), len(source)
	}
	p.Message, p.Label, p.Help = syntaxWords(e.Message, source[p.From:p.To])
	if p.Label == atTheEnd {
		p.From, p.To = lastRune(source), len(source)
	}
	return p
}

const atTheEnd = "something is missing after this"

// syntaxWords gives the message, the label and the help for a message of the parser's.
func syntaxWords(message, found string) (string, string, string) {
	token := strings.TrimPrefix(message, "unexpected token ")
	switch {
	case strings.HasPrefix(message, "unexpected token EOF"), strings.HasPrefix(message, "unexpected end"):
		return "the expression ends too early", atTheEnd, "look for a bracket that is not closed, or an operator without its right side"
	case message == "literal not terminated":
		return "the text is not closed", "no closing quote", "close it with the quote it began with"
	case message == "unclosed comment":
		return "the comment is not closed", "", "close it with */"
	case strings.Contains(message, "cannot be mixed"):
		return "?? cannot stand beside " + found + " without parentheses", "", "put what belongs together in parentheses: (a ?? b) " + found + " c"
	case strings.HasPrefix(message, "unrecognized character"):
		return fmt.Sprintf("%q has no meaning here", found), "", hints[found]
	case strings.HasPrefix(message, "bad number"), strings.Contains(message, "literal"):
		return "this number cannot be read", "", "write a duration as duration(\"90s\"), a text in quotes"
	case strings.Contains(message, "char escape"), strings.Contains(message, "unescape"):
		return "the text has a backslash that escapes nothing", "", `write \\ for a backslash, or put the text in backquotes`
	case message == "expected name":
		return "a name is expected after the dot", "", ""
	case strings.HasPrefix(message, "a map key"):
		return "the key of an object is a name or a text in quotes", "", "put a computed key in parentheses"
	case strings.HasPrefix(message, "expected at least"):
		return "an argument is missing", "", ""
	case strings.HasPrefix(message, "wrap predicate"):
		return "put the condition in { }", "", ""
	case token != message:
		return fmt.Sprintf("%q is not expected here", found), "", hints[found]
	}
	return "the expression cannot be read", "", ""
}

// hints say what to write instead of what is common elsewhere.
var hints = map[string]string{
	"=":  "compare with ==",
	"&":  "join conditions with &&",
	"@":  "put text in quotes",
	"~":  `compare with a pattern by matches: name matches "^i-"`,
	":":  "a condition with two outcomes is: condition ? one : other",
	"\\": "put text in quotes",
	"{":  "an expression needs no braces of its own",
	"}":  "an expression needs no braces of its own",
	"*":  "the operator has nothing on its left",
	"$":  "an expression needs no $ before a name",
}

// byteOffset turns an offset in runes into one in bytes.
func byteOffset(source string, runes int) int {
	if runes <= 0 {
		return 0
	}
	for i := range source {
		if runes == 0 {
			return i
		}
		runes--
	}
	return len(source)
}

func lastRune(source string) int {
	_, size := utf8.DecodeLastRuneInString(source)
	return len(source) - size
}
