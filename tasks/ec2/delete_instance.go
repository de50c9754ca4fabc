package ec2

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/task"
)

func deleteInstance(c *clients) task.Type {
	return change{
		aim:  []string{"shutting-down", "terminated"},
		ends: true,
		verb: "terminated",
		act:  task.Destroys, action: "ec2:TerminateInstances",
		send: func(ctx context.Context, a *account, ids []string, dry *bool) ([]types.InstanceStateChange, error) {
			out, err := send(ctx, a, a.ec2.TerminateInstances, &sdk.TerminateInstancesInput{InstanceIds: ids, DryRun: dry})
			if err != nil {
				return nil, err
			}
			return out.TerminatingInstances, nil
		},
	}.define(c, "ec2.delete_instance", "Terminates an instance, which cannot be undone. The step succeeds while the instance is still shutting down.")
}
