package expression

import "errand/engine/schema"

// A Scope declares what an expression may read and what is known about those values.
type Scope struct {
	// Roots are the names in reach and their types: inputs, request, steps, …. Only its Type
	// decides whether a member may be null; Required and Default are ignored. If the Fields of an
	// object are nil, it has members of any name and type. The Fields of an object without members
	// are empty but not nil.
	Roots []schema.Field

	// Facts are conditions that hold whenever the expression is evaluated, such as those of the
	// step's own `if`. Each is the source of an expression, such as a result of Implies.
	Facts []string

	// Proofs are the rules by which more follows from the facts, and from conditions inside the
	// expression.
	Proofs []Proof

	// Consequences are the rules by which conditions follow from a value that is not null.
	Consequences []Consequence

	// Started says that a run has started with the expression: what always fails is left to the run,
	// because the expression was accepted before the check found it.
	Started bool

	// Why returns why the value at a path may be null: `step "start" may not have run`. It may be
	// nil, and may return "".
	Why func(path string) string

	// Missing returns the texts of the problem for an unknown name. path is the path before the
	// name, "" for a root. Missing may be nil. A part of its result that is empty is replaced by
	// the usual text.
	Missing func(path, name string) Missing
}

// A Proof is a rule: if all conditions in If are known to hold, the value at Path ("steps.start",
// "steps.start.instance_id") is of Type. If has canonical texts.
type Proof struct {
	If   []string
	Path string
	Type schema.Type
}

// Missing has the texts of the problem for an unknown name. Each may be empty.
type Missing struct {
	// Declared reports that the name exists, but its declaration has a problem that was reported there.
	// The expression then has no problem, and the type of the name is unknown.
	Declared bool

	Rule    string
	Message string
	Label   string
	Help    string
	Notes   []string
	Suggest string
}

// root finds a root by name.
func (s Scope) root(name string) (schema.Field, bool) {
	for _, f := range s.Roots {
		if f.Name == name {
			return f, true
		}
	}
	return schema.Field{}, false
}

// owners returns the paths of the members with a name that the roots have.
func (s Scope) owners(name string) []string {
	var paths []string
	for _, root := range s.Roots {
		if hasField(root.Type, name) {
			paths = append(paths, extend(root.Name, name))
		}
	}
	return paths
}

func (s Scope) rootNames() []string { return schema.Type{Fields: s.Roots}.FieldNames() }
