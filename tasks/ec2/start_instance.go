package ec2

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/task"
)

func startInstance(c *clients) task.Type {
	return change{
		aim:  []string{"pending", "running"},
		verb: "started",
		act:  task.Changes, action: "ec2:StartInstances",
		send: func(ctx context.Context, a *account, ids []string, dry *bool) ([]types.InstanceStateChange, error) {
			out, err := send(ctx, a, a.ec2.StartInstances, &sdk.StartInstancesInput{InstanceIds: ids, DryRun: dry})
			if err != nil {
				return nil, err
			}
			return out.StartingInstances, nil
		},
	}.define(c, "ec2.start_instance", "Starts a stopped instance. The step succeeds while the instance is still pending. A running instance stays as it is.")
}
