// Package timer holds the task type that waits. A wait is a due time, counted once from the step's start: a run that was stopped
// meanwhile, or comes back late, does not wait anew.
package timer

import (
	"context"
	"time"

	"errand/engine/schema"
	"errand/engine/task"
)

// Connector is the timer. It needs no credential and reaches no system.
func Connector() task.Connector {
	return task.Connector{
		Name: "timer", Title: "Timer", Description: "Lets a workflow wait.",
		Types: []task.Type{delay()},
	}
}

type delayInput struct {
	Duration schema.Span `json:"duration" title:"Duration" required:"true" doc:"How long to wait, such as 30s, 2m or 1h30m."`
}

type delayOutput struct {
	FiredAt string `json:"fired_at" title:"Fired At" doc:"When the delay was over, in UTC (RFC 3339): its start and its duration added, however late the run took notice."`
}

func (o delayOutput) Summary() string { return "the delay was over at " + o.FiredAt }

func delay() task.Type {
	return task.Define("timer.delay", "Waits for a duration. Nothing is held while it waits.", task.Pure,
		func(_ context.Context, call task.Call, in delayInput) (delayOutput, error) {
			due := call.Started.Add(time.Duration(in.Duration))
			if left := due.Sub(call.Now); left > 0 {
				return delayOutput{}, &task.Again{After: left}
			}
			return delayOutput{FiredAt: due.UTC().Format(time.RFC3339Nano)}, nil
		})
}
