package engine

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"errand/engine/schema"
	"errand/engine/task"
)

// An Event is something that happened in a run, for people and programs that watch. It is plain data and holds no secret.
type Event struct {
	At      time.Time       `json:"at"`
	Kind    EventKind       `json:"kind"`
	Run     string          `json:"run"`
	Step    string          `json:"step,omitempty"`    // the step's key
	Name    string          `json:"name,omitempty"`    // the step's name for people; for a run, the workflow
	Task    string          `json:"task,omitempty"`    // the task type
	Attempt int             `json:"attempt,omitempty"` // of a retry: the attempt that failed
	Wait    time.Duration   `json:"wait,omitempty"`    // in nanoseconds: how long the run waits now
	Input   json.RawMessage `json:"input,omitempty"`   // of EventStepStarted: what the task is given
	Message string          `json:"message,omitempty"`
	Failure *task.Failure   `json:"failure,omitempty"`
	Status  Status          `json:"status,omitempty"` // of EventRunEnded
	Branch  string          `json:"branch,omitempty"` // of what runs beside other steps: in which branch; the host sets it
}

// An EventKind says what happened.
type EventKind string

// The kinds of events.
const (
	EventRunStarted      EventKind = "run_started"
	EventStepStarted     EventKind = "step_started"
	EventStepSkipped     EventKind = "step_skipped"   // its `if` did not hold
	EventStepWaits       EventKind = "step_waits"     // the task is not done yet, or a poll's condition does not hold
	EventStepRetries     EventKind = "step_retries"   // a transient failure is tried again after Wait
	EventStepSucceeded   EventKind = "step_succeeded" // Message is the task's result message
	EventStepFailed      EventKind = "step_failed"
	EventStepAsks        EventKind = "step_asks"        // an approval waits for a person, at most for Wait where that is not 0
	EventStepUncertain   EventKind = "step_uncertain"   // nobody knows whether it took effect, and a person must say
	EventStepDecided     EventKind = "step_decided"     // a person said so; Message is the decision and by whom
	EventStepInterrupted EventKind = "step_interrupted" // the process ended while the call was under way; the step goes on
	EventHandlerBegins   EventKind = "handler_begins"   // Message is "on_failure" or "finally"; Step is set for a step's own
	EventRunEnded        EventKind = "run_ended"

	// These are told by a host that keeps a journal, not by Run.
	EventRunResumed EventKind = "run_resumed" // a process went on with it; Message says which, and what had ended the work before
	EventRunStopped EventKind = "run_stopped" // a person stopped the process; Message says who
	EventRunRetried EventKind = "run_retried" // a run that had ended goes on from Step; Message says who asked for it
)

// String is one line for a trace: the kind, the step and what there is to say.
func (e Event) String() string {
	words := []string{strings.ReplaceAll(string(e.Kind), "_", " ")}
	add := func(s string) {
		if s != "" {
			words = append(words, s)
		}
	}
	add(e.Step)
	add(e.Task)
	if e.Kind == EventRunStarted || e.Kind == EventRunEnded {
		add(e.Name)
	}
	if e.Attempt > 0 {
		add(fmt.Sprintf("attempt %d", e.Attempt))
	}
	add(string(e.Status))
	if e.Wait > 0 {
		add("wait " + schema.FormatDuration(e.Wait))
	}
	add(string(e.Input))
	if e.Failure != nil {
		add(e.Failure.Error())
		if e.Failure.Unknown && e.Kind != EventStepFailed {
			add("(it may have taken effect)")
		}
	}
	add(e.Message)
	return strings.Join(words, " ")
}
