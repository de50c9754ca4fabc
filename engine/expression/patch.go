package expression

import (
	"sync"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// This file builds the tree that runs. Branches, closures, variables and literals are the machine's
// own. Every other operation is a call of an operation of this package, which handles null, the
// kinds of values and the limits. The checker of expr is not used: this package's checker ran
// before.

// Names of operations. No source can call them, because none is an identifier.
const (
	opGet       = "."
	opIndex     = "[]"
	opSlice     = "[:]"
	opRange     = ".."
	opTrue      = "true?"
	opSame      = "=="
	opEqual     = "deep=="
	opIn        = "in?"
	opNegate    = "-1*"
	opJoinTexts = "+text"
	opMatches   = "~"
	opTick      = "tick?"
	opIntOrNull = "int?"

	// runName is the root that holds the run, which counts the work of metered operations.
	runName = "run?"
)

// call returns a call of an operation.
func call(name string, arguments ...ast.Node) ast.Node {
	return &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: arguments}
}

// meteredCall returns a call of an operation that counts its work.
func (c *checker) meteredCall(name string, arguments ...ast.Node) ast.Node {
	c.meters = true
	return call(name, append([]ast.Node{&ast.IdentifierNode{Value: runName}}, arguments...)...)
}

// countedBody returns the body of a closure with a call that counts each evaluation.
func (c *checker) countedBody(body ast.Node) ast.Node {
	cost := 0
	countVisits(body, &cost)
	return &ast.PredicateNode{Node: c.meteredCall(opTick, &ast.IntegerNode{Value: cost}, body)}
}

// table returns all operations and functions for the machine.
func table() map[string]*builtin.Function {
	t := map[string]*builtin.Function{}
	add := func(name string, f func(...any) (any, error)) { t[name] = &builtin.Function{Name: name, Func: f} }
	for name, f := range operations {
		add(name, func(arguments ...any) (any, error) { return f(arguments) })
	}
	meter := func(name string, f func(*run, []any) (any, error)) {
		add(name, func(arguments ...any) (any, error) { return f(arguments[0].(*run), arguments[1:]) })
	}
	for name, f := range meteredOperations {
		meter(name, f)
	}
	for _, f := range functions {
		meter(f.Name, f.run)
	}
	return t
}

// environment is the machine's description of the roots.
var environment = sync.OnceValue(func() conf.Config {
	config := conf.Config{ShortCircuit: true, Optimize: true, Functions: table()}
	config.WithEnv(map[string]any{})
	return config
})

// assemble compiles a patched tree.
func assemble(tree *parser.Tree) (*vm.Program, error) {
	config := environment()
	return compiler.Compile(tree, &config)
}
