package ec2

import (
	"context"

	"errand/engine/task"
)

type statusOutput struct {
	currentState
	address
	details
	instance string
}

// Summary names the state.
func (o statusOutput) Summary() string { return "instance " + o.instance + " is " + o.State }

func getInstanceStatus(c *clients) task.Type {
	t := task.Define("ec2.get_instance_status", "Reads the state and the addresses of an instance. It works in every state of the instance.", task.Reads,
		func(ctx context.Context, call task.Call, in instanceInput) (statusOutput, error) {
			a, err := c.account(ctx, call)
			if err != nil {
				return statusOutput{}, err
			}
			instance, err := a.look(ctx, in.InstanceID)
			if err != nil {
				return statusOutput{}, err
			}
			return statusOutput{stateOf(instance.State), addressOf(instance), detailsOf(instance), in.InstanceID}, nil
		})
	t.Ask = c.asker(func(task.Call) ([]question, error) { return nil, nil })
	return t.WithChange(task.Change{Verb: task.Looks, What: theInstance}, toDescribe()).WithRules(instanceRule)
}
