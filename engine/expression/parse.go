package expression

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// ownFunctions disables all built-in functions of expr, so that every call is looked up in
// functions.go.
var ownFunctions = sync.OnceValue(func() map[string]bool {
	off := make(map[string]bool, len(builtin.Builtins))
	for _, f := range builtin.Builtins {
		off[f.Name] = true
	}
	return off
})

// parse parses a source that is within the limits.
func parse(source string) (tree ast.Node, problem *Problem) {
	if problem := measureSource(source); problem != nil {
		return nil, problem
	}
	if problem := commentProblem(source); problem != nil {
		return nil, problem
	}
	if inner, ok := strings.CutPrefix(strings.TrimSpace(source), "${{"); ok {
		return nil, &Problem{
			To: len(source), Rule: RuleSyntax, Message: "${{ }} is not allowed here: the whole text is an expression", Label: "no ${{ }} here",
			Help: "remove ${{ and }}", Suggest: strings.TrimSpace(strings.TrimSuffix(inner, "}}")),
		}
	}
	defer func() {
		if recover() != nil {
			tree, problem = nil, &Problem{To: len(source), Rule: RuleSyntax, Message: "the expression cannot be parsed"}
		}
	}()
	parsed, err := parser.ParseWithConfig(source, &conf.Config{MaxNodes: maxNodes, Disabled: ownFunctions()})
	if err != nil {
		return nil, syntaxProblem(source, err)
	}
	if visits := 0; !countVisits(parsed.Node, &visits) {
		return nil, tooLarge(source)
	}
	joinSurrogates(source, parsed.Node)
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
		return &Problem{To: len(source), Rule: RuleSyntax, Message: "the expression cannot be parsed"}
	}
	if strings.Contains(e.Message, "maximum allowed nodes") {
		return tooLarge(source)
	}
	if p := numberProblem(source, e.Message); p != nil {
		return p
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

// numberProblem reports a number that is too large. The parser locates it at the token after it.
func numberProblem(source, message string) *Problem {
	before, _, ok := strings.Cut(message, `": value out of range`)
	if !ok {
		return nil
	}
	digits := before[strings.LastIndexByte(before, '"')+1:]
	p := &Problem{From: lastRune(source), To: len(source), Rule: RuleSyntax, Message: "the number " + digits + " is too large", Label: "too large"}
	isFound := func(t token) bool { return strings.ReplaceAll(t.text, "_", "") == digits }
	tokens := tokenize(source)
	at := slices.IndexFunc(tokens, isFound)
	if at >= 0 {
		p.From, p.To = tokens[at].from, tokens[at].to
	}
	if strings.Trim(digits, "0123456789") == "" {
		p.Message, p.Label = "the integer "+digits+" does not fit into 64 bits", "too large"
		if digits == "9223372036854775808" && at > 0 && tokens[at-1].text == "-" {
			p.From, p.Help = tokens[at-1].from, "write (-9223372036854775807 - 1)"
			p.Message = "the integer -" + digits + " cannot be written as one number"
		}
	}
	return p
}

const (
	atTheEnd    = "incomplete"
	meaningless = " has no meaning here"
)

// syntaxWords returns the message, the label and the help for a message of the parser.
func syntaxWords(message, found string) (string, string, string) {
	token := strings.TrimPrefix(message, "unexpected token ")
	switch {
	case strings.HasPrefix(message, "unexpected token EOF"), strings.HasPrefix(message, "unexpected end"):
		return "the expression ends too early", atTheEnd, "close every bracket, and complete the last operator"
	case message == "literal not terminated":
		return "the text is not closed", "no closing quote", "add the closing quote"
	case strings.Contains(message, "cannot be mixed"):
		return "?? cannot be combined with " + found + " without parentheses", "", "add parentheses: (a ?? b) " + found + " c"
	case strings.HasPrefix(message, "unrecognized character"):
		return strconv.Quote(found) + meaningless, "", hints[found]
	case strings.HasPrefix(message, "bad number"), strings.Contains(message, "literal"):
		return "this number cannot be read", "", "write a duration as duration(\"90s\"), and a text in quotes"
	case strings.Contains(message, "char escape"), strings.Contains(message, "unescape"):
		return "the text has an unknown escape sequence", "", `write \\ for a backslash, or put the text in backquotes`
	case message == "expected name":
		return "expected a name after the dot", "", ""
	case strings.HasPrefix(message, "a map key"):
		return "the key of an object must be a name or a text in quotes", "", "put a computed key in parentheses"
	case strings.HasPrefix(message, "expected at least"):
		return "an argument is missing", "", ""
	case strings.HasPrefix(message, "wrap predicate"):
		return "put the condition in { }", "", ""
	case token != message:
		return fmt.Sprintf("unexpected %q", found), "", hints[found]
	}
	return "the expression cannot be parsed", "", ""
}

// hints suggest the right syntax for tokens that are common in other languages.
var hints = map[string]string{
	"=":  "compare with ==",
	"&":  "join conditions with &&",
	"@":  "put text in quotes",
	"~":  `match a pattern with matches: name matches "^i-"`,
	":":  "write a choice as: condition ? one : other",
	"\\": "put text in quotes",
	"{":  "remove the braces",
	"}":  "remove the braces",
	"*":  "add the left side of the operator",
	"$":  "write the name without $",
}

// byteOffset converts an offset in runes to an offset in bytes.
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
