package console

import (
	"fmt"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/service"
)

// A state is how a run or a step stands: as a word, an icon and a colour.
type state struct {
	Word string
	Kind string // the class, which the style sheet gives a colour; it also chooses the icon
	Icon string // the path of the icon, in a square of 16
}

// icons are the paths of the icons, by kind. Each has a shape of its own.
var icons = map[string]string{
	"good":   "M3 8.5l3.5 3.5L13 4.5",
	"bad":    "M4 4l8 8M12 4l-8 8",
	"ask":    "M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M8 12.5v.1",
	"wait":   "M4 2.5h8M4 13.5h8M5 2.5c0 4 6 4 6 5.5s-6 1.500-6 5.500M11 2.5c0 4-6 4-6 5.500s6 1.500 6 5.500",
	"work":   "M5 3.500v9l7-4.500z",
	"stop":   "M4 4h8v8h-8z",
	"skip":   "M3 4l5 4-5 4M9 4v8",
	"person": "M8 7.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM3 13.500c0-5 10-5 10 0",
}

// stateKinds are the kinds of the states of runs and steps.
var stateKinds = map[string]string{
	"succeeded": "good", "failed": "bad", "uncertain": "ask", "cancelled": "stop", "waiting": "wait", "running": "work", "skipped": "skip",
	"rejected": "bad", "approved": "good", "quarantined": "bad", "waits for a person": "person", "paused": "stop",
}

// stateOf returns the state with a word.
func stateOf(word string) state {
	kind := stateKinds[word]
	if kind == "" {
		kind = "wait"
	}
	return state{word, kind, icons[kind]}
}

// marked returns a state that is neither a run's nor a step's.
func marked(word, kind string) state { return state{word, kind, icons[kind]} }

// runState returns the state of a run. The state of a waiting run depends on what the run waits for.
func runState(v engine.View) state {
	if v.Status != engine.Waiting {
		return stateOf(string(v.Status))
	}
	for _, w := range v.Waits {
		switch w.For {
		case engine.WaitPerson, engine.WaitAdoption:
			return stateOf("waits for a person")
		case engine.WaitTrouble:
			return stateOf("quarantined")
		}
	}
	return stateOf("waiting")
}

// waitNote says in a sentence how an open run stands. Steps are named as people know them.
func waitNote(v engine.View, now time.Time) string {
	var asking, others []string
	names := v.Program.KeyNames()
	for _, w := range v.Waits {
		at := ""
		if w.Step != "" {
			at = "step " + names.Of(w.Step) + " "
		}
		switch w.For {
		case engine.WaitPerson:
			asking = append(asking, names.Of(w.Step))
		case engine.WaitAdoption:
			return "waits for an administrator: this home may be a copy of another one"
		case engine.WaitTrouble:
			return "is set aside until an administrator has mended this: " + w.Reason
		case engine.WaitTurn:
			return "waits for its turn, which run " + w.Run + " has"
		case engine.WaitProcess:
			others = append(others, "is due")
		case engine.WaitRetry:
			others = append(others, at+"is tried again"+due(w.Due, now))
		case engine.WaitPoll:
			others = append(others, at+"looks again"+due(w.Due, now))
		case engine.WaitEvidence:
			others = append(others, at+"looks whether its request took effect"+due(w.Due, now))
		default:
			others = append(others, strings.TrimSpace(at+"waits and goes on"+due(w.Due, now)))
		}
	}
	switch {
	case len(asking) == 1 && v.Status == engine.Uncertain:
		return "nobody knows whether step " + asking[0] + " took effect" + v.CancelNote()
	case len(asking) > 0:
		return "waits for a decision about " + strings.Join(asking, ", ") + v.CancelNote()
	case v.Cancelling:
		return "is being cancelled"
	case len(others) > 0:
		return strings.Join(others, "; ")
	case v.Process != "":
		return "is carried out by " + v.Process
	}
	return ""
}

func due(at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	return " " + ago(at, now)
}

// verdictWords are the words of the buttons.
var verdictWords = map[engine.Verdict]string{
	engine.VerdictApprove: "Approve",
	engine.VerdictReject:  "Reject",
	engine.VerdictDone:    "It took effect",
	engine.VerdictRetry:   "It did not: send it again",
	engine.VerdictFail:    "Treat the step as failed",
}

// decidedWords say what a decision was.
var decidedWords = map[engine.Verdict]string{
	engine.VerdictApprove: "approved",
	engine.VerdictReject:  "rejected",
	engine.VerdictExpired: "nobody decided in time",
	engine.VerdictDone:    "taken as done",
	engine.VerdictRetry:   "taken as not done",
	engine.VerdictFail:    "taken as failed",
}

// hints are what people in front of a browser can do about a problem, by its code. Others keep the hint
// of the service.
var hints = map[string]string{
	string(engine.RefusedNotFound): "the search at the top finds runs and requests",
	string(engine.RefusedNotAsked): "the inbox lists what waits for a person",
	string(engine.RefusedMoved):    "open the page again: somebody was faster",
	string(engine.RefusedConflict): "open that run, or start this one for another request",
	"no_workflow":                  "the page Workflows lists those that you may see",
	"changed":                      "this page shows how the question stands now",
	"key_reused":                   "open that run; to start another one, go back to the form",
	"role":                         "ask an administrator for the role",
	"too_many_requests":            "wait a moment and try again",
}

// details say what a problem is to people in front of a browser, by its code. Others keep the words of the
// service.
var details = map[string]string{
	"changed": "nothing was done: the question was decided, or has changed, since this page was opened",
}

func troubled(what string, err error) error {
	return fmt.Errorf("%s: %w", what, service.ProblemOf(&engine.Trouble{Code: engine.TroubleStore, Err: err}))
}
