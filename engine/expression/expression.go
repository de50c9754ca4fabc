// Package expression checks and evaluates the expressions of a definition: the text in ${{ }}, in
// `if` and in `until`.
//
// The language is that of github.com/expr-lang/expr. Its parser reads the text and its machine runs
// it. Between the two works a checker of this package. It makes three promises that expr does not
// make:
//
//   - Every name is known. The scope declares each root with all its members. An unknown name is a
//     problem with a place and a suggestion; it is not null.
//   - Null is handled where it can occur. An output of a step that may not have run is nullable. A
//     nullable value may be compared, tested and replaced (`??`). A place that needs a value
//     refuses it without a guard: `if a != nil`, `a ?? "x"`, `a != nil && f(a)`. In a condition a
//     nullable boolean counts as false if it is null.
//   - Eval can evaluate everything that Compile accepts, to a value of the type that Compile
//     reports. The remaining errors depend on values and have a plain text: a division by zero, a
//     number out of range, a limit.
//
// The same values always produce the same result: an expression cannot reach the clock, random
// numbers or the order of a map. No expression takes long or much memory; limits.go explains how.
//
// In reading order: expression.go (compile), scope.go (the names in reach), limits.go, parse.go with
// comment.go and surrogate.go, tree.go (the places of nodes in the source), check.go (the checker) with
// path.go, logic.go, operator.go, literal.go and call.go (its cases), kinds.go (types are compared and
// joined), narrow.go with consequence.go and length.go (what a condition proves), canonical.go (the text
// of a condition), values.go, functions.go and closure.go (the lists of functions) with signature.go
// (their parameters and results), patch.go (the tree that runs), operate.go, string.go, list.go,
// duration.go and pattern.go (the operations that it calls), members.go (the parts of a path), text.go (a
// value inside a text), eval.go (the evaluation). For helps: habits.go and habit_operators.go (what people
// write who know other languages), habit_match.go (finds it) and habit_apply.go (tries what is meant). For
// editors: parts.go (the types of parts) and names.go.
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

// A Problem describes a mistake in a part of the source. From and To are byte offsets; To is
// exclusive.
type Problem struct {
	From, To int
	Rule     string
	Message  string // lower case, no full stop
	Label    string // a few words for the place
	Help     string // what to do
	Notes    []string
	Suggest  string // the correct text if it is certain; else ""
}

// A Program is a checked expression. It is safe for concurrent use.
type Program struct {
	source    string
	kind      schema.Type
	null      string
	mayBeNull bool
	implies   []string
	denies    []string
	notNull   []string
	paths     []string
	literals  []any
	constant  any
	fixed     bool // constant is the result

	walk    []string // the members of the path, the root first, if the expression is a path
	machine *vm.Program
	meters  bool // the machine needs a run that counts its work
	conform bool // a result may contain an int where the type is number
}

// Compile checks a source against a scope. It returns the program, or at least one problem. It
// returns neither if the expression uses a name whose type the scope leaves open (Kind ""): the
// problem behind that was reported elsewhere.
func Compile(source string, scope Scope) (*Program, []Problem) {
	p, problems := compile(source, scope)
	if len(problems) > 0 {
		problems = explainHabits(source, scope, problems)
	}
	return p, problems
}

func compile(source string, scope Scope) (*Program, []Problem) {
	tree, problem := parse(source)
	if problem != nil {
		return nil, []Problem{*problem}
	}
	if !scope.Started { // a run goes on as it began
		joinSurrogates(source, tree)
	}
	c := newChecker(source, scope)
	v := c.check(tree)
	if len(c.problems) > 0 || v.bad || c.open {
		slices.SortStableFunc(c.problems, func(a, b Problem) int { return a.From - b.From })
		return nil, c.problems
	}
	p := &Program{
		source:   source,
		kind:     replaceNothing(v.Type),
		implies:  c.conjuncts(tree, true),
		denies:   c.conjuncts(tree, false),
		notNull:  c.notNullIf(tree),
		paths:    c.paths,
		literals: literalsOf(tree),
		meters:   c.meters,
		conform:  mentions(v.Type, schema.Number),
	}
	if v.Nullable {
		p.null = c.nullMessage(v)
	}
	p.mayBeNull = v.Nullable || v.Kind == schema.Any && !neverNull(tree)
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

// Source returns the text of the expression.
func (p *Program) Source() string { return p.source }

// Type returns the type of the results of Eval.
func (p *Program) Type() schema.Type { return p.kind }

// Null returns why the result may be null, as the message of a problem: `steps.a.x may be null:
// step "a" may not have run`. It is empty if the result is never null.
func (p *Program) Null() string { return p.null }

// MayBeNull reports whether the result may be null. Unlike Null, it counts a value of any type, which
// may be null unless a constant replaces null.
func (p *Program) MayBeNull() bool { return p.mayBeNull }

// Implies returns the conditions that hold if the expression is true, as canonical texts. For `a &&
// b` they are a and b.
func (p *Program) Implies() []string { return slices.Clone(p.implies) }

// Denies returns the conditions that hold if the expression is false or null, as canonical texts.
// For `a || b` they are the opposites of a and b.
func (p *Program) Denies() []string { return slices.Clone(p.denies) }

// NotNull returns the paths whose values are not null if the expression is true.
func (p *Program) NotNull() []string { return slices.Clone(p.notNull) }

// Paths returns the dotted paths that the expression reads, each once, in the order of the text:
// "steps.start.instance_id".
func (p *Program) Paths() []string { return slices.Clone(p.paths) }

// Literals returns the results of an expression that chooses between literals, or nil.
func (p *Program) Literals() []any { return p.literals }

// Constant returns the result of an expression that reads nothing.
func (p *Program) Constant() (any, bool) { return p.constant, p.fixed }

// Canonical returns the text of an expression independent of spaces, quotes and parentheses. Two
// sources with the same canonical text have the same meaning. It returns false if the source cannot
// be parsed.
func Canonical(source string) (string, bool) {
	tree, problem := parse(source)
	if problem != nil {
		return "", false
	}
	return canonical(tree), true
}

// pathOf returns the path of a patched tree that only reads a path, or nil for another tree.
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
