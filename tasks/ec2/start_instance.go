package ec2

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/task"
)

type startInput struct {
	instanceInput
	WaitFor string `json:"wait_for" title:"Wait For" enum:"accepted,running,ready" doc:"When the step succeeds: by default (accepted) when EC2 has accepted the start, when the instance is running, or when it is ready, which means that its status checks have passed, too."`
}

func (in startInput) order() order { return order{id: in.InstanceID, waitFor: in.WaitFor} }

func startInstance(c *clients) task.Type {
	return defineChange[startInput](change{
		aim:     []string{"pending", "running"},
		passing: "stopping", passed: "stopped",
		verb: "started", what: "start",
		act: task.Changes, action: "ec2:StartInstances",
		needs: []task.Permission{toCheck()},
		send: func(ctx context.Context, a *account, o order, dry *bool) ([]types.InstanceStateChange, error) {
			out, err := send(ctx, a, a.ec2.StartInstances, &sdk.StartInstancesInput{InstanceIds: o.ids(), DryRun: dry})
			if err != nil {
				return nil, err
			}
			return out.StartingInstances, nil
		},
	}, c, "ec2.start_instance", "Starts a stopped instance. By default the step succeeds while the instance is still pending; wait_for waits for more. A running instance stays as it is. A start waits while the instance is stopping.")
}
