package ec2

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/task"
)

type stopInput struct {
	instanceInput
	Force   bool   `json:"force" title:"Force" doc:"true ends a stop that hangs: EC2 still asks the operating system to shut down, but no longer waits for it if it takes too long. Data that the system has not written to its disks is then lost, and its file systems must be checked afterwards. Not for Windows. The system is always asked first: the step never sends SkipOsShutdown."`
	WaitFor string `json:"wait_for" title:"Wait For" enum:"accepted,stopped" doc:"When the step succeeds: by default (accepted) when EC2 has accepted the stop, or when the instance is stopped."`
}

func (in stopInput) order() order {
	return order{id: in.InstanceID, waitFor: in.WaitFor, force: in.Force}
}

func stopInstance(c *clients) task.Type {
	return defineChange[stopInput](change{
		aim:     []string{"stopping", "stopped"},
		passing: "pending", passed: "running",
		verb: "stopped", what: "stop",
		act: task.Changes, action: "ec2:StopInstances",
		send: func(ctx context.Context, a *account, o order, dry *bool) ([]types.InstanceStateChange, error) {
			request := &sdk.StopInstancesInput{InstanceIds: o.ids(), DryRun: dry}
			if o.force {
				request.Force = &o.force
			}
			out, err := send(ctx, a, a.ec2.StopInstances, request)
			if err != nil {
				return nil, err
			}
			return out.StoppingInstances, nil
		},
	}, c, "ec2.stop_instance", "Stops a running instance. By default the step succeeds while the instance is still stopping; wait_for waits for more. A stopped instance stays as it is. A stop waits while the instance is pending.")
}
