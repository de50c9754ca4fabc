// Package engine carries out programs. The interpreter is small and deterministic: it evaluates expressions, decides which step
// comes next and what a failure means. All that could differ from one execution to the next (the clock, waiting, calling a task)
// goes through a Host, so the same program runs in memory, in a process with a journal, or on many machines, and does the same.
//
// In reading order: host.go (what the interpreter needs), event.go (what it tells), run.go (a run
// from start to end), steps.go (a list of steps), task.go (one task until it is done), retry.go
// (when a failure is tried again), doubt.go (what a person must decide), parallel.go, for_each.go,
// switch.go, subworkflow.go and approval.go (the other forms of a step) with fork.go (lists side by
// side), undo.go, result.go (what a run came to), execute.go (how a host calls a task).
package engine

import (
	"errors"
	"time"

	"errand/engine/task"
)

// A Host performs the effects of one run. A host that survives restarts answers a repeated sequence of calls with the results it
// gave before; Run relies on nothing else.
//
// An error from Sleep, Call or Decide means that the run cannot go on now, and Run returns it at once. ErrCancelled is the exception:
// a host returns it once, in place of acting, when the run is to be cancelled; Run then carries out `finally` and ends.
type Host interface {
	// Now is the run's clock. It may stand still between calls of Sleep and Call.
	Now() time.Time
	// Sleep returns when the time has passed on that clock.
	Sleep(d time.Duration) error
	// Call carries out a task's call once. What the remote system answers, or fails to answer, is in the reply. A host that finds
	// that the call may have been carried out before, without its reply being on record, answers with a Failure of the code
	// task.CodeInterrupted, and carries out the next one.
	Call(c task.Call) (task.Reply, error)
	// Decide asks a person. It returns ErrUndecided while nobody has decided, and VerdictExpired when the question's time has passed.
	Decide(q Question) (Decision, error)
	// Fork runs branches side by side, each with a host of its own, and returns when all have returned. As soon as one returns an
	// error the others are cancelled: their hosts return ErrCancelled once, in place of acting. Fork's own error is one that
	// the branches' hosts returned and that means that the run cannot go on now; else it is nil, whatever the branches returned.
	Fork(n int, branch func(i int, h Host) error) error
	// Emit tells what happened. It must not act on the run.
	Emit(e Event)
}

// ErrCancelled is what a host returns once, from Sleep, Call or Decide, when the run is to stop before its next effect.
var ErrCancelled = errors.New("cancelled")

// ErrUndecided is what a host returns from Decide while nobody has decided.
var ErrUndecided = errors.New("a person must decide first")
