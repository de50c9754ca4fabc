package engine

import (
	"context"

	"errand/engine/diag"
	"errand/engine/task"
)

// Execute carries out one call with the task types of a registry. Every host calls tasks through it.
func Execute(ctx context.Context, registry *task.Registry, c task.Call) task.Reply {
	t, ok := registry.Lookup(c.Type)
	if !ok {
		return task.Reply{Failure: &task.Failure{Code: task.CodeInternal, Message: "there is no task type " + c.Type}}
	}
	reply := registry.Mask(t.Run(ctx, c))
	if reply.Failure != nil {
		reply.Failure = printable(reply.Failure)
	}
	return reply
}

// printable returns a failure whose texts have no control characters. They come from other systems,
// and from here they go to terminals, worklogs and documents.
func printable(f *task.Failure) *task.Failure {
	safe := *f
	safe.Code, safe.Message = diag.Printable(f.Code), diag.PrintableText(f.Message)
	return &safe
}
