// Package expression checks and evaluates the expressions of a definition: what stands in ${{ }}, in `if` and in `until`.
//
// The language is that of github.com/expr-lang/expr, whose parser reads the text and whose machine runs it. Between the two
// stands a checker of our own, for three promises that a definition's author needs and expr does not make:
//
//   - Every name is known. The scope declares each root down to its last member, and a name that is not there is a problem with a
//     place and a suggestion, not null.
//   - Null is handled where it can occur. An output of a step that may not have run is nullable; it may be compared, tested and
//     given a substitute (`??`), and whatever needs a value is refused until a guard stands before it: `if a != nil`, `a ?? "x"`,
//     `a != nil && f(a)`. Nullable booleans count as false in a condition.
//   - What Compile accepts, Eval can evaluate, to a value of the type announced. What can still go wrong depends on values, and is
//     an error with a plain text: a division by zero, a number out of range, a limit.
//
// The same value always gives the same result: the clock, random numbers and the order of a map cannot be reached. Nothing that an
// expression can say takes long or much memory; limits.go says how.
//
// In reading order: expression.go (compile), scope.go (what is in reach), limits.go, parse.go, tree.go (where a node stands in the
// source), check.go (the checker) with path.go, logic.go, operator.go, literal.go and call.go (its cases), kinds.go (types compared
// and joined), narrow.go (what a condition proves), canonical.go (the text of a condition), functions.go and closure.go (the visible
// lists of functions) with signature.go (what they take and give), patch.go (the tree that runs), operate.go, string.go, list.go and
// pattern.go (what it calls), members.go (a path taken apart), text.go (a value inside a text), eval.go (running it). For editors: parts.go
// (types of parts) and names.go.
package expression

import (
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"errand/engine/schema"
)

// The rules that name problems.
const (
	RuleSyntax   = "expression-syntax" // cannot be read
	RuleLimit    = "expression-limit"  // too long, too deep or too large
	RuleName     = "unknown-name"      // a root or a member that the scope does not declare
	RuleFunction = "unknown-function"  // a function that does not exist or is not allowed
	RuleNull     = "maybe-null"        // a value that may be null where one is needed
	RuleType     = "wrong-type"        // a value of a kind that does not fit
	RuleFails    = "expression-fails"  // a constant expression that cannot be evaluated
)

// A Problem says what is wrong with a part of the source. From and To are byte offsets, To exclusive.
type Problem struct {
	From, To int
	Rule     string
	Message  string // lower case, no full stop
	Label    string // a few words for the place
	Help     string // what to do
	Notes    []string
	Suggest  string // the text that should stand there, where that is certain; else ""
}

// A Program is an expression that was checked. It may be used by several goroutines at once.
type Program struct {
	source   string
	kind     schema.Type
	null     string
	implies  []string
	denies   []string
	paths    []string
	constant any
	fixed    bool // constant is the result

	walk    []string // where the whole expression is a path: its members, the root first
	machine *vm.Program
	meters  bool // the machine wants a run to count its work
	conform bool // a result may hold an int where the type says number
}

// Compile checks a source against a scope. The result is the program, or at least one problem; neither where the expression leans
// on a name whose type the scope leaves open (Kind ""), since whoever left it open has reported why.
func Compile(source string, scope Scope) (*Program, []Problem) {
	tree, problem := parse(source)
	if problem != nil {
		return nil, []Problem{*problem}
	}
	c := newChecker(source, scope)
	v := c.check(tree)
	if len(c.problems) > 0 || v.bad {
		slices.SortStableFunc(c.problems, func(a, b Problem) int { return a.From - b.From })
		return nil, c.problems
	}
	p := &Program{
		source:  source,
		kind:    finished(v.Type),
		implies: c.conjuncts(tree, true),
		denies:  c.conjuncts(tree, false),
		paths:   c.paths,
		meters:  c.meters,
		conform: mentions(v.Type, schema.Number),
	}
	if v.Nullable {
		p.null = c.because(v)
	}
	if p.walk = pathOf(v.node); p.walk != nil {
		return p, nil
	}
	machine, err := assemble(&parser.Tree{Node: v.node})
	if err != nil {
		return nil, []Problem{c.problem(tree, RuleSyntax, "the expression cannot be compiled")}
	}
	p.machine = machine
	if len(c.paths) == 0 {
		constant, err := p.Eval(nil)
		if err != nil {
			problem := c.problem(tree, RuleFails, "the expression always fails: "+err.Error())
			return nil, []Problem{problem}
		}
		p.constant, p.fixed = constant, true
	}
	return p, nil
}

// Source is the text that was compiled.
func (p *Program) Source() string { return p.source }

// Type is the type of what Eval returns.
func (p *Program) Type() schema.Type { return p.kind }

// Null says why the result may be null, as a sentence for a problem: `steps.a.x may be null: step "a" may not have run`. It is
// empty where the result is never null.
func (p *Program) Null() string { return p.null }

// Implies lists the conditions, in canonical text, that hold whenever the expression is true: of `a && b` both.
func (p *Program) Implies() []string { return slices.Clone(p.implies) }

// Denies lists the conditions, in canonical text, that hold whenever the expression is false or null: of `a || b` that neither does.
func (p *Program) Denies() []string { return slices.Clone(p.denies) }

// Paths lists the dotted paths that the expression reads, each once, in the order of the text: "steps.start.instance_id".
func (p *Program) Paths() []string { return slices.Clone(p.paths) }

// Constant is the result of an expression that reads nothing.
func (p *Program) Constant() (any, bool) { return p.constant, p.fixed }

// Canonical is the text of an expression without regard to spaces, quotes and parentheses: two sources with the same canonical
// text have the same meaning. It fails where the source cannot be read.
func Canonical(source string) (string, bool) {
	tree, problem := parse(source)
	if problem != nil {
		return "", false
	}
	return canonical(tree), true
}

// pathOf is the path that a patched tree reads and nothing else, or nil.
func pathOf(node ast.Node) []string {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		return []string{n.Value}
	case *ast.CallNode:
		if callee := n.Callee.(*ast.IdentifierNode); callee.Value != opGet {
			return nil
		}
		base, key := pathOf(n.Arguments[0]), n.Arguments[1].(*ast.StringNode).Value
		if base == nil {
			return nil
		}
		return append(base, key)
	}
	return nil
}
