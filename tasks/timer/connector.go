// Package timer holds the task types that wait. The end of a wait is a fixed time, which follows
// from the start of the step. If a run is stopped in the meantime or is late, the wait does not
// start again.
package timer

import (
	"context"
	"time"

	"errand/engine/schema"
	"errand/engine/task"
)

// Connector returns the connector of the timer. It needs no credential and makes no requests.
func Connector() task.Connector {
	return task.Connector{
		Name: "timer", Title: "Timer", Description: "Lets a workflow wait.",
		Types: []task.Type{delay(), until()},
	}
}

type delayInput struct {
	Duration schema.Span `json:"duration" title:"Duration" required:"true" doc:"How long to wait, such as 30s, 2m, 1h30m or 2d."`
}

type delayOutput struct {
	FiredAt string `json:"fired_at" title:"Fired At" doc:"When the delay ended, in UTC (RFC 3339): the start of the step plus the duration, even if the run continued later."`
}

func (o delayOutput) Summary() string { return "the delay was over at " + o.FiredAt }

func delay() task.Type {
	t := task.Define("timer.delay", "Waits for a duration. A waiting run uses no resources.", task.Pure,
		func(_ context.Context, call task.Call, in delayInput) (delayOutput, error) {
			due := call.Started.Add(time.Duration(in.Duration))
			if left := due.Sub(call.Now); left > 0 {
				return delayOutput{}, &task.Again{After: left}
			}
			return delayOutput{FiredAt: due.UTC().Format(time.RFC3339Nano)}, nil
		})
	t.Waits, t.Lasts = true, "duration"
	return t
}
