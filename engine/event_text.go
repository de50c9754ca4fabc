package engine

import (
	"cmp"
	"fmt"
	"strings"

	"errand/engine/schema"
)

// String is one line for a trace: the kind, the step and what there is to say. Programs read the
// event's members instead.
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
	if e.Failure != nil && e.Kind != EventRunEnded {
		add(e.Failure.Error())
		if e.Failure.Unknown && e.Kind != EventStepFailed {
			add("(it may have taken effect)")
		}
	}
	add(e.Summary())
	return strings.Join(words, " ")
}

// Summary is what an event says beside its kind, its step and its failure, for people.
func (e Event) Summary() string {
	switch e.Kind {
	case EventRunStarted:
		return e.Request
	case EventStepStarted:
		return e.beginning()
	case EventStepAsks:
		return e.Ask
	case EventStepFailed:
		if e.Cause != "" {
			return "at " + e.Cause
		}
	case EventStepDecided:
		return Decision{Verdict: e.Verdict, By: e.By}.String()
	case EventHandlerBegins:
		return string(e.Handler)
	case EventRunEnded:
		if e.Failure != nil {
			return "at " + e.Cause + ": " + e.Failure.Error()
		}
		if e.By.Name != "" {
			return "by " + e.By.String()
		}
		if len(e.Outputs) > 0 {
			return string(schema.Encode(map[string]any(e.Outputs)))
		}
	case EventRunResumed:
		return cmp.Or(e.Process, "a process") + "; " + e.Before.String()
	case EventRunStopped:
		return cmp.Or(e.Process, "a process")
	case EventRunRetried, EventRunAdopted:
		return e.By.String()
	}
	return e.Message
}

// beginning is what the start of a step says beside its input.
func (e Event) beginning() string {
	switch {
	case e.Workflow != "":
		return "workflow " + e.Workflow
	case e.Items != nil:
		return count(*e.Items, "item")
	case e.Case != nil:
		return e.Case.String()
	}
	return e.Ask
}

// String is the choice in words.
func (c *Case) String() string {
	switch {
	case c.Else:
		return "else"
	case c.Number == 0:
		return "no case holds"
	}
	return fmt.Sprintf("case %d: %s", c.Number, c.If)
}

// String is the ending as a clause, such as "it was stopped by errand run, process 4711".
func (e *Ending) String() string {
	if e == nil {
		return ""
	}
	process := e.Process
	if process == "" {
		process = "the process that had it"
	}
	switch e.Kind {
	case EndedByJournal:
		return "this process had given it up, since the journal failed"
	case EndedByPerson:
		return "it was stopped by " + process
	case EndedByTrouble:
		return "it had stopped because of trouble here: " + e.Reason
	}
	return process + " had ended in the middle of it"
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
