package engine

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// A Refusal says that something cannot be done to a run as the run stands. It is data: a face (the
// command line, the service) words from it what may be done instead. Its Error is a sentence that
// holds for every face.
type Refusal struct {
	Code     RefusalCode
	Run      string
	Step     string          // the step that the refusal is about
	Steps    []string        // the steps that can be named instead
	Status   Status          // the run's, where the code is about it
	Person   string          // who was refused
	Verdict  Verdict         // that was refused
	Decision *Decision       // of RefusedDecided: the one that holds
	Question *Question       // that is open
	Inputs   json.RawMessage // of RefusedConflict: the run's inputs; nil if they are not on record any more
	Workflow string          // of RefusedPruned: the run's; of RefusedConflict: the run's if the order is for another one, or ""
	Request  string          // of RefusedPruned: the run's; may be empty
	Ended    time.Time       // of RefusedPruned: when the run ended
	Process  string          // of RefusedHeld: the process that works on the run, for people
	Reason   string          // of RefusedDefinition, RefusedKey and RefusedLarge: what does not fit, for people
	Limit    int             // of RefusedFull: how many runs may wait
	Err      error           // what a runner knows beside this; may be nil
}

// A RefusalCode says why something was refused.
type RefusalCode string

// The codes of refusals.
const (
	RefusedNotFound    RefusalCode = "not_found"          // there is no such run
	RefusedConflict    RefusalCode = "conflict"           // the request has a run with other inputs, or intake started another workflow for it
	RefusedHeld        RefusalCode = "held"               // another process works on the run
	RefusedBusy        RefusalCode = "busy"               // this process works on the run already
	RefusedMoved       RefusalCode = "moved"              // somebody else changed the run at the same time
	RefusedEnded       RefusalCode = "ended"              // the run has ended
	RefusedNotEnded    RefusalCode = "not_ended"          // the run has not ended
	RefusedSucceeded   RefusalCode = "succeeded"          // the run succeeded: there is nothing to retry
	RefusedNothing     RefusalCode = "nothing_to_decide"  // no step waits for a person
	RefusedNotAsked    RefusalCode = "not_asked"          // this step does not wait for a person; others do
	RefusedDecided     RefusalCode = "decided"            // somebody decided the question before
	RefusedLate        RefusalCode = "too_late"           // the time for the decision has passed
	RefusedVerdict     RefusalCode = "wrong_verdict"      // the verdict does not answer the question
	RefusedRequester   RefusalCode = "requester"          // the person asked for the run
	RefusedPerson      RefusalCode = "may_not_decide"     // the question is for others
	RefusedStep        RefusalCode = "unknown_step"       // a retry cannot go on from this step
	RefusedFail        RefusalCode = "fails_again"        // the step is a fail, which would fail again
	RefusedDefinition  RefusalCode = "definition_differs" // the definition does not fit what is kept of the run
	RefusedEvent       RefusalCode = "unknown_event"      // the run has no such event
	RefusedCopy        RefusalCode = "copy"               // the home is a copy, and starts nothing
	RefusedIsolated    RefusalCode = "waits_for_adoption" // the run waits for adoption
	RefusedNotIsolated RefusalCode = "nothing_to_adopt"   // the run does not wait for adoption
	RefusedElsewhere   RefusalCode = "begun_elsewhere"    // the request names a run that this home does not know
	RefusedKey         RefusalCode = "bad_key"            // the order's values make no concurrency key
	RefusedUnread      RefusalCode = "request_unread"     // nobody can read whether the request names such a run
	RefusedFull        RefusalCode = "queue_full"         // too many runs wait for a process
	RefusedPruned      RefusalCode = "pruned"             // the record of the run was deleted
	RefusedLarge       RefusalCode = "too_large"          // what is on record of the run is more than the server takes at once
)

// Error is the refusal as a sentence.
func (r *Refusal) Error() string {
	switch r.Code {
	case RefusedNotFound:
		return "there is no such run"
	case RefusedConflict:
		if r.Workflow != "" {
			return "the request has the run " + r.Run + " of the workflow " + r.Workflow
		}
		if len(r.Inputs) == 0 {
			return "the request had the run " + r.Run + " with other inputs; its record was deleted"
		}
		return "the request has the run " + r.Run + " with other inputs: " + string(r.Inputs)
	case RefusedHeld:
		return "run " + r.Run + " is held by " + cmp.Or(r.Process, "another process")
	case RefusedBusy:
		return "this process works on run " + r.Run + " already"
	case RefusedMoved:
		return "somebody else changed the run at the same time"
	case RefusedEnded:
		return fmt.Sprintf("run %s has ended already: it %s", r.Run, r.Status.past())
	case RefusedNotEnded:
		return fmt.Sprintf("run %s has not ended; it is %s", r.Run, r.Status)
	case RefusedSucceeded:
		return "run " + r.Run + " succeeded; there is nothing to retry"
	case RefusedNothing:
		return fmt.Sprintf("run %s is %s; there is nothing to decide", r.Run, r.Status)
	case RefusedNotAsked:
		return fmt.Sprintf("step %q of run %s does not wait for a person; these do: %s", r.Step, r.Run, strings.Join(r.Steps, ", "))
	case RefusedDecided:
		return fmt.Sprintf("step %q is decided already: %s", r.Step, r.Decision)
	case RefusedLate:
		return fmt.Sprintf("step %q could be decided until %s", r.Step, r.Question.Until.UTC().Format(time.RFC3339))
	case RefusedVerdict:
		return r.verdictSentence()
	case RefusedRequester:
		return r.Person + " asked for the run, and may not decide about it"
	case RefusedPerson:
		return fmt.Sprintf("%s may not decide about step %q", r.Person, r.Step)
	case RefusedStep:
		return fmt.Sprintf("run %s cannot go on from %q; expected a step that the run reached before it ended or the step that failed", r.Run, r.Step)
	case RefusedFail:
		return fmt.Sprintf("run %s cannot go on from %q, which fails because the definition says so; expected an earlier step", r.Run, r.Step)
	case RefusedDefinition:
		return "the definition does not fit what is kept of the run: " + r.Reason
	case RefusedCopy:
		return "this home is a copy of another one, and starts nothing before somebody adopts it"
	case RefusedIsolated:
		return "run " + r.Run + " waits for adoption: " + r.Reason
	case RefusedNotIsolated:
		return "run " + r.Run + " does not wait for adoption"
	case RefusedElsewhere:
		return "the request names run " + r.Run + ", which this home does not know; the home that this one was copied from may have started it"
	case RefusedUnread:
		return "this home was copied from another one, and nobody can read whether that one started a run for the request: " + r.Reason
	case RefusedFull:
		return fmt.Sprintf("%d runs already wait for a process, and no more may wait", r.Limit)
	case RefusedPruned:
		return r.prunedSentence()
	case RefusedKey:
		return "the concurrency key cannot be made: " + r.Reason
	case RefusedLarge:
		return r.largeSentence()
	case RefusedEvent:
		return fmt.Sprintf("run %s has no event %s", r.Run, r.Reason)
	}
	return "refused: " + string(r.Code)
}

func (r *Refusal) verdictSentence() string {
	waits := "is uncertain"
	if r.Question.Failure == nil {
		waits = "waits for an approval"
	}
	return fmt.Sprintf("step %q %s; the verdict %s does not apply", r.Step, waits, r.Verdict)
}

func (r *Refusal) prunedSentence() string {
	of := "run " + r.Run + " of " + r.Workflow
	if r.Request != "" {
		of += " for request " + r.Request
	}
	return fmt.Sprintf("the record of %s was deleted; the run %s at %s", of, r.Status.past(), r.Ended.UTC().Format(time.RFC3339))
}

func (r *Refusal) largeSentence() string {
	if r.Status == "" {
		return "the run cannot begin, because what is put on record of it is too large: " + r.Reason
	}
	return "run " + r.Run + " cannot go on, because its record is too large: " + r.Reason
}

// Unwrap returns Err.
func (r *Refusal) Unwrap() error { return r.Err }
