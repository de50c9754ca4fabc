package sandbox

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// An operationTest is one call of an action. Its name begins with the action.
type operationTest struct {
	name string
	call func(ctx context.Context, c *ec2.Client) (string, error)
	want string
	seen string // the request in the Exchange
}

// Every operation through the real SDK: its input, and what the SDK reads from the answer.
func TestOperations(t *testing.T) {
	running := []string{runningID}
	tests := []operationTest{
		{
			name: "RunInstances gives a reservation and a pending instance without an address",
			call: func(ctx context.Context, c *ec2.Client) (string, error) {
				o, err := c.RunInstances(ctx, &ec2.RunInstancesInput{
					ImageId: aws.String(imageID), MinCount: aws.Int32(1), MaxCount: aws.Int32(1), InstanceType: types.InstanceTypeT1Micro,
					ClientToken: aws.String("token-1"), KernelId: aws.String("aki-0a1b2c3d"), RamdiskId: aws.String("ari-0a1b2c3d"),
					KeyName: aws.String("service-desk"), SecurityGroupIds: []string{groupID},
					Monitoring: &types.RunInstancesMonitoringEnabled{Enabled: aws.Bool(true)},
					TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeInstance, Tags: []types.Tag{
						{Key: aws.String("Name"), Value: aws.String("web server")}, {Key: aws.String("owner"), Value: aws.String("dana")},
					}}},
				})
				if err != nil {
					return "", err
				}
				i := o.Instances[0]
				return fmt.Sprintln(*o.ReservationId, *o.OwnerId, *i.InstanceId, *i.ImageId, i.InstanceType, i.State.Name, *i.State.Code, *i.ClientToken,
					*i.KeyName, *i.KernelId, *i.RamdiskId, *i.SecurityGroups[0].GroupId, i.Monitoring.State) +
					fmt.Sprintf("%q %v %s=%s %s=%s", *i.PublicDnsName, i.PublicIpAddress, *i.Tags[0].Key, *i.Tags[0].Value, *i.Tags[1].Key, *i.Tags[1].Value), nil
			},
			want: "r-0fa11bac0ffee0004 123456789012 i-0fa11bac0ffee0005 ami-0a1b2c3d4e5f60000 t1.micro pending 0 token-1 service-desk aki-0a1b2c3d ari-0a1b2c3d sg-0a1b2c3d4e5f60000 enabled\n" +
				`"" <nil> Name=web server owner=dana`,
			seen: "RunInstances ClientToken=token-1 ImageId=ami-0a1b2c3d4e5f60000 InstanceType=t1.micro KernelId=aki-0a1b2c3d KeyName=service-desk MaxCount=1 MinCount=1 " +
				"Monitoring.Enabled=true RamdiskId=ari-0a1b2c3d SecurityGroupId.1=sg-0a1b2c3d4e5f60000 TagSpecification.1.ResourceType=instance TagSpecification.1.Tag.1.Key=Name " +
				`TagSpecification.1.Tag.1.Value="web server" TagSpecification.1.Tag.2.Key=owner TagSpecification.1.Tag.2.Value=dana => 200 r-0fa11bac0ffee0004 i-0fa11bac0ffee0005 pending`,
		},
		{
			name: "StartInstances",
			call: func(ctx context.Context, c *ec2.Client) (string, error) {
				o, err := c.StartInstances(ctx, &ec2.StartInstancesInput{InstanceIds: []string{stoppedID}})
				if err != nil {
					return "", err
				}
				return sayChanges(o.StartingInstances), nil
			},
			want: "i-0a1b2c3d4e5f60001 stopped 80 -> pending 0",
			seen: "StartInstances InstanceId.1=i-0a1b2c3d4e5f60001 => 200 stopped -> pending",
		},
		{
			name: "StopInstances",
			call: func(ctx context.Context, c *ec2.Client) (string, error) {
				o, err := c.StopInstances(ctx, &ec2.StopInstancesInput{InstanceIds: []string{stoppedID, runningID}})
				if err != nil {
					return "", err
				}
				return sayChanges(o.StoppingInstances), nil
			},
			want: "i-0a1b2c3d4e5f60001 stopped 80 -> stopped 80, i-0a1b2c3d4e5f60002 running 16 -> stopping 64",
			seen: "StopInstances InstanceId.1=i-0a1b2c3d4e5f60001 InstanceId.2=i-0a1b2c3d4e5f60002 => 200 stopped -> stopped, running -> stopping",
		},
		{
			name: "TerminateInstances",
			call: func(ctx context.Context, c *ec2.Client) (string, error) {
				o, err := c.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{runningID, stoppedID}})
				if err != nil {
					return "", err
				}
				return sayChanges(o.TerminatingInstances), nil
			},
			want: "i-0a1b2c3d4e5f60002 running 16 -> shutting-down 32, i-0a1b2c3d4e5f60001 stopped 80 -> terminated 48",
			seen: "TerminateInstances InstanceId.1=i-0a1b2c3d4e5f60002 InstanceId.2=i-0a1b2c3d4e5f60001 => 200 running -> shutting-down, stopped -> terminated",
		},
		{
			name: "RebootInstances says nothing of a state",
			call: func(ctx context.Context, c *ec2.Client) (string, error) {
				_, err := c.RebootInstances(ctx, &ec2.RebootInstancesInput{InstanceIds: running})
				return "", err
			},
			seen: "RebootInstances InstanceId.1=i-0a1b2c3d4e5f60002 => 200 true",
		},
		{
			name: "DescribeInstances shows the address of a running instance",
			call: func(ctx context.Context, c *ec2.Client) (string, error) {
				o, err := c.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: running})
				if err != nil {
					return "", err
				}
				i := o.Reservations[0].Instances[0]
				return fmt.Sprintln(*o.Reservations[0].ReservationId, *i.InstanceId, i.State.Name, *i.PublicDnsName, *i.PublicIpAddress) +
					fmt.Sprintln(*i.PrivateDnsName, *i.PrivateIpAddress, *i.VpcId, *i.SubnetId, *i.Placement.AvailabilityZone, i.LaunchTime.Format(time.RFC3339), i.Monitoring.State), nil
			},
			want: "r-0fa11bac0ffee0002 i-0a1b2c3d4e5f60002 running ec2-203-0-113-3.compute-1.amazonaws.com 203.0.113.3\n" +
				"ip-10-0-0-5.ec2.internal 10.0.0.5 vpc-0fa11bac0ffee0001 subnet-0fa11bac0ffee0001 us-east-1a 2026-03-02T09:00:00Z disabled\n",
			seen: "DescribeInstances InstanceId.1=i-0a1b2c3d4e5f60002 => 200 i-0a1b2c3d4e5f60002 running",
		},
		{
			name: "DescribeInstanceStatus shows running instances only",
			call: func(ctx context.Context, c *ec2.Client) (string, error) {
				o, err := c.DescribeInstanceStatus(ctx, &ec2.DescribeInstanceStatusInput{InstanceIds: []string{stoppedID, runningID}})
				if err != nil {
					return "", err
				}
				s := o.InstanceStatuses[0]
				return fmt.Sprint(len(o.InstanceStatuses), " ", *s.InstanceId, " ", s.InstanceState.Name, " ", s.InstanceStatus.Status, " ", s.SystemStatus.Details[0].Name), nil
			},
			want: "1 i-0a1b2c3d4e5f60002 running ok reachability",
			seen: "DescribeInstanceStatus InstanceId.1=i-0a1b2c3d4e5f60001 InstanceId.2=i-0a1b2c3d4e5f60002 => 200 i-0a1b2c3d4e5f60002 running",
		},
		{
			name: "DescribeInstanceStatus shows others with IncludeAllInstances",
			call: func(ctx context.Context, c *ec2.Client) (string, error) {
				o, err := c.DescribeInstanceStatus(ctx, &ec2.DescribeInstanceStatusInput{IncludeAllInstances: aws.Bool(true)})
				if err != nil {
					return "", err
				}
				s := o.InstanceStatuses[0]
				return fmt.Sprint(len(o.InstanceStatuses), " ", *s.InstanceId, " ", s.InstanceState.Name, " ", s.InstanceStatus.Status), nil
			},
			want: "2 i-0a1b2c3d4e5f60001 stopped not-applicable",
			seen: "DescribeInstanceStatus IncludeAllInstances=true => 200 i-0a1b2c3d4e5f60001 stopped, i-0a1b2c3d4e5f60002 running",
		},
		{
			name: "DescribeImages",
			call: func(ctx context.Context, c *ec2.Client) (string, error) {
				o, err := c.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{imageID}, Owners: []string{"self"}})
				if err != nil {
					return "", err
				}
				return fmt.Sprint(*o.Images[0].ImageId, " ", o.Images[0].State, " ", *o.Images[0].OwnerId), nil
			},
			want: "ami-0a1b2c3d4e5f60000 available 123456789012",
			seen: "DescribeImages ImageId.1=ami-0a1b2c3d4e5f60000 Owner.1=self => 200 ami-0a1b2c3d4e5f60000",
		},
		{
			name: "DescribeKeyPairs",
			call: func(ctx context.Context, c *ec2.Client) (string, error) {
				o, err := c.DescribeKeyPairs(ctx, &ec2.DescribeKeyPairsInput{KeyNames: []string{"service-desk"}})
				if err != nil {
					return "", err
				}
				return fmt.Sprint(*o.KeyPairs[0].KeyName, " ", *o.KeyPairs[0].KeyPairId), nil
			},
			want: "service-desk key-0fa11bac0ffee0001",
			seen: "DescribeKeyPairs KeyName.1=service-desk => 200 service-desk",
		},
		{
			name: "DescribeSecurityGroups",
			call: func(ctx context.Context, c *ec2.Client) (string, error) {
				o, err := c.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{groupID}})
				if err != nil {
					return "", err
				}
				return fmt.Sprint(*o.SecurityGroups[0].GroupId, " ", *o.SecurityGroups[0].GroupName, " ", *o.SecurityGroups[0].VpcId), nil
			},
			want: "sg-0a1b2c3d4e5f60000 default vpc-0fa11bac0ffee0001",
			seen: "DescribeSecurityGroups GroupId.1=sg-0a1b2c3d4e5f60000 => 200 sg-0a1b2c3d4e5f60000",
		},
	}
	covered := map[string]bool{}
	for _, test := range append(tests, toolOperations...) {
		action, _, _ := strings.Cut(test.name, " ")
		covered[action] = true
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, "")
			got, err := test.call(t.Context(), r.ec2)
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if seen := r.seen[0].Request + " => " + r.seen[0].Answer; seen != test.seen || r.seen[0].System != "ec2" {
				t.Errorf("saw  %s\nwant %s", seen, test.seen)
			}
		})
	}
	for _, action := range ec2Actions() {
		if !covered[action] {
			t.Errorf("no test for %s", action)
		}
	}
}

func sayChanges(all []types.InstanceStateChange) string {
	var said []string
	for _, c := range all {
		said = append(said, fmt.Sprintf("%s %s %d -> %s %d", *c.InstanceId, c.PreviousState.Name, *c.PreviousState.Code, c.CurrentState.Name, *c.CurrentState.Code))
	}
	return strings.Join(said, ", ")
}
