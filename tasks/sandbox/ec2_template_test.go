package sandbox

import (
	"context"
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// templates is a world with a launch template that says everything, and one that says nothing.
const templates = `{
	"instances": [], "images": ["ami-0a1b2c3d4e5f60000", "ami-0a1b2c3e"], "key_pairs": ["desk"], "security_groups": ["sg-0a1b2c3d", "sg-0a1b2c3e"],
	"subnets": [{"id": "subnet-0a1b2c3d", "zone": "us-east-1b", "vpc": "vpc-0a1b2c3d"}],
	"instance_profiles": ["web"],
	"launch_templates": [
		{"id": "lt-0a1b2c3d", "name": "web", "versions": 3, "image": "ami-0a1b2c3e", "instance_type": "t3.small", "key_pair": "desk", "security_groups": ["sg-0a1b2c3e"],
		 "subnet": "subnet-0a1b2c3d", "instance_profile": "web", "user_data": "hello", "detailed_monitoring": true},
		{"id": "lt-0a1b2c3e", "name": "bare"}
	]
}`

func fromTemplate(template types.LaunchTemplateSpecification) ec2Call {
	return launching(func(in *ec2.RunInstancesInput) { in.LaunchTemplate = &template })
}

func withProfile(profile types.IamInstanceProfileSpecification) func(*ec2.RunInstancesInput) {
	return func(in *ec2.RunInstancesInput) { in.IamInstanceProfile = &profile }
}

// launchErrors are launches that EC2 refuses for their subnet, template, profile or user data.
func launchErrors() []errorTest {
	return []errorTest{
		{name: "a subnet of another form", call: launching(func(in *ec2.RunInstancesInput) { in.SubnetId = aws.String("subnet-1") }), want: "400 InvalidSubnetID.Malformed"},
		{name: "a subnet that is not there", call: launching(func(in *ec2.RunInstancesInput) { in.SubnetId = aws.String("subnet-00000000") }), want: "400 InvalidSubnetID.NotFound"},
		{name: "no subnet, without a default VPC", world: `{"default_vpc":false,"images":["` + imageID + `"],"subnets":[{"id":"subnet-0a1b2c3d"}]}`, call: launching(), want: "400 VPCIdNotSpecified"},
		{name: "a default VPC without subnets", world: `{"faults":[{"system":"ec2","error":"MissingInput"}]}`, call: launching(), want: "400 MissingInput"},
		{name: "a launch template of another form", call: fromTemplate(types.LaunchTemplateSpecification{LaunchTemplateId: aws.String("lt-1")}), want: "400 InvalidLaunchTemplateId.Malformed"},
		{name: "a launch template that is not there", call: fromTemplate(types.LaunchTemplateSpecification{LaunchTemplateId: aws.String("lt-00000000")}), want: "400 InvalidLaunchTemplateId.NotFound"},
		{name: "a launch template whose name is not there", call: fromTemplate(types.LaunchTemplateSpecification{LaunchTemplateName: aws.String("web")}), want: "400 InvalidLaunchTemplateName.NotFoundException"},
		{name: "a version that is not there", world: templates, call: fromTemplate(types.LaunchTemplateSpecification{LaunchTemplateName: aws.String("web"), Version: aws.String("4")}), want: "400 InvalidLaunchTemplateId.VersionNotFound"},
		{name: "a launch template by its id and its name", world: templates, call: fromTemplate(types.LaunchTemplateSpecification{LaunchTemplateId: aws.String("lt-0a1b2c3d"), LaunchTemplateName: aws.String("web")}), want: "400 InvalidParameterCombination"},
		{name: "a version of nothing", call: fromTemplate(types.LaunchTemplateSpecification{Version: aws.String("4")}), want: "400 MissingParameter"},
		{name: "a launch template without an image", world: templates, call: func(ctx context.Context, c *ec2.Client) error {
			_, err := c.RunInstances(ctx, &ec2.RunInstancesInput{MinCount: aws.Int32(1), MaxCount: aws.Int32(1), LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateName: aws.String("bare")}})
			return err
		}, want: "400 MissingParameter"},
		{name: "an instance profile that is not there", call: launching(withProfile(types.IamInstanceProfileSpecification{Name: aws.String("web")})), want: "400 InvalidParameterValue"},
		{name: "an instance profile whose ARN is not there", call: launching(withProfile(types.IamInstanceProfileSpecification{Arn: aws.String(profileARN("web"))})), want: "400 InvalidParameterValue"},
		{name: "an instance profile by its name and its ARN", call: launching(withProfile(types.IamInstanceProfileSpecification{Name: aws.String("web"), Arn: aws.String(profileARN("web"))})), want: "400 InvalidParameterCombination"},
		{name: "user data that is not encoded", call: launching(func(in *ec2.RunInstancesInput) { in.UserData = aws.String("#!") }), want: "400 InvalidUserData.Malformed"},
		{name: "user data that is too long", call: launching(func(in *ec2.RunInstancesInput) {
			in.UserData = aws.String(base64.StdEncoding.EncodeToString(make([]byte, 16<<10+1)))
		}), want: "400 InvalidParameterValue"},
	}
}

// A launch has what its template says, unless it says otherwise itself.
func TestLaunchTemplate(t *testing.T) {
	whole := func(version string) *types.LaunchTemplateSpecification {
		s := &types.LaunchTemplateSpecification{LaunchTemplateName: aws.String("web")}
		if version != "" {
			s.Version = &version
		}
		return s
	}
	byID := &types.LaunchTemplateSpecification{LaunchTemplateId: aws.String("lt-0a1b2c3d"), Version: aws.String("3")}
	const all = "ami-0a1b2c3e t3.small desk [sg-0a1b2c3e] true subnet-0a1b2c3d web hello"
	for _, test := range []struct {
		name string
		in   ec2.RunInstancesInput
		want string
	}{
		{"all of it", ec2.RunInstancesInput{LaunchTemplate: whole("")}, all},
		{"the latest version", ec2.RunInstancesInput{LaunchTemplate: whole("$Latest")}, all},
		{"the default version", ec2.RunInstancesInput{LaunchTemplate: whole("$Default")}, all},
		{"by its identifier, in a version", ec2.RunInstancesInput{LaunchTemplate: byID}, all},
		{"what the launch says wins", ec2.RunInstancesInput{
			LaunchTemplate: whole("1"), ImageId: aws.String(imageID), InstanceType: "t3.micro", SecurityGroupIds: []string{"sg-0a1b2c3d"},
			Monitoring: &types.RunInstancesMonitoringEnabled{Enabled: aws.Bool(false)}, SubnetId: aws.String(builtInSubnets()[0].id),
			UserData: aws.String(base64.StdEncoding.EncodeToString([]byte("bye"))), IamInstanceProfile: &types.IamInstanceProfileSpecification{Arn: aws.String(profileARN("web"))},
		}, "ami-0a1b2c3d4e5f60000 t3.micro desk [sg-0a1b2c3d] false subnet-0fa11bac0ffee0001 web bye"},
		{"a template that says nothing", ec2.RunInstancesInput{
			LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateName: aws.String("bare")}, ImageId: aws.String(imageID),
		}, "ami-0a1b2c3d4e5f60000 m1.small  [sg-0a1b2c3d] false subnet-0fa11bac0ffee0001  "},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, templates)
			test.in.MinCount, test.in.MaxCount = aws.Int32(1), aws.Int32(1)
			if _, err := r.ec2.RunInstances(t.Context(), &test.in); err != nil {
				t.Fatal(err)
			}
			i := r.State().Instances[0]
			if got := fmt.Sprint(i.Image, " ", i.Type, " ", i.KeyPair, " ", i.Groups, " ", i.Monitoring, " ", i.Subnet, " ", i.InstanceProfile, " ", i.UserData); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// The answers show the subnet, the zone and the instance profile.
func TestPlaceOfAnInstance(t *testing.T) {
	r := newRig(t, templates)
	if err := fromTemplate(types.LaunchTemplateSpecification{LaunchTemplateName: aws.String("web")})(t.Context(), r.ec2); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"subnet-id": "subnet-0a1b2c3d", "vpc-id": "vpc-0a1b2c3d", "availability-zone": "us-east-1?"} {
		o, err := r.ec2.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{Filters: []types.Filter{{Name: aws.String(name), Values: []string{value}}}})
		if err != nil || len(o.Reservations) != 1 {
			t.Fatalf("%s: %+v, %v", name, o, err)
		}
		i := o.Reservations[0].Instances[0]
		if got := fmt.Sprint(*i.SubnetId, " ", *i.VpcId, " ", *i.Placement.AvailabilityZone, " ", *i.IamInstanceProfile.Arn); got != "subnet-0a1b2c3d vpc-0a1b2c3d us-east-1b arn:aws:iam::123456789012:instance-profile/web" {
			t.Errorf("got %s", got)
		}
	}
	if o, err := r.ec2.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{Filters: []types.Filter{{Name: aws.String("subnet-id"), Values: []string{builtInSubnets()[0].id}}}}); err != nil || len(o.Reservations) != 0 {
		t.Errorf("got %+v, %v", o, err)
	}
}

func TestWildcards(t *testing.T) {
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "ab", true}, {"a*", "ba", false}, {"?", "a", true}, {"?", "", false},
		{`\*`, "*", true}, {`\*`, "a", false}, {`a\?`, "a?", true}, {`a\?`, "ab", false}, {`\\`, `\`, true}, {`\`, `\`, true}, {`\*`, "", false},
	} {
		if got := wild(test.pattern, test.text); got != test.want {
			t.Errorf("%q and %q: %t", test.pattern, test.text, got)
		}
	}
}
