package ec2

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/task"
)

// send makes one request. Its error is a *task.Failure.
func send[In, Out any](ctx context.Context, a *account, operation func(context.Context, *In, ...func(*sdk.Options)) (*Out, error), in *In) (*Out, error) {
	ctx, sent := task.Watch(ctx)
	out, err := operation(ctx, in)
	if err != nil {
		return nil, a.failure(sent, err)
	}
	return out, nil
}

// look reads an instance.
func (a *account) look(ctx context.Context, id string) (types.Instance, error) {
	if id == "" {
		return types.Instance{}, badInput("instance_id", id, "names no instance")
	}
	_, instance, err := a.find(ctx, &sdk.DescribeInstancesInput{InstanceIds: []string{id}})
	if err == nil && aws.ToString(instance.InstanceId) != id {
		err = incompleteAnswer("anything of the instance " + id)
	}
	return instance, err
}

// find returns the first instance in the answer to a query, and its reservation. Both are zero if
// there is none. A query changes nothing, so its failure is never unknown.
func (a *account) find(ctx context.Context, query *sdk.DescribeInstancesInput) (reservation types.Reservation, instance types.Instance, err error) {
	out, err := send(ctx, a, a.ec2.DescribeInstances, query)
	if f, ok := errors.AsType[*task.Failure](err); ok {
		f.Unknown = false
	}
	if err != nil {
		return reservation, instance, err
	}
	for _, reservation = range out.Reservations {
		if len(reservation.Instances) == 0 {
			continue
		}
		instance = reservation.Instances[0]
		if instance.InstanceId == nil || instance.State == nil {
			return reservation, instance, incompleteAnswer("the instance's state")
		}
		return reservation, instance, nil
	}
	return types.Reservation{}, types.Instance{}, nil
}

// incompleteAnswer returns the failure for an answer to a query that lacks something. It is
// transient: the next answer may be complete.
func incompleteAnswer(what string) error {
	f := unreadableAnswer("it does not say " + what)
	f.Unknown = false
	return f
}
