package expression

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
)

// The limits keep every evaluation under some tens of milliseconds and some megabytes.
//
// A source is short, its brackets are not deep, and its tree is small. The tree counts shared nodes
// each time: the parser lets `((a ?: b) ?: c) ?: d` and `1 < (1 < (1 < x) < 1) < 1` share nodes, so
// a walk over 60 brackets would take 2^60 steps.
//
// Work is measured in steps. A step is roughly the visit of a node. An element of a closure costs
// one step for each node of the closure. A function costs one step for each 64 bytes and for each
// element that it reads. A pattern costs its size times the length of the text. Every new text and
// list has a limit, and all of them together have one. The size of a result is its size when
// written.
const (
	maxSource   = 2 << 10
	maxDepth    = 64         // of brackets
	maxNodes    = 500        // of the parser
	maxVisits   = 1_000      // nodes of the tree; shared ones count each time
	maxClosures = 2          // closures inside each other
	maxKind     = 4_096      // parts of a type that an expression builds
	maxSteps    = 200_000    // of one evaluation
	maxText     = 64 << 10   // bytes of a new text, and of a result
	maxBuilt    = 1 << 20    // bytes of all texts that one evaluation builds
	maxRange    = 1_000      // elements of a..b
	maxList     = 10_000     // elements of a new list
	maxMemory   = 4 * 10_000 // elements that the machine may allocate
	maxPattern  = 2_000      // instructions of a regular expression
)

// measureSource returns a problem if a source would be dangerous to parse.
func measureSource(source string) *Problem {
	switch {
	case len(source) > maxSource:
		return &Problem{
			From: 0, To: len(source), Rule: RuleLimit, Label: "too long",
			Message: fmt.Sprintf("the expression is %d bytes long; at most %d are allowed", len(source), maxSource),
			Help:    "split it over several steps",
		}
	case strings.TrimSpace(source) == "":
		return &Problem{To: len(source), Rule: RuleSyntax, Message: "the expression is empty"}
	case !utf8.ValidString(source):
		return &Problem{To: len(source), Rule: RuleSyntax, Message: "the expression is not valid UTF-8"}
	}
	if at := tooDeep(source); at >= 0 {
		return &Problem{
			From: at, To: at + 1, Rule: RuleLimit, Label: "one too many",
			Message: fmt.Sprintf("brackets are nested more than %d deep", maxDepth), Help: "split it over several steps",
		}
	}
	return nil
}

// tooDeep returns the offset of the first bracket beyond the limit, or -1.
func tooDeep(source string) int {
	depth := 0
	for i := 0; i < len(source); i++ {
		switch source[i] {
		case '\'', '"', '`':
			i = skipQuoted(source, i)
		case '(', '[', '{':
			if depth++; depth > maxDepth {
				return i
			}
		case ')', ']', '}':
			depth--
		}
	}
	return -1
}

// skipQuoted returns the offset of the quote that closes the text at i, or of the source's last
// byte.
func skipQuoted(source string, i int) int {
	quote := source[i]
	for i++; i < len(source); i++ {
		switch {
		case source[i] == quote:
			return i
		case source[i] == '\\' && quote != '`':
			i++
		}
	}
	return len(source) - 1
}

// countVisits adds the nodes of a tree, shared ones each time. It reports whether the sum is within
// the limit.
func countVisits(node ast.Node, visits *int) bool {
	if *visits++; *visits > maxVisits {
		return false
	}
	for _, child := range children(node) {
		if !countVisits(child, visits) {
			return false
		}
	}
	return true
}

// A stop is an error that ends an evaluation. Its text contains no value.
type stop string

func (s stop) Error() string { return string(s) }

// Stopped reports whether the cause of an error is that an evaluation was stopped: by a limit, or by an
// operation without a result, such as a division by zero.
func Stopped(err error) bool {
	_, is := errors.AsType[stop](err)
	return is
}

const (
	errWork   = stop("the expression takes too many steps")
	errText   = stop("a text is longer than 64 KiB")
	errBuilt  = stop("the expression builds too much text")
	errList   = stop("a list is longer than 10000 elements")
	errRange  = stop("a range is longer than 1000 elements")
	errResult = stop("the result is larger than 64 KiB")
	errMisfit = stop("a value does not fit the type that the expression was checked with")
)

// A run counts the work of one evaluation.
type run struct{ steps, built int }

// charge adds steps.
func (r *run) charge(n int) error {
	if r.steps += n; n < 0 || r.steps > maxSteps {
		return errWork
	}
	return nil
}

// chargeText charges for a new text of n bytes, before it is built.
func (r *run) chargeText(n int) error {
	if n < 0 || n > maxText {
		return errText
	}
	if r.built += n; r.built > maxBuilt {
		return errBuilt
	}
	return r.charge(n / 64)
}

// chargeList charges for a new list of n elements, before it is built.
func (r *run) chargeList(n int) error {
	if n < 0 || n > maxList {
		return errList
	}
	return r.charge(n)
}

// measure adds the approximate size of a value as JSON. It reports whether the sum is within the
// limit. It stops at the limit: a value whose parts are shared many times costs no more than the
// limit.
func measure(v any, size *int, limit int) bool {
	switch v := v.(type) {
	case string:
		*size += len(v) + 2
	case []any:
		*size += 2
		for _, item := range v {
			if *size > limit || !measure(item, size, limit) {
				return false
			}
		}
	case map[string]any:
		*size += 2
		for key, item := range v {
			if *size += len(key) + 3; *size > limit || !measure(item, size, limit) {
				return false
			}
		}
	default:
		*size += 8
	}
	return *size <= limit
}
