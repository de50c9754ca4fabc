package engine

import (
	"time"

	"errand/engine/task"
)

// A Moment is one thing that a run was told or that it did, at a point in time. At most one of Call,
// Reply, Decision and Cancelled is set; a moment with none of them is the beginning or the end of a
// wait.
type Moment struct {
	At        time.Time
	Branch    string // BranchPath
	Step      string
	Call      *task.Call  // what is sent, before it is sent; a call that only reads has none
	Reply     *task.Reply // what came of a call
	Decision  *Decision
	Cancelled bool // the branch was told that it is cancelled
}
