package journal

import (
	"time"

	"errand/engine"
	"errand/engine/task"
)

// An Entry is one thing that happened to a run. As JSON it is what is stored. Journals outlive the
// programs that wrote them, so a member never gets another meaning.
type Entry struct {
	Kind   Kind        `json:"kind"`
	At     time.Time   `json:"at"`
	Branch string      `json:"branch,omitempty"` // of parallel steps: engine.BranchPath
	Step   string      `json:"step,omitempty"`   // the step's key
	Call   *task.Call  `json:"call,omitempty"`   // of Intent: what is sent, byte for byte
	Reply  *task.Reply `json:"reply,omitempty"`  // of Replied
	Due    time.Time   `json:"due,omitzero"`     // of Slept: when the wait ends, on the wall clock

	// Of a Replied that is the last of several looks which are over; see Fold.
	Looks   int `json:"looks,omitempty"`   // how many looks before it the record no longer holds
	Skipped int `json:"skipped,omitempty"` // how many entries these looks had, by which this one's number is higher

	Verdict engine.Verdict `json:"verdict,omitempty"` // of Decided
	By      *engine.Person `json:"by,omitempty"`      // of Decided, Retried and Adoption; nil means nobody
	Comment string         `json:"comment,omitempty"` // of Decided

	Process string         `json:"process,omitempty"` // of Resumed and Stopped, for people
	Before  *engine.Ending `json:"before,omitempty"`  // of Resumed: how the work before ended

	// Of Retried, which concerns the main steps:
	Keep     []Range  `json:"keep,omitempty"`     // the entries that stay in force
	Done     []Range  `json:"done,omitempty"`     // entries of steps that are not done again if their request is the same
	Undone   []string `json:"undone,omitempty"`   // the steps that were undone, which are done again
	Told     int      `json:"told,omitempty"`     // of Continued, too: the number of kept events of the branch; 0: not known
	Digest   string   `json:"digest,omitempty"`   // the definition from here on; "" if it stays
	Replaced string   `json:"replaced,omitempty"` // if Digest is set: the definition before; "": not known
}

// A Range is a set of entries of a run: from First up to and including Last. Entries count from 1.
type Range struct {
	First int `json:"first"`
	Last  int `json:"last"`
}

// Has reports whether one of some ranges has an entry.
func Has(ranges []Range, seq int) bool {
	for _, r := range ranges {
		if r.First <= seq && seq <= r.Last {
			return true
		}
	}
	return false
}

// Ranges returns the set of some entries, whose numbers ascend.
func Ranges(seqs []int) []Range {
	var ranges []Range
	for _, seq := range seqs {
		if n := len(ranges); n > 0 && ranges[n-1].Last == seq-1 {
			ranges[n-1].Last = seq
			continue
		}
		ranges = append(ranges, Range{First: seq, Last: seq})
	}
	return ranges
}

// A Kind says what an entry records.
type Kind string

// The kinds of entries. The first six answer the interpreter, in the order in which it asks; no
// question of the interpreter leads to the others.
const (
	Intent    Kind = "intent"    // a call is about to leave
	Replied   Kind = "replied"   // the reply; if the call only reads, there is no Intent before it
	Slept     Kind = "slept"     // a wait began
	Woke      Kind = "woke"      // the wait that began before is over
	Cancelled Kind = "cancelled" // in place of Intent, Slept, Woke or Decided: the branch ends
	Decided   Kind = "decided"   // a person decided, or the time for it passed
	Resumed   Kind = "resumed"   // another process, or the same one later, went on with the run
	Stopped   Kind = "stopped"   // a person interrupted the process
	Retried   Kind = "retried"   // an ended run goes on; only the earlier entries in Keep stay in force
	Continued Kind = "continued" // after Retried: a branch that stays in part goes on from here
	Began     Kind = "began"     // the turn of a run with a concurrency key came, after its start or a retry; its time counts from here
	Adoption  Kind = "adopted"   // a person let the run go on in a home that may be a copy
)
