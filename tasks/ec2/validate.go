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

func (v *validation) add(ok bool, message string, parameters ...string) {
	for _, p := range parameters {
		v.checks = append(v.checks, task.Check{Parameter: p, OK: ok, Message: message})
	}
}

// signers returns the parameters that requests are signed with, or "" for the credential as a whole
// if there are none.
func (v *validation) signers() []string {
	var all []string
	for _, p := range []string{accessKeyID, secretAccessKey, sessionToken, profile, roleARN, externalID} {
		if !v.stored[p].IsZero() {
			all = append(all, p)
		}
	}
	if all == nil {
		return []string{""}
	}
	return all
}

// validate tries a credential: whether a role can be assumed, whether EC2 is reachable and accepts
// the keys (by a dry run), and whether the key pair and the security groups of new instances exist.
// It changes nothing.
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
		a, err = c.find(ctx, name, "validate")
	}
	v := &validation{stored: found}
	if err != nil {
		v.add(false, messageOf(err), "")
		return v.checks
	}
	mine := *a
	if err := mine.retrieve(ctx); err != nil {
		v.readSigningError(err, mine.noCredentials(ctx, err))
		return v.checks
	}
	_, err = send(ctx, &mine, mine.ec2.DescribeInstances, &sdk.DescribeInstancesInput{DryRun: aws.Bool(true)})
	if v.readDryRun(err) {
		v.lookUpStock(ctx, &mine)
	}
	return v.checks
}

// readSigningError adds why there are no credentials to sign with: STS does not accept the keys,
// the role cannot be assumed for another reason, or the profile has no credentials.
func (v *validation) readSigningError(err error, f *task.Failure) {
	code := ""
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code = api.ErrorCode()
	}
	switch {
	case code == "InvalidClientTokenId" && !v.stored[accessKeyID].IsZero():
		v.add(false, "is unknown to AWS", accessKeyID)
	case strings.Contains(code, "Signature") && !v.stored[secretAccessKey].IsZero():
		v.add(false, "does not belong to access_key_id", secretAccessKey)
	case !v.stored[roleARN].IsZero():
		v.add(false, "cannot be assumed: "+strings.TrimPrefix(f.ForOperators(), noUsableCredential+": "), roleARN)
	case !v.stored[profile].IsZero():
		v.add(false, "has no credentials: "+strings.TrimPrefix(f.ForOperators(), noUsableCredential+": "), profile)
	default:
		v.add(false, f.ForOperators(), "")
	}
}

// readDryRun adds what the answer to the dry run shows, and reports whether further requests make
// sense.
func (v *validation) readDryRun(err error) bool {
	f, _ := errors.AsType[*task.Failure](err)
	accepted := func() {
		v.add(true, "is accepted", v.signers()...)
		v.add(true, "is reachable", regionEndpoint)
	}
	switch {
	case f == nil || f.Code == "DryRunOperation": // nil: the endpoint does not support dry runs
		accepted()
		return true
	case f.Code == unauthorized:
		accepted()
		v.add(false, "the keys are accepted, but the permission ec2:DescribeInstances is missing", "")
		return true
	case f.Code == "AuthFailure" || f.Code == "InvalidClientTokenId":
		v.add(false, "is refused: "+f.ForOperators(), v.signers()...)
		v.add(true, "is reachable", regionEndpoint)
	case strings.Contains(f.Code, "Signature"):
		v.add(false, "does not belong to access_key_id", secretAccessKey)
		v.add(true, "is reachable", regionEndpoint)
	case f.Code == task.CodeUnreachable || f.Code == task.CodeNoReply && f.Status == 0:
		v.checks = append(v.checks, task.Check{Parameter: regionEndpoint, Unreachable: true, Message: "is not reachable: " + f.ForOperators()})
	case f.Code == task.CodeNoReply || strings.HasPrefix(f.Code, "http_3") || strings.HasPrefix(f.Code, "http_4"):
		v.add(false, "does not answer like EC2: "+f.ForOperators(), regionEndpoint)
	default:
		v.add(false, f.ForOperators(), "")
	}
	return false
}

// lookUpStock looks for the key pair and the security groups of new instances.
func (v *validation) lookUpStock(ctx context.Context, a *account) {
	if a.keyPair != "" {
		_, err := send(ctx, a, a.ec2.DescribeKeyPairs, &sdk.DescribeKeyPairsInput{KeyNames: []string{a.keyPair}})
		v.readStock(keyPairName, "DescribeKeyPairs", err)
	}
	if len(a.groups) > 0 {
		_, err := send(ctx, a, a.ec2.DescribeSecurityGroups, &sdk.DescribeSecurityGroupsInput{GroupIds: a.groups})
		v.readStock(securityGroupIDs, "DescribeSecurityGroups", err)
	}
}

// readStock adds whether a key pair or the security groups exist.
func (v *validation) readStock(parameter, operation string, err error) {
	f, _ := errors.AsType[*task.Failure](err)
	switch {
	case f == nil:
		v.add(true, "exists", parameter)
	case f.Code == unauthorized: // the parameter may be good
		v.add(true, "was not checked: the permission ec2:"+operation+" is missing", parameter)
	case strings.HasPrefix(f.Code, "InvalidKeyPair.") || strings.HasPrefix(f.Code, "InvalidGroup"):
		v.add(false, "does not exist: "+f.ForOperators(), parameter)
	default:
		v.add(false, "could not be checked: "+f.ForOperators(), parameter)
	}
}

func messageOf(err error) string {
	if f, ok := errors.AsType[*task.Failure](err); ok {
		return f.ForOperators()
	}
	return err.Error()
}
