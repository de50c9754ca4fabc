package ec2

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"

	"errand/engine/task"
)

// A question is a request of a call that is sent as a dry run: EC2 says whether it would permit the
// request, and does nothing.
type question struct {
	action string
	send   func(context.Context, *account) error
}

// asker returns a type's Ask. more returns the questions after the look at an instance, which every
// type needs. asker is not generic: the linker keeps all that a generic function refers to, as if
// it were encoded (see launchNote).
func (c *clients) asker(more func(task.Call) ([]question, error)) func(context.Context, task.Call) []task.Permit {
	return func(ctx context.Context, call task.Call) []task.Permit {
		rest, err := more(call)
		if err != nil {
			return []task.Permit{permit(describeInstances, err)}
		}
		return c.ask(ctx, call, rest)
	}
}

// askChecks returns the question about the status checks if the input waits for them.
func askChecks(waitFor string) []question {
	if waitFor != ready {
		return nil
	}
	return []question{{describeStatus, func(ctx context.Context, a *account) error {
		_, err := send(ctx, a, a.ec2.DescribeInstanceStatus, &sdk.DescribeInstanceStatusInput{DryRun: aws.Bool(true)})
		return err
	}}}
}

// inputOf decodes the input of a call.
func inputOf[In any](call task.Call) (in In, err error) {
	err = json.Unmarshal(call.Input, &in)
	return in, err
}

// ask starts with the look at an instance, which does no harm if the endpoint does not support dry
// runs. In that case nothing else is sent.
func (c *clients) ask(ctx context.Context, call task.Call, rest []question) []task.Permit {
	a, err := c.account(ctx, call)
	if err == nil {
		_, err = send(ctx, a, a.ec2.DescribeInstances, &sdk.DescribeInstancesInput{DryRun: aws.Bool(true)})
	}
	first := permit(describeInstances, err)
	permits := []task.Permit{first}
	for _, q := range rest {
		if first.Verdict == task.Permitted || first.Verdict == task.Refused {
			permits = append(permits, permit(q.action, q.send(ctx, a)))
		} else {
			permits = append(permits, task.Permit{Action: q.action, Verdict: first.Verdict, Reason: first.Reason})
		}
	}
	return permits
}

// permit converts the answer to a dry run.
func permit(action string, err error) task.Permit {
	p := task.Permit{Action: action, Verdict: task.NotKnown}
	f, failed := errors.AsType[*task.Failure](err)
	switch {
	case err == nil:
		p.Reason = "the endpoint does not support dry runs"
	case !failed:
		p.Reason = err.Error()
	case f.Code == "DryRunOperation":
		p.Verdict = task.Permitted
	case f.Code == unauthorized:
		p.Verdict, p.Reason = task.Refused, f.ForOperators()
	case f.Code == task.CodeCredential || f.Code == "AuthFailure" || f.Code == "InvalidClientTokenId" || strings.Contains(f.Code, "Signature"):
		p.Verdict, p.Reason = task.Unprovided, f.ForOperators()
	default:
		p.Reason = f.Code + ": " + f.ForOperators()
	}
	return p
}
