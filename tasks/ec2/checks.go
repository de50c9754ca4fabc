package ec2

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/task"
)

// checksPassed is the status of an instance whose status checks have all passed.
const checksPassed = types.SummaryStatusOk

// statusChecks returns the status of an instance's checks: "ok" if all have passed, or else the
// status of the first that has not. EC2 checks the host, the instance and, for some time now, the
// attached volumes.
func (a *account) statusChecks(ctx context.Context, id string) (types.SummaryStatus, error) {
	out, err := send(ctx, a, a.ec2.DescribeInstanceStatus, &sdk.DescribeInstanceStatusInput{InstanceIds: []string{id}})
	if f, ok := errors.AsType[*task.Failure](err); ok {
		f.Unknown = false // it changes nothing
	}
	if hasCode(err, notFound) { // DescribeInstances has just found it
		return types.SummaryStatusInsufficientData, nil
	}
	if err != nil {
		return "", err
	}
	for _, s := range out.InstanceStatuses {
		if aws.ToString(s.InstanceId) == id {
			return worst(s), nil
		}
	}
	return types.SummaryStatusInsufficientData, nil
}

// worst returns the status of the first check that has not passed, or "ok".
func worst(s types.InstanceStatus) types.SummaryStatus {
	for _, check := range []*types.InstanceStatusSummary{s.SystemStatus, s.InstanceStatus} {
		if check == nil {
			return types.SummaryStatusInsufficientData
		}
		if check.Status != checksPassed {
			return check.Status
		}
	}
	if v := s.AttachedEbsStatus; v != nil && v.Status != checksPassed && v.Status != types.SummaryStatusNotApplicable {
		return v.Status
	}
	return checksPassed
}
