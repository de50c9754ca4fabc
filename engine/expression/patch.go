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

// The tree that runs. Branches, closures, variables and literals are the machine's own; every other operation is a call of one of
// ours, which knows null, the kinds of values and the limits. The checker of expr has no part in this: ours went before.

// The names of operations that no source can call: none is an identifier.
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

	// runName is the root under which a metered operation finds the run that counts its work.
	runName = "run?"
)

// call makes a call of an operation.
func call(name string, arguments ...ast.Node) ast.Node {
	return &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: arguments}
}

// metered makes a call of an operation that counts its work.
func (c *checker) metered(name string, arguments ...ast.Node) ast.Node {
	c.meters = true
	return call(name, append([]ast.Node{&ast.IdentifierNode{Value: runName}}, arguments...)...)
}

// ticking makes the body of a closure count each time that it runs.
func (c *checker) ticking(body ast.Node) ast.Node {
	cost := 0
	countVisits(body, &cost)
	return &ast.PredicateNode{Node: c.metered(opTick, &ast.IntegerNode{Value: cost}, body)}
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

// environment is what the machine takes its roots from.
var environment = sync.OnceValue(func() conf.Config {
	config := conf.Config{ShortCircuit: true, Optimize: true, Functions: table()}
	config.WithEnv(map[string]any{})
	return config
})

// assemble makes the program of a patched tree.
func assemble(tree *parser.Tree) (*vm.Program, error) {
	config := environment()
	return compiler.Compile(tree, &config)
}
