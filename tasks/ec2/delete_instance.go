package ec2

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/task"
)

type deleteInput struct {
	instanceInput
	WaitFor string `json:"wait_for" title:"Wait For" enum:"accepted,terminated" doc:"When the step succeeds: by default (accepted) when EC2 has accepted the termination, or when the instance is terminated."`
}

func (in deleteInput) order() order { return order{id: in.InstanceID, waitFor: in.WaitFor} }

func deleteInstance(c *clients) task.Type {
	return defineChange[deleteInput](change{
		aim:  []string{"shutting-down", "terminated"},
		ends: true,
		verb: "terminated", what: "termination",
		act: task.Destroys, action: "ec2:TerminateInstances",
		send: func(ctx context.Context, a *account, o order, dry *bool) ([]types.InstanceStateChange, error) {
			out, err := send(ctx, a, a.ec2.TerminateInstances, &sdk.TerminateInstancesInput{InstanceIds: o.ids(), DryRun: dry})
			if err != nil {
				return nil, err
			}
			return out.TerminatingInstances, nil
		},
	}, c, "ec2.delete_instance", "Terminates an instance, which cannot be undone. By default the step succeeds while the instance is still shutting down; wait_for waits for more.")
}
