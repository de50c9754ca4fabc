package engine

import (
	"encoding/json"
	"time"

	"errand/engine/task"
)

// An Event is something that happened in a run, for people and programs that watch. It is plain
// data and holds no secret. What a program may want to know stands in a member of its own: Message,
// and the texts within Failure, are for people, and nothing depends on their wording.
type Event struct {
	ID      EventID // the zero id in a live event: readers of a whole run number its events
	At      time.Time
	Kind    EventKind
	Run     string
	Branch  string // of what runs beside other steps: BranchPath; the host sets it
	Step    string // the step's key
	Name    string // the step's name for people; for a run, the workflow
	Task    string // the task type
	Message string // of EventStepSucceeded: the result message; of a poll's EventStepWaits: the last look's

	Request  string          // of EventRunStarted and EventRunRetried: the service request's id
	Status   Status          // of EventRunEnded
	Outputs  Values          // of EventRunEnded: the run's
	Input    json.RawMessage // of EventStepStarted: what the task or the subworkflow is given, or the list of the loop
	Workflow string          // of EventStepStarted: the subworkflow that the step calls
	Items    *int            // of EventStepStarted: how many items the loop has
	Case     *Case           // of EventStepStarted: which case the switch takes
	Ask      string          // of an approval's EventStepStarted and EventStepAsks
	Attempt  int             // of EventStepRetries: the attempt that failed
	Wait     time.Duration   // how long the step waits from now on; 0: no wait, or without a limit
	Looks    int             // of EventStepWaits for a poll: how often the step has looked; earlier looks may have no event
	For      WaitFor         // of EventStepWaits and EventStepRetries: what for
	Failure  *task.Failure
	Cause    string      // the step within that failed: of a failed step that holds others, and of EventRunEnded
	Verdict  Verdict     // of EventStepDecided
	By       Person      // of EventStepDecided, EventRunRetried, EventRunAdopted and the end of a cancelled run: the person; nobody if the time passed
	Handler  HandlerKind // of EventHandlerBegins
	Process  string      // of EventRunResumed and EventRunStopped: which process, for people
	Before   *Ending     // of EventRunResumed: how the work before had ended

	// Again says of a live event of Worker.Work that it happened before Work was called, so that
	// another watch may have received it. The end of a run never comes again. Who counts leaves such
	// events out. The JSON of an event does not contain it.
	Again bool
}

// An EventKind says what happened.
type EventKind string

// The kinds of events.
const (
	EventRunStarted      EventKind = "run_started"
	EventStepStarted     EventKind = "step_started"
	EventStepSkipped     EventKind = "step_skipped" // its `if` did not hold
	EventStepWaits       EventKind = "step_waits"   // the task is not done yet, or a poll's condition does not hold
	EventStepRetries     EventKind = "step_retries" // a transient failure is tried again after Wait
	EventStepSucceeded   EventKind = "step_succeeded"
	EventStepFailed      EventKind = "step_failed"
	EventStepAsks        EventKind = "step_asks"        // an approval waits for a person, at most for Wait if that is not 0
	EventStepUncertain   EventKind = "step_uncertain"   // nobody knows whether the step took effect; a person must decide
	EventStepDecided     EventKind = "step_decided"     // a person decided, or the time for it has passed
	EventStepInterrupted EventKind = "step_interrupted" // the process ended during the call; the step goes on
	EventHandlerBegins   EventKind = "handler_begins"   // Step is the step that the handler belongs to, or ""
	EventRunEnded        EventKind = "run_ended"

	// The kinds that only a host with a journal emits.
	EventRunResumed EventKind = "run_resumed" // another process goes on with the run
	EventRunStopped EventKind = "run_stopped" // a person stopped the process
	EventRunRetried EventKind = "run_retried" // a run that had ended goes on from Step
	EventRunAdopted EventKind = "run_adopted" // a person let a run go on in a home that may be a copy
)

// A HandlerKind says which handler of a run or a step begins.
type HandlerKind string

// The kinds of handlers.
const (
	HandlerOnFailure HandlerKind = "on_failure"
	HandlerFinally   HandlerKind = "finally"
	HandlerUndo      HandlerKind = "undo"
)

// A Case is what a switch chose: a case, its `else`, or neither if no case holds and there is no
// `else`.
type Case struct {
	Number int    `json:"number,omitempty"` // counted from 1; 0: no case holds
	If     string `json:"if,omitempty"`     // the source of the case's condition
	Else   bool   `json:"else,omitempty"`
}

// An Ending says how the work of a process on a run ended before another one resumed the run.
type Ending struct {
	Kind    EndingKind `json:"kind"`
	Process string     `json:"process,omitempty"` // which process, for people; "" if that is not known
	Reason  string     `json:"reason,omitempty"`  // of EndedByTrouble, for people
}

// An EndingKind says why a process did not carry a run to its end.
type EndingKind string

// The kinds of endings.
const (
	EndedByCrash   EndingKind = "crash"   // the process ended in the middle of the work
	EndedByJournal EndingKind = "journal" // the same process had given the run up, since the journal failed
	EndedByPerson  EndingKind = "person"  // a person stopped the process
	EndedByTrouble EndingKind = "trouble" // the run waited for a person to mend this machine or its record
)
