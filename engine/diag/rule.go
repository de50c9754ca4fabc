package diag

// A Rule is a kind of problem, for catalogues of them.
type Rule struct {
	Name     string   // as in Problem.Rule; it is stable: people search for it, and tools filter by it
	Severity Severity // that of most of its problems; Error where it is empty
	Title    string   // what is wrong, in a few words: lower case, no full stop
	Help     string   // why it matters and what to do: sentences
}
