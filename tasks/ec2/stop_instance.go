package ec2

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/task"
)

type stopInput struct {
	instanceInput
	WaitFor string `json:"wait_for" title:"Wait For" enum:"accepted,stopped" doc:"When the step succeeds: by default (accepted) when EC2 has accepted the stop, or when the instance is stopped."`
}

func (in stopInput) order() order { return order{id: in.InstanceID, waitFor: in.WaitFor} }

func stopInstance(c *clients) task.Type {
	return defineChange[stopInput](change{
		aim:     []string{"stopping", "stopped"},
		passing: "pending",
		verb:    "stopped", what: "stop",
		act: task.Changes, action: "ec2:StopInstances",
		send: func(ctx context.Context, a *account, o order, dry *bool) ([]types.InstanceStateChange, error) {
			out, err := send(ctx, a, a.ec2.StopInstances, &sdk.StopInstancesInput{InstanceIds: o.ids(), DryRun: dry})
			if err != nil {
				return nil, err
			}
			return out.StoppingInstances, nil
		},
	}, c, "ec2.stop_instance", "Stops a running instance. By default the step succeeds while the instance is still stopping; wait_for waits for more. A stopped instance stays as it is. A stop waits while the instance is pending.")
}
