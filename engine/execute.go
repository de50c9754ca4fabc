package engine

import (
	"context"

	"errand/engine/task"
)

// Execute carries out one call with the task types of a registry. Every host calls tasks through it.
func Execute(ctx context.Context, registry *task.Registry, c task.Call) task.Reply {
	t, ok := registry.Lookup(c.Type)
	if !ok {
		return task.Reply{Failure: &task.Failure{Code: task.CodeInternal, Message: "there is no task type " + c.Type}}
	}
	return registry.Mask(t.Run(ctx, c))
}
