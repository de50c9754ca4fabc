package diag

// A Rule is a kind of problem, as catalogues describe it.
type Rule struct {
	Name     string   // as in Problem.Rule; must not change: people search and tools filter by it
	Severity Severity // the severity of most of its problems; defaults to Error
	Title    string   // what is wrong, in a few words: lower case, no full stop
	Help     string   // why it matters and what to do, in full sentences
}
