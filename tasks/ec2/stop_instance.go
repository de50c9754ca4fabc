package ec2

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/task"
)

func stopInstance(c *clients) task.Type {
	return change{
		aim:  []string{"stopping", "stopped"},
		verb: "stopped",
		act:  task.Changes, action: "ec2:StopInstances",
		send: func(ctx context.Context, a *account, ids []string, dry *bool) ([]types.InstanceStateChange, error) {
			out, err := send(ctx, a, a.ec2.StopInstances, &sdk.StopInstancesInput{InstanceIds: ids, DryRun: dry})
			if err != nil {
				return nil, err
			}
			return out.StoppingInstances, nil
		},
	}.define(c, "ec2.stop_instance", "Stops a running instance. The step succeeds while the instance is still stopping. A stopped instance stays as it is.")
}
