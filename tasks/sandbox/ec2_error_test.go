package sandbox

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

type ec2Call func(ctx context.Context, c *ec2.Client) error

// launching returns a call of RunInstances for one instance of the default image, with changes.
func launching(changes ...func(*ec2.RunInstancesInput)) ec2Call {
	return func(ctx context.Context, c *ec2.Client) error {
		in := &ec2.RunInstancesInput{ImageId: aws.String(imageID), MinCount: aws.Int32(1), MaxCount: aws.Int32(1), InstanceType: types.InstanceTypeT3Micro}
		for _, change := range changes {
			change(in)
		}
		_, err := c.RunInstances(ctx, in)
		return err
	}
}

func tagged(resource types.ResourceType, tags ...types.Tag) func(*ec2.RunInstancesInput) {
	return func(in *ec2.RunInstancesInput) {
		in.TagSpecifications = []types.TagSpecification{{ResourceType: resource, Tags: tags}}
	}
}

func tag(key, value string) types.Tag {
	return types.Tag{Key: aws.String(key), Value: aws.String(value)}
}

func starting(ids ...string) ec2Call {
	return func(ctx context.Context, c *ec2.Client) error {
		_, err := c.StartInstances(ctx, &ec2.StartInstancesInput{InstanceIds: ids})
		return err
	}
}

func halting(ids ...string) ec2Call {
	return func(ctx context.Context, c *ec2.Client) error {
		_, err := c.StopInstances(ctx, &ec2.StopInstancesInput{InstanceIds: ids})
		return err
	}
}

func terminating(ids ...string) ec2Call {
	return func(ctx context.Context, c *ec2.Client) error {
		_, err := c.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: ids})
		return err
	}
}

func rebooting(ids ...string) ec2Call {
	return func(ctx context.Context, c *ec2.Client) error {
		_, err := c.RebootInstances(ctx, &ec2.RebootInstancesInput{InstanceIds: ids})
		return err
	}
}

// protecting protects an instance against a stop.
func protecting(id string) ec2Call {
	return func(ctx context.Context, c *ec2.Client) error {
		_, err := c.ModifyInstanceAttribute(ctx, &ec2.ModifyInstanceAttributeInput{InstanceId: aws.String(id), DisableApiStop: &types.AttributeBooleanValue{Value: aws.Bool(true)}})
		return err
	}
}

func describing(change func(*ec2.DescribeInstancesInput)) ec2Call {
	return func(ctx context.Context, c *ec2.Client) error {
		in := &ec2.DescribeInstancesInput{}
		change(in)
		_, err := c.DescribeInstances(ctx, in)
		return err
	}
}

// inTurn makes calls that must succeed, and then one that must fail.
func inTurn(calls ...ec2Call) ec2Call {
	return func(ctx context.Context, c *ec2.Client) error {
		for n, call := range calls {
			if err := call(ctx, c); err != nil {
				if n < len(calls)-1 {
					return fmt.Errorf("call %d of %d failed: %s", n+1, len(calls), codeOf(err))
				}
				return err
			}
		}
		return nil
	}
}

// modify returns a request of ModifyInstanceAttribute with further parameters: names and values.
func modify(id string, parameters ...string) url.Values {
	v := url.Values{"Action": {"ModifyInstanceAttribute"}, "Version": {apiVersion}, "InstanceId": {id}}
	for n := 0; n < len(parameters); n += 2 {
		v.Set(parameters[n], parameters[n+1])
	}
	return v
}

// An errorTest is a request that is refused.
type errorTest struct {
	name          string
	world         string
	call          ec2Call
	raw           url.Values
	authorization string // of raw; "" is a signed request, "none" one without a signature
	want          string
}

// Every code of the sandbox, as the SDK sees it. raw holds requests that the SDK would not send.
func TestErrorCodes(t *testing.T) {
	many := make([]types.Tag, 51)
	for n := range many {
		many[n] = tag(fmt.Sprint("k", n), "v")
	}
	bare := url.Values{"Action": {"DescribeInstances"}, "Version": {apiVersion}}
	with := func(name, value string) url.Values {
		v := url.Values{"Action": bare["Action"], "Version": bare["Version"]}
		v.Set(name, value)
		return v
	}
	tests := []errorTest{
		{name: "no action", raw: url.Values{"Version": {apiVersion}}, want: "400 MissingAction"},
		{name: "an unknown action", raw: with("Action", "StartInstanses"), want: "400 SandboxLimit"},
		{name: "another version", raw: with("Version", "2009-01-01"), want: "400 SandboxLimit"},
		{name: "no version", raw: url.Values{"Action": {"DescribeInstances"}}, want: "400 MissingParameter"},
		{name: "no authorization", raw: bare, authorization: "none", want: "403 MissingAuthenticationToken"},
		{name: "authorization of another kind", raw: bare, authorization: "Bearer x", want: "401 AuthFailure"},
		{name: "an empty access key", raw: bare, authorization: "AWS4-HMAC-SHA256 Credential=/20260302/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=00", want: "401 AuthFailure"},
		{name: "a query without its access key", raw: with("X-Amz-Credential", "/20260302"), authorization: "none", want: "401 AuthFailure"},
		{name: "an unknown parameter", raw: with("Colour", "blue"), want: "400 SandboxLimit"},
		{name: "an unknown parameter inside another", raw: with("Filter.1.Colour", "blue"), want: "400 MissingParameter"},
		{name: "a number that is none", raw: with("InstanceId.x", runningID), want: "400 SandboxLimit"},
		{name: "a boolean that is none", raw: with("DryRun", "perhaps"), want: "400 InvalidParameterValue"},

		{name: "no instance", raw: with("Action", "StartInstances"), want: "400 MissingParameter"},
		{name: "a malformed instance", call: starting("i-12"), want: "400 InvalidInstanceID.Malformed"},
		{name: "a malformed instance described", call: describing(func(in *ec2.DescribeInstancesInput) { in.InstanceIds = []string{"I-0a1b2c3d"} }), want: "400 InvalidInstanceID.Malformed"},
		{name: "an instance that is not there", call: starting("i-0a1b2c3d"), want: "400 InvalidInstanceID.NotFound"},
		{name: "several that are not there", call: starting("i-0a1b2c3d", "i-0a1b2c3e", runningID), want: "400 InvalidInstanceID.NotFound"},
		{name: "start what is stopping", call: inTurn(halting(runningID), starting(runningID)), want: "400 IncorrectInstanceState"},
		{name: "start what is terminated", call: inTurn(terminating(stoppedID), starting(stoppedID)), want: "400 IncorrectInstanceState"},
		{name: "stop what is pending", call: inTurn(starting(stoppedID), halting(stoppedID)), want: "400 IncorrectInstanceState"},
		{name: "stop what is shutting down", call: inTurn(terminating(runningID), halting(runningID)), want: "400 IncorrectInstanceState"},
		{name: "reboot what is stopped", call: rebooting(stoppedID), want: "400 IncorrectInstanceState"},
		{name: "terminate what is protected", world: `{"instances":[{"id":"i-0a1b2c3d","image":"ami-0a1b2c3d","termination_protection":true}]}`, call: terminating("i-0a1b2c3d"), want: "400 OperationNotPermitted"},
		{name: "a dry run", call: describing(func(in *ec2.DescribeInstancesInput) { in.DryRun = aws.Bool(true) }), want: "412 DryRunOperation"},
		{name: "a dry run of something malformed", call: describing(func(in *ec2.DescribeInstancesInput) { in.DryRun, in.InstanceIds = aws.Bool(true), []string{"i-1"} }), want: "400 InvalidInstanceID.Malformed"},
		{name: "an unknown filter", call: describing(func(in *ec2.DescribeInstancesInput) {
			in.Filters = []types.Filter{{Name: aws.String("colour"), Values: []string{"blue"}}}
		}), want: "400 SandboxLimit"},
		{name: "a filter without a value", call: describing(func(in *ec2.DescribeInstancesInput) {
			in.Filters = []types.Filter{{Name: aws.String("instance-id")}}
		}), want: "400 InvalidParameterValue"},
		{name: "a page too small", call: describing(func(in *ec2.DescribeInstancesInput) { in.MaxResults = aws.Int32(4) }), want: "400 InvalidParameterValue"},
		{name: "a page too large", call: describing(func(in *ec2.DescribeInstancesInput) { in.MaxResults = aws.Int32(1001) }), want: "400 InvalidParameterValue"},
		{name: "a page of named instances", call: describing(func(in *ec2.DescribeInstancesInput) {
			in.MaxResults, in.InstanceIds = aws.Int32(5), []string{runningID}
		}), want: "400 InvalidParameterCombination"},
		{name: "an unknown page", call: describing(func(in *ec2.DescribeInstancesInput) { in.NextToken = aws.String("from-01") }), want: "400 InvalidPaginationToken"},

		{name: "no image", call: launching(func(in *ec2.RunInstancesInput) { in.ImageId = nil }), want: "400 MissingParameter"},
		{name: "a malformed image", call: launching(func(in *ec2.RunInstancesInput) { in.ImageId = aws.String("ami-1") }), want: "400 InvalidAMIID.Malformed"},
		{name: "an image that is not there", call: launching(func(in *ec2.RunInstancesInput) { in.ImageId = aws.String("ami-00000000") }), want: "400 InvalidAMIID.NotFound"},
		{name: "described images that are not there", call: func(ctx context.Context, c *ec2.Client) error {
			_, err := c.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{"ami-00000000"}})
			return err
		}, want: "400 InvalidAMIID.NotFound"},
		{name: "no instance asked for", call: launching(func(in *ec2.RunInstancesInput) { in.MinCount = aws.Int32(0) }), want: "400 InvalidParameterValue"},
		{name: "fewer at most than at least", call: launching(func(in *ec2.RunInstancesInput) { in.MinCount = aws.Int32(2) }), want: "400 InvalidParameterCombination"},
		{name: "a type that is none", call: launching(func(in *ec2.RunInstancesInput) { in.InstanceType = "t3.mikro" }), want: "400 InvalidParameterValue"},
		{name: "a malformed kernel", call: launching(func(in *ec2.RunInstancesInput) { in.KernelId = aws.String("ami-0a1b2c3d") }), want: "400 InvalidKernelId.Malformed"},
		{name: "a malformed RAM disk", call: launching(func(in *ec2.RunInstancesInput) { in.RamdiskId = aws.String("x") }), want: "400 InvalidRamdiskId.Malformed"},
		{name: "a key pair that is not there", call: launching(func(in *ec2.RunInstancesInput) { in.KeyName = aws.String("dana") }), want: "400 InvalidKeyPair.NotFound"},
		{name: "a described key pair that is not there", call: func(ctx context.Context, c *ec2.Client) error {
			_, err := c.DescribeKeyPairs(ctx, &ec2.DescribeKeyPairsInput{KeyNames: []string{"dana"}})
			return err
		}, want: "400 InvalidKeyPair.NotFound"},
		{name: "a malformed security group", call: launching(func(in *ec2.RunInstancesInput) { in.SecurityGroupIds = []string{"default"} }), want: "400 InvalidGroupId.Malformed"},
		{name: "a security group that is not there", call: launching(func(in *ec2.RunInstancesInput) { in.SecurityGroupIds = []string{"sg-00000000"} }), want: "400 InvalidGroup.NotFound"},
		{name: "a parameter that the sandbox does not do", call: launching(func(in *ec2.RunInstancesInput) { in.EbsOptimized = aws.Bool(true) }), want: "400 SandboxLimit"},
		{name: "a token of 65 characters", call: launching(func(in *ec2.RunInstancesInput) { in.ClientToken = aws.String(strings.Repeat("x", 65)) }), want: "400 InvalidParameterValue"},
		{name: "a token that is not ASCII", call: launching(func(in *ec2.RunInstancesInput) { in.ClientToken = aws.String("é") }), want: "400 InvalidParameterValue"},
		{name: "a token used again for something else", call: inTurn(
			launching(func(in *ec2.RunInstancesInput) { in.ClientToken = aws.String("a") }),
			launching(func(in *ec2.RunInstancesInput) {
				in.ClientToken, in.InstanceType = aws.String("a"), types.InstanceTypeT3Small
			}),
		), want: "400 IdempotentParameterMismatch"},
		{name: "a token whose instance is gone", call: inTurn(
			launching(func(in *ec2.RunInstancesInput) { in.ClientToken = aws.String("a") }),
			terminating("i-0fa11bac0ffee0005"),
			launching(func(in *ec2.RunInstancesInput) { in.ClientToken = aws.String("a") }),
		), want: "400 IdempotentInstanceTerminated"},
		{name: "a tag without a key", call: launching(tagged(types.ResourceTypeInstance, tag("", "v"))), want: "400 InvalidParameterValue"},
		{name: "a tag with a long key", call: launching(tagged(types.ResourceTypeInstance, tag(strings.Repeat("k", 129), "v"))), want: "400 InvalidParameterValue"},
		{name: "a tag with a long value", call: launching(tagged(types.ResourceTypeInstance, tag("k", strings.Repeat("é", 257)))), want: "400 InvalidParameterValue"},
		{name: "a tag of AWS's own", call: launching(tagged(types.ResourceTypeInstance, tag("AWS:k", "v"))), want: "400 InvalidParameterValue"},
		{name: "a tag twice", call: launching(tagged(types.ResourceTypeInstance, tag("k", "1"), tag("k", "2"))), want: "400 InvalidParameterValue"},
		{name: "a tag on what RunInstances does not make", call: launching(tagged(types.ResourceTypeVpc, tag("k", "v"))), want: "400 InvalidParameterValue"},
		{name: "tags beyond fifty", call: launching(tagged(types.ResourceTypeInstance, many...)), want: "400 TagLimitExceeded"},
		{name: "instances beyond the limit", world: `{"images":["ami-0a1b2c3d4e5f60000"],"limits":{"instances":0}}`, call: launching(), want: "400 InstanceLimitExceeded"},
		{name: "vCPUs beyond the limit", world: `{"images":["ami-0a1b2c3d4e5f60000"],"limits":{"vcpus":1}}`, call: launching(), want: "400 VcpuLimitExceeded"},
		{name: "another service", raw: url.Values{}, authorization: strings.Replace(signed, "/ec2/", "/s3/", 1), want: "400 SandboxLimit"},
		{name: "a service of another version", raw: with("Version", "2010-05-08"), want: "400 SandboxLimit"},
		{name: "a type that is none, described", raw: url.Values{"Action": {"DescribeInstanceTypes"}, "Version": {apiVersion}, "InstanceType.1": {"t3.mikro"}}, want: "400 InvalidInstanceType"},
		{name: "a type of unknown size", raw: url.Values{"Action": {"DescribeInstanceTypes"}, "Version": {apiVersion}, "InstanceType.1": {"x9.large"}}, want: "400 SandboxLimit"},
		{name: "a malformed volume", raw: url.Values{"Action": {"DescribeVolumes"}, "Version": {apiVersion}, "VolumeId.1": {"vol-1"}}, want: "400 InvalidVolumeID.Malformed"},
		{name: "a volume that is not there", raw: url.Values{"Action": {"DescribeVolumes"}, "Version": {apiVersion}, "VolumeId.1": {"vol-00000000"}}, want: "400 InvalidVolume.NotFound"},
		{name: "a malformed VPC", raw: url.Values{"Action": {"DescribeVpcs"}, "Version": {apiVersion}, "VpcId.1": {"default"}}, want: "400 InvalidVpcId.Malformed"},
		{name: "a VPC that is not there", raw: url.Values{"Action": {"DescribeVpcs"}, "Version": {apiVersion}, "VpcId.1": {"vpc-00000000"}}, want: "400 InvalidVpcID.NotFound"},
		{name: "a malformed subnet", raw: url.Values{"Action": {"DescribeSubnets"}, "Version": {apiVersion}, "SubnetId.1": {"x"}}, want: "400 InvalidSubnetID.Malformed"},
		{name: "a subnet that is not there", raw: url.Values{"Action": {"DescribeSubnets"}, "Version": {apiVersion}, "SubnetId.1": {"subnet-00000000"}}, want: "400 InvalidSubnetID.NotFound"},
		{name: "another region", raw: url.Values{"Action": {"DescribeRegions"}, "Version": {apiVersion}, "RegionName.1": {"eu-west-3"}}, want: "400 SandboxLimit"},
		{name: "a zone that is not there", raw: url.Values{"Action": {"DescribeAvailabilityZones"}, "Version": {apiVersion}, "ZoneName.1": {"us-east-1z"}}, want: "400 InvalidParameterValue"},
		{name: "the id of a zone that is not there", raw: url.Values{"Action": {"DescribeAvailabilityZones"}, "Version": {apiVersion}, "ZoneId.1": {"use1-az9"}}, want: "400 InvalidParameterValue"},
		{name: "a page of named volumes", raw: url.Values{"Action": {"DescribeVolumes"}, "Version": {apiVersion}, "VolumeId.1": {"vol-0a1b2c3d4e5f60001"}, "MaxResults": {"5"}}, want: "400 InvalidParameterCombination"},
		{name: "a launch without a default VPC", world: `{"default_vpc":false}`, call: launching(), want: "400 VPCIdNotSpecified"},
		{name: "stop what is protected", world: `{"instances":[{"id":"i-0a1b2c3d","stop_protection":true}]}`, call: halting("i-0a1b2c3d"), want: "400 OperationNotPermitted"},

		{name: "a tag on nothing", raw: url.Values{"Action": {"CreateTags"}, "Version": {apiVersion}, "Tag.1.Key": {"k"}}, want: "400 MissingParameter"},
		{name: "no tag", raw: url.Values{"Action": {"CreateTags"}, "Version": {apiVersion}, "ResourceId.1": {runningID}}, want: "400 MissingParameter"},
		{name: "a tag on no resource", raw: url.Values{"Action": {"CreateTags"}, "Version": {apiVersion}, "ResourceId.1": {"web"}, "Tag.1.Key": {"k"}}, want: "400 InvalidID"},
		{name: "a tag on a resource of an unknown kind", raw: url.Values{"Action": {"CreateTags"}, "Version": {apiVersion}, "ResourceId.1": {"eni-0a1b2c3d"}, "Tag.1.Key": {"k"}}, want: "400 SandboxLimit"},
		{name: "a tag on an instance that is not there", raw: url.Values{"Action": {"DeleteTags"}, "Version": {apiVersion}, "ResourceId.1": {runningID}, "ResourceId.2": {"i-0a1b2c3d"}}, want: "400 InvalidInstanceID.NotFound"},
		{name: "a tag of AWS's own, added", raw: url.Values{"Action": {"CreateTags"}, "Version": {apiVersion}, "ResourceId.1": {runningID}, "Tag.1.Key": {"aws:k"}}, want: "400 InvalidParameterValue"},
		{name: "a tag twice, added", raw: url.Values{"Action": {"CreateTags"}, "Version": {apiVersion}, "ResourceId.1": {runningID}, "Tag.1.Key": {"k"}, "Tag.2.Key": {"k"}}, want: "400 InvalidParameterValue"},

		{name: "an attribute without a name", raw: url.Values{"Action": {"DescribeInstanceAttribute"}, "Version": {apiVersion}, "InstanceId": {runningID}}, want: "400 MissingParameter"},
		{name: "an attribute of nothing", raw: url.Values{"Action": {"DescribeInstanceAttribute"}, "Version": {apiVersion}, "Attribute": {"userData"}}, want: "400 MissingParameter"},
		{name: "an unknown attribute", raw: url.Values{"Action": {"DescribeInstanceAttribute"}, "Version": {apiVersion}, "InstanceId": {runningID}, "Attribute": {"enaSupport"}}, want: "400 SandboxLimit"},
		{name: "an attribute of a malformed instance", raw: url.Values{"Action": {"DescribeInstanceAttribute"}, "Version": {apiVersion}, "InstanceId": {"i-1"}, "Attribute": {"userData"}}, want: "400 InvalidInstanceID.Malformed"},
		{name: "an attribute of an instance that is not there", raw: modify("i-0a1b2c3d", "DisableApiStop.Value", "true"), want: "400 InvalidInstanceID.NotFound"},
		{name: "no attribute", raw: modify(runningID), want: "400 InvalidParameterCombination"},
		{name: "two attributes", raw: modify(stoppedID, "DisableApiStop.Value", "true", "InstanceType.Value", "t3.small"), want: "400 InvalidParameterCombination"},
		{name: "an attribute that is unknown", raw: modify(stoppedID, "EnaSupport.Value", "true"), want: "400 SandboxLimit"},
		{name: "an attribute that the sandbox cannot change", raw: modify(stoppedID, "Kernel.Value", "aki-0a1b2c3d"), want: "400 SandboxLimit"},
		{name: "the same in the older form", raw: modify(stoppedID, "Attribute", "rootDeviceName", "Value", "/dev/sda1"), want: "400 SandboxLimit"},
		{name: "a protection that is no boolean", raw: modify(stoppedID, "DisableApiTermination.Value", "yes"), want: "400 InvalidParameterValue"},
		{name: "another behavior", raw: modify(stoppedID, "InstanceInitiatedShutdownBehavior.Value", "hibernate"), want: "400 InvalidParameterValue"},
		{name: "a type that is none, modified", raw: modify(stoppedID, "InstanceType.Value", "micro"), want: "400 InvalidInstanceAttributeValue"},
		{name: "the type of a running instance", raw: modify(runningID, "InstanceType.Value", "t3.small"), want: "400 IncorrectInstanceState"},
		{name: "user data that is not base64", raw: modify(stoppedID, "UserData.Value", "#!"), want: "400 InvalidUserData.Malformed"},
		{name: "too much user data", raw: modify(stoppedID, "UserData.Value", strings.Repeat("AAAA", 5462)), want: "400 InvalidParameterValue"},
		{name: "an attribute of a terminated instance", world: `{"instances":[{"id":"i-0a1b2c3d","state":"terminated"}]}`, raw: modify("i-0a1b2c3d", "DisableApiStop.Value", "true"), want: "400 IncorrectInstanceState"},
		{name: "a dry run of a modification", raw: modify(stoppedID, "DisableApiStop.Value", "true", "DryRun", "true"), want: "412 DryRunOperation"},
		{name: "a throttle", world: `{"faults":[{"system":"ec2","throttle":1}]}`, call: describing(func(*ec2.DescribeInstancesInput) {}), want: "503 RequestLimitExceeded"},
	}
	tests = append(tests, launchErrors()...)
	// A code that only a fault causes comes with its own status.
	for _, code := range codes {
		own := slices.ContainsFunc([]string{"Missing", "Invalid", "Idempotent", sandboxLimit}, func(p string) bool { return strings.HasPrefix(code.code, p) })
		if !own || code.code == "InvalidAction" {
			test := tests[0]
			test.name, test.raw = "fault "+code.code, nil
			test.world = fmt.Sprintf(`{"faults":[{"system":"ec2","error":%q}]}`, code.code)
			test.call, test.want = starting(stoppedID), fmt.Sprint(code.status, " ", code.code)
			tests = append(tests, test)
		}
	}
	covered := map[string]bool{}
	for _, test := range tests {
		_, code, _ := strings.Cut(test.want, " ")
		covered[code] = true
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, test.world)
			before := r.State()
			var got string
			if test.raw != nil {
				authorization := map[string]string{"": signed, "none": ""}[test.authorization]
				if authorization == "" && test.authorization != "none" {
					authorization = test.authorization
				}
				status, body := r.post(authorization, test.raw)
				_, after, _ := strings.Cut(body, "<Code>")
				code, _, _ := strings.Cut(after, "</Code>")
				got = fmt.Sprint(status, " ", code)
			} else {
				got = codeOf(test.call(t.Context(), r.ec2))
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if r.last() != test.want {
				t.Errorf("saw %s, want %s", r.last(), test.want)
			}
			if len(r.seen) == 1 && fmt.Sprint(before) != fmt.Sprint(r.State()) {
				t.Errorf("what was refused changed something: %v", r.State())
			}
		})
	}
	covered["MalformedQueryString"] = true // in TestQueryIsMalformed
	for _, code := range errorCodes() {
		if !covered[code] {
			t.Errorf("no test for %s", code)
		}
	}
}

// The message names what is wrong, so that it is useful in a worklog.
func TestErrorMessages(t *testing.T) {
	tests := []struct {
		name string
		call ec2Call
		want string
	}{
		{"not found", starting("i-0a1b2c3d"), "The instance ID 'i-0a1b2c3d' does not exist"},
		{"several not found", starting("i-0a1b2c3d", "i-0a1b2c3e"), "The instance IDs 'i-0a1b2c3d, i-0a1b2c3e' do not exist"},
		{"malformed", starting("i-x"), `Invalid id: "i-x"`},
		{"state", rebooting(stoppedID), "The instance 'i-0a1b2c3d4e5f60001' is not in a state from which it can be rebooted."},
		{"a limit of the sandbox: a parameter", launching(func(in *ec2.RunInstancesInput) { in.DisableApiStop, in.EbsOptimized = aws.Bool(true), aws.Bool(true) }),
			"SandboxLimit: The sandbox does not know the parameter EbsOptimized of RunInstances"},
		{"a limit of the sandbox: a filter", describing(func(in *ec2.DescribeInstancesInput) {
			in.Filters = []types.Filter{{Name: aws.String("instance-lifecycle"), Values: []string{"spot"}}}
		}), "SandboxLimit: The sandbox does not know the filter instance-lifecycle of DescribeInstances; it knows architecture, availability-zone, "},
		{"a limit of the sandbox: an action", func(ctx context.Context, c *ec2.Client) error {
			_, err := c.DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{})
			return err
		}, "SandboxLimit: The sandbox does not know the action DescribeSnapshots; it knows CreateTags, DeleteTags, "},
		{"stop protection", inTurn(protecting(runningID), halting(runningID)), "The instance 'i-0a1b2c3d4e5f60002' may not be stopped. Modify its 'disableApiStop' instance attribute and try again."},
		{"image", launching(func(in *ec2.RunInstancesInput) { in.ImageId = aws.String("ami-00000000") }), "The image id '[ami-00000000]' does not exist"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.call(t.Context(), newRig(t, "").ec2)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestQueryIsMalformed(t *testing.T) {
	r := newRig(t, "")
	resp, err := r.http.Post(EC2URL, "application/x-www-form-urlencoded", strings.NewReader("Action=%zz"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 400 || r.last() != "400 MalformedQueryString" {
		t.Errorf("got %d, saw %s", resp.StatusCode, r.last())
	}
}

// A signed query works like a signed body. Its signature is in no Exchange.
func TestSignedQuery(t *testing.T) {
	r := newRig(t, "")
	resp, err := r.http.Get(EC2URL + "/?Action=DescribeKeyPairs&Version=2016-11-15&X-Amz-Credential=AKIDSANDBOX%2F20260302%2Fus-east-1%2Fec2%2Faws4_request&X-Amz-Signature=abc")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if want := (Exchange{"ec2", "DescribeKeyPairs", "200 service-desk"}); resp.StatusCode != 200 || r.seen[0] != want {
		t.Errorf("got %d, saw %v", resp.StatusCode, r.seen[0])
	}
}

// Every action that names instances refuses an instance that does not exist, also in a dry run.
func TestEveryActionLooksItsInstancesUp(t *testing.T) {
	for _, action := range []string{"StartInstances", "StopInstances", "TerminateInstances", "RebootInstances", "DescribeInstances", "DescribeInstanceStatus"} {
		t.Run(action, func(t *testing.T) {
			r := newRig(t, "")
			ask := func(id, dry string) string {
				r.post(signed, url.Values{"Action": {action}, "Version": {apiVersion}, "InstanceId.1": {id}, "DryRun": {dry}})
				return r.last()
			}
			for _, test := range []struct{ id, dry, want string }{
				{"i-0a1b2c3d", "false", "400 InvalidInstanceID.NotFound"},
				{"i-0a", "false", "400 InvalidInstanceID.Malformed"},
				{runningID, "true", "412 DryRunOperation"},
			} {
				if got := ask(test.id, test.dry); got != test.want {
					t.Errorf("%s, dry %s: got %s, want %s", test.id, test.dry, got, test.want)
				}
			}
			if i := r.instance(runningID); i.State != "running" || i.Reboots != 0 {
				t.Errorf("it is %s with %d reboots", i.State, i.Reboots)
			}
		})
	}
}
