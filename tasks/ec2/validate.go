package ec2

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"

	"errand/engine/task"
)

// A validation collects what is found out about a credential.
type validation struct {
	stored task.Values
	checks []task.Check
}

func (v *validation) say(ok bool, message string, parameters ...string) {
	for _, p := range parameters {
		v.checks = append(v.checks, task.Check{Parameter: p, OK: ok, Message: message})
	}
}

// signers are the parameters that requests are signed with; without any, the credential as a whole.
func (v *validation) signers() []string {
	var all []string
	for _, p := range []string{accessKeyID, secretAccessKey, profile, roleARN, externalID} {
		if !v.stored[p].IsZero() {
			all = append(all, p)
		}
	}
	if all == nil {
		return []string{""}
	}
	return all
}

// validate tries a credential out: whether a role can be assumed, whether EC2 is reached and takes the keys, by a dry run, and
// whether what instances are to be created with is there. Nothing is changed.
func (c *clients) validate(ctx context.Context, name string) []task.Check {
	found, err := c.env.Find(ctx, "ec2", name)
	if err == nil {
		if wrong := fit(found); found != nil && len(wrong) > 0 {
			return wrong
		}
		err = c.ready(ctx, name)
	}
	var a *account
	if err == nil {
		a, err = c.named(ctx, name, "validate")
	}
	v := &validation{stored: found}
	if err != nil {
		v.say(false, text(err), "")
		return v.checks
	}
	mine := *a
	if err := mine.retrieve(ctx); err != nil {
		v.unsigned(err, mine.unfetched(ctx, err))
		return v.checks
	}
	_, err = send(ctx, &mine, mine.ec2.DescribeInstances, &sdk.DescribeInstancesInput{DryRun: aws.Bool(true)})
	if v.dryRun(err) {
		v.stock(ctx, &mine)
	}
	return v.checks
}

// unsigned says why there are no credentials to sign with: a role that cannot be assumed, by keys that STS does not take or
// for another reason, or a profile that leads nowhere.
func (v *validation) unsigned(err error, f *task.Failure) {
	code := ""
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code = api.ErrorCode()
	}
	switch {
	case code == "InvalidClientTokenId" && !v.stored[accessKeyID].IsZero():
		v.say(false, "is not known to AWS", accessKeyID)
	case strings.Contains(code, "Signature") && !v.stored[secretAccessKey].IsZero():
		v.say(false, "does not belong to access_key_id", secretAccessKey)
	case !v.stored[roleARN].IsZero():
		v.say(false, "cannot be assumed: "+strings.TrimPrefix(f.Message, noneToSign), roleARN)
	case !v.stored[profile].IsZero():
		v.say(false, "has no credentials: "+strings.TrimPrefix(f.Message, noneToSign), profile)
	default:
		v.say(false, f.Message, "")
	}
}

// dryRun reads the answer to the dry run, and tells whether the keys are good for more.
func (v *validation) dryRun(err error) bool {
	f, _ := errors.AsType[*task.Failure](err)
	accepted := func() {
		v.say(true, "is accepted", v.signers()...)
		v.say(true, "is reached", regionEndpoint)
	}
	switch {
	case f == nil || f.Code == "DryRunOperation": // nil: an endpoint that knows no dry runs
		accepted()
		return true
	case f.Code == unauthorized:
		accepted()
		v.say(false, "the keys are good, but the permission ec2:DescribeInstances is lacking", "")
		return true
	case f.Code == "AuthFailure" || f.Code == "InvalidClientTokenId":
		v.say(false, "is refused: "+f.Message, v.signers()...)
		v.say(true, "is reached", regionEndpoint)
	case strings.Contains(f.Code, "Signature"):
		v.say(false, "does not belong to access_key_id", secretAccessKey)
		v.say(true, "is reached", regionEndpoint)
	case f.Code == task.CodeUnreachable || f.Code == task.CodeNoReply && f.Status == 0:
		v.say(false, "is not reached: "+f.Message, regionEndpoint)
	case f.Code == task.CodeNoReply || strings.HasPrefix(f.Code, "http_3") || strings.HasPrefix(f.Code, "http_4"):
		v.say(false, "does not answer as EC2 does: "+f.Message, regionEndpoint)
	default:
		v.say(false, f.Message, "")
	}
	return false
}

// stock looks for what instances are to be created with.
func (v *validation) stock(ctx context.Context, a *account) {
	if a.keyPair != "" {
		_, err := send(ctx, a, a.ec2.DescribeKeyPairs, &sdk.DescribeKeyPairsInput{KeyNames: []string{a.keyPair}})
		v.exists(keyPairName, "DescribeKeyPairs", err)
	}
	if len(a.groups) > 0 {
		_, err := send(ctx, a, a.ec2.DescribeSecurityGroups, &sdk.DescribeSecurityGroupsInput{GroupIds: a.groups})
		v.exists(securityGroupIDs, "DescribeSecurityGroups", err)
	}
}

func (v *validation) exists(parameter, operation string, err error) {
	f, _ := errors.AsType[*task.Failure](err)
	switch {
	case f == nil:
		v.say(true, "is there", parameter)
	case f.Code == unauthorized: // which says nothing against the parameter
		v.say(true, "was not looked for: the permission ec2:"+operation+" is lacking", parameter)
	case strings.HasPrefix(f.Code, "InvalidKeyPair.") || strings.HasPrefix(f.Code, "InvalidGroup"):
		v.say(false, "is not there: "+f.Message, parameter)
	default:
		v.say(false, "could not be looked for: "+f.Message, parameter)
	}
}

func text(err error) string {
	if f, ok := errors.AsType[*task.Failure](err); ok {
		return f.Message
	}
	return err.Error()
}
