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
	query := &sdk.DescribeInstancesInput{InstanceIds: []string{id}}
	_, instance, err := a.find(ctx, query, func(i types.Instance) bool { return aws.ToString(i.InstanceId) == id })
	if err == nil && instance.InstanceId == nil {
		err = incompleteAnswer("anything of the instance " + id)
	}
	return instance, err
}

// maxPages limits how many pages of an answer are read.
const maxPages = 100

// find returns the wanted instance in the answer to a query, and its reservation. Both are zero if
// there is none. An endpoint may ignore what the query asks for, so other instances in the answer
// are passed over.
func (a *account) find(ctx context.Context, query *sdk.DescribeInstancesInput, wanted func(types.Instance) bool) (r types.Reservation, i types.Instance, err error) {
	found := false
	err = a.each(ctx, query, func(reservation types.Reservation, instance types.Instance) bool {
		if found = wanted(instance); found {
			r, i = reservation, instance
		}
		return !found
	})
	if found && (i.InstanceId == nil || !isState(i.State)) {
		err = incompleteAnswer("the instance's state")
	}
	return r, i, err
}

// each calls visit with each instance in the answer to a query, page by page, until visit returns
// false. A query changes nothing, so its failure is never unknown.
func (a *account) each(ctx context.Context, query *sdk.DescribeInstancesInput, visit func(types.Reservation, types.Instance) bool) error {
	for range maxPages {
		out, err := send(ctx, a, a.ec2.DescribeInstances, query)
		if f, ok := errors.AsType[*task.Failure](err); ok {
			f.Unknown = false
		}
		if err != nil {
			return err
		}
		for _, reservation := range out.Reservations {
			for _, instance := range reservation.Instances {
				if !visit(reservation, instance) {
					return nil
				}
			}
		}
		if aws.ToString(out.NextToken) == "" {
			return nil
		}
		next := *query
		next.NextToken = out.NextToken
		query = &next
	}
	return incompleteAnswer("where the list of instances ends")
}

// incompleteAnswer returns the failure for an answer to a query that lacks something. It is
// transient: the next answer may be complete.
func incompleteAnswer(what string) error {
	f := unreadableAnswer("it does not say " + what)
	f.Unknown = false
	return f
}
