package cmd

import (
	"strings"
	"testing"
	"time"

	"errand/engine"
)

// A step is in a call from its start to its end, except while it waits or asks a person.
func TestCalls(t *testing.T) {
	at := time.Now().Add(-time.Minute)
	started := engine.Event{Kind: engine.EventStepStarted, At: at, Run: "r", Branch: "0.10", Step: "act", Task: "ec2.restart_instance"}
	of := func(e engine.Event) engine.Event {
		e.At, e.Run = at, "r"
		if e.Step == "act" {
			e.Branch = started.Branch
		}
		return e
	}
	step := func(kind engine.EventKind) engine.Event { return of(engine.Event{Kind: kind, Step: "act"}) }
	trouble := of(engine.Event{Kind: engine.EventStepWaits, Step: "act", For: engine.WaitTrouble})
	for _, c := range []struct {
		name   string
		events []engine.Event
		calls  bool
	}{
		{"started", nil, true},
		{"waits", []engine.Event{of(engine.Event{Kind: engine.EventStepWaits, Step: "act", Wait: time.Hour})}, false},
		{"has waited", []engine.Event{of(engine.Event{Kind: engine.EventStepWaits, Step: "act", Wait: time.Second})}, true},
		{"ended", []engine.Event{step(engine.EventStepSucceeded)}, false},
		{"uncertain", []engine.Event{step(engine.EventStepUncertain)}, false},
		{"decided", []engine.Event{step(engine.EventStepUncertain), step(engine.EventStepDecided)}, true},
		{"waits for this machine", []engine.Event{trouble}, false},
		{"waits for this machine and is resumed", []engine.Event{trouble, of(engine.Event{Kind: engine.EventRunResumed})}, true},
		{"uncertain, and the run is resumed", []engine.Event{step(engine.EventStepUncertain), of(engine.Event{Kind: engine.EventRunResumed})}, false},
		{"cancelled", []engine.Event{of(engine.Event{Kind: engine.EventHandlerBegins, Handler: engine.HandlerFinally})}, false},
		{"cancelled without a handler", []engine.Event{of(engine.Event{Kind: engine.EventRunEnded, Status: engine.Cancelled})}, false},
		{"beside a handler of another step", []engine.Event{of(engine.Event{Kind: engine.EventHandlerBegins, Branch: "0.1", Handler: engine.HandlerOnFailure, Step: "other"})}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var open calls
			for _, e := range append([]engine.Event{started}, c.events...) {
				open.event(e)
			}
			if got := strings.Join(open.now(), ", "); (got == "act (ec2.restart_instance)") != c.calls || got != "" && !c.calls {
				t.Errorf("in a call: %q", got)
			}
		})
	}
}
