package journal

import (
	"time"

	"errand/engine/task"
)

// An Entry is one thing that happened to a run. As JSON it is what is stored; a member is never given another meaning, since journals
// outlive the programs that wrote them.
type Entry struct {
	Kind   Kind        `json:"kind"`
	At     time.Time   `json:"at"`
	Branch string      `json:"branch,omitempty"` // of what runs beside other steps: in which branch (engine.BranchPath)
	Step   string      `json:"step,omitempty"`   // the step's key
	Call   *task.Call  `json:"call,omitempty"`   // of Intent: what is sent, to the byte
	Reply  *task.Reply `json:"reply,omitempty"`  // of Replied
	Due    time.Time   `json:"due,omitzero"`     // of Slept: when it ends, on the wall clock
	Word   string      `json:"word,omitempty"`   // of Decided: the decision; of Resumed: what had ended the work before
	By     string      `json:"by,omitempty"`     // of Decided, Resumed, Stopped, Retried: who, for people
	Text   string      `json:"text,omitempty"`   // of Decided: a comment
	Keep   int         `json:"keep,omitempty"`   // of Retried: how many of the entries in force stay so
	Digest string      `json:"digest,omitempty"` // of Retried: the definition from here on
}

// A Kind says what an entry tells.
type Kind string

// The kinds of entries. The first seven answer what the interpreter asked for, in its order; the last three are told to it by nobody.
const (
	Intent    Kind = "intent"    // a call is about to leave
	Replied   Kind = "replied"   // what came of a call; a call that only reads has no Intent before it
	Slept     Kind = "slept"     // a wait began
	Woke      Kind = "woke"      // the wait that began before is over
	Cancelled Kind = "cancelled" // in place of an Intent, a Slept, a Woke or a Decided: the run was told that it is cancelled
	Decided   Kind = "decided"   // a person decided
	Resumed   Kind = "resumed"   // another process, or the same one later, went on with the run
	Stopped   Kind = "stopped"   // a person interrupted the process
	Retried   Kind = "retried"   // an ended run goes on from an earlier point: the entries in force after the first Keep count no more
)
