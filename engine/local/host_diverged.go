package local

import (
	"bytes"
	"fmt"

	"errand/engine/journal"
	"errand/engine/task"
)

// A poisonError says that a run cannot be replayed: its definition does not do what its journal
// says it did.
type poisonError struct{ reason string }

func (e *poisonError) Error() string { return e.reason }

func (h *host) diverged(e *journal.Numbered, asked string) error {
	said := string(e.Kind)
	if e.Call != nil {
		said += " of " + describe(*e.Call)
	} else if e.Step != "" {
		said += " of " + e.Step
	}
	return h.halt(&poisonError{fmt.Sprintf("its entry %d is %s, where its definition asks for %s", e.Seq-1, said, asked)})
}

// faultOf returns an error for a panic of the interpreter.
func faultOf(fault any) error { return &poisonError{fmt.Sprint("the interpreter failed: ", fault)} }

func describe(c task.Call) string { return c.Step + ": " + c.Type + " " + string(c.Input) }

// same reports whether a call is the one on record: the members that make the request, and what the
// interpreter knew of the calls before.
func same(a, b task.Call) bool {
	return a.Step == b.Step && a.Type == b.Type && a.Credential == b.Credential && bytes.Equal(a.Input, b.Input) &&
		a.Attempt == b.Attempt && a.Note == b.Note && a.Recover == b.Recover && a.Settled == b.Settled
}
