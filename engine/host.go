// Package engine carries out programs. The interpreter is small and deterministic: it evaluates
// expressions, decides which step comes next and what a failure means. Everything that could differ
// from one execution to the next (the clock, waiting, calling a task) goes through a Host, so the
// same program runs in memory, in a process with a journal or on many machines, and does the same.
//
// The interpreter, in reading order: host.go (what it needs), run.go (a run from start to end), steps.go
// (a list of steps), task.go (one task until it is done), retry.go (which failures are tried again),
// repair.go (a call that this machine could not make), evidence.go and uncertain.go (a step whose outcome
// is unknown), accepted.go (a step whose change was accepted), parallel.go, for_each.go, switch.go,
// group.go, subworkflow.go, approval.go and fail.go (the other forms of a step), fork.go (lists side by
// side), failure_value.go (what `failure` is in expressions), undo.go and cleanup.go (what a run does in
// the end), result.go (what a run has come to), execute.go (how a host calls a task).
//
// What every runner does alike: course.go (where each branch of a run stopped), retry_plan.go (what
// a retry keeps), retry_rules.go (what another definition must not change), rounds.go (what retried
// steps did before), ending_steps.go.
//
// What it emits: event.go, with event_text.go (for people), event_json.go (for programs) and
// event_id.go (the order of a run's events).
//
// The contract of a runner, for everyone who starts, decides about and reads runs: runner.go, with view.go
// (how a run stands), wait.go, question.go, person.go, moment.go, owners.go (who sees a run), run_url.go,
// refusal.go and trouble.go; and what only some runners can do: intake.go, prune.go, count.go and
// auditor.go.
package engine

import (
	"errors"
	"time"

	"errand/engine/task"
)

// A Host performs the effects of one run. A host that survives restarts answers a repeated sequence
// of calls with the results that it returned before; Run relies on nothing else.
//
// An error from Sleep, Park, Call or Decide means that the run cannot go on now, and Run returns it
// at once. ErrCancelled is the exception: a host returns it once, instead of acting, when the run
// is to be cancelled; Run then carries out `finally` and ends.
type Host interface {
	// Now is the run's clock. It may stand still between calls of Sleep and Call.
	Now() time.Time
	// Sleep returns when the time has passed on that clock.
	Sleep(d time.Duration) error
	// Call carries out a task's call once. The reply holds what the remote system answers, or that
	// it does not answer. If the call may have been carried out before and its reply is not on
	// record, the host returns a Failure with the code task.CodeInterrupted instead of calling.
	Call(c task.Call) (task.Reply, error)
	// Park gives the run up until somebody resumes it, and then returns nil. The wait says what
	// for.
	Park(w Wait) error
	// Decide asks a person. It returns ErrUndecided while nobody has decided, and the verdict
	// VerdictExpired when the question's time has passed. If the question is about an unknown
	// outcome, Decide does not return ErrCancelled: the handlers of a cancelled run must not act on
	// a guess.
	Decide(q Question) (Decision, error)
	// Fork runs branches side by side, each with its own host, and returns when all have returned.
	// As soon as one branch returns an error, the others are cancelled: their hosts return
	// ErrCancelled once, instead of acting. Fork returns an error only if a branch's host returned
	// one which means that the run cannot go on now.
	Fork(n int, branch func(i int, h Host) error) error
	// Emit passes on what happened. It must not act on the run.
	Emit(e Event)
}

// ErrCancelled is what a host returns once, from Sleep, Park, Call or Decide, if the run must stop
// before its next effect.
var ErrCancelled = errors.New("cancelled")

// ErrUndecided is what a host returns from Decide while nobody has decided.
var ErrUndecided = errors.New("a person must decide first")
