package expression

import "errand/engine/schema"

// A Scope declares what an expression may read, and what is known about it.
type Scope struct {
	// Roots are the names in reach and their types: inputs, request, steps, … Whether a member may be null is said by its Type
	// alone; Required and Default play no part. An object whose Fields are nil has members of any name and type; one that has none
	// at all says so by an empty slice.
	Roots []schema.Field

	// Facts are conditions that hold whenever the expression is evaluated, such as those of the step's own `if`. Any source of an
	// expression will do; what Implies returns is meant to be given here.
	Facts []string

	// Proofs say what further follows from the facts, and from conditions inside the expression.
	Proofs []Proof

	// Why says why the value at a path may be null: `step "start" may not have run`. Both it and what it returns may be empty.
	Why func(path string) string

	// Missing words what is said about an unknown name; path is what stands before the name, "" for a root. Where the function or a
	// part of what it returns is empty, the usual words stand.
	Missing func(path, name string) Missing
}

// A Proof says: where each of If is known to hold, the value at Path ("steps.start", "steps.start.instance_id") is of Type. If are
// conditions in canonical text.
type Proof struct {
	If   []string
	Path string
	Type schema.Type
}

// Missing is what to say about an unknown name. Each part may be empty.
type Missing struct {
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

func (s Scope) rootNames() []string { return schema.Type{Fields: s.Roots}.FieldNames() }
