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

// A question is a request of a call, sent as a dry run: EC2 says whether it would be permitted, and does nothing.
type question struct {
	action string
	send   func(context.Context, *account) error
}

// asks makes a type's Ask of the requests that follow the look at an instance, which every type takes. It is not generic: what a generic
// function refers to is linked as if it were encoded (see launched).
func (c *clients) asks(more func(task.Call) ([]question, error)) func(context.Context, task.Call) []task.Permit {
	return func(ctx context.Context, call task.Call) []task.Permit {
		rest, err := more(call)
		if err != nil {
			return []task.Permit{permit(describeInstances, err)}
		}
		return c.ask(ctx, call, rest)
	}
}

// given is what a call gives a task.
func given[In any](call task.Call) (in In, err error) {
	err = json.Unmarshal(call.Input, &in)
	return in, err
}

// ask begins with the look, which does no harm where an endpoint knows no dry runs: there nothing further is sent.
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

// permit reads what came of a dry run.
func permit(action string, err error) task.Permit {
	p := task.Permit{Action: action, Verdict: task.NotKnown}
	f, failed := errors.AsType[*task.Failure](err)
	switch {
	case err == nil:
		p.Reason = "the endpoint knows no dry runs"
	case !failed:
		p.Reason = err.Error()
	case f.Code == "DryRunOperation":
		p.Verdict = task.Permitted
	case f.Code == unauthorized:
		p.Verdict, p.Reason = task.Refused, f.Message
	case f.Code == task.CodeCredential || f.Code == "AuthFailure" || f.Code == "InvalidClientTokenId" || strings.Contains(f.Code, "Signature"):
		p.Verdict, p.Reason = task.Unprovided, f.Message
	default:
		p.Reason = f.Code + ": " + f.Message
	}
	return p
}
