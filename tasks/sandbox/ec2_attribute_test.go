package sandbox

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// attribute returns the value of an attribute, as the answer has it.
func (r *rig) attribute(id, name string) string {
	r.t.Helper()
	status, body := r.post(signed, query("DescribeInstanceAttribute", "InstanceId", id, "Attribute", name))
	_, value, found := strings.Cut(body, "<"+name+">")
	value, _, _ = strings.Cut(value, "</"+name+">")
	if status != 200 || !found {
		r.t.Fatalf("%s of %s: %d %s", name, id, status, body)
	}
	return strings.TrimSuffix(strings.TrimPrefix(value, "<value>"), "</value>")
}

// Every attribute has the value that was set, in both forms of the request.
func TestAttributes(t *testing.T) {
	tests := []struct {
		name, preset, parameter, value string
	}{
		{"disableApiStop", "false", "DisableApiStop", "true"},
		{"disableApiTermination", "false", "DisableApiTermination", "true"},
		{"instanceInitiatedShutdownBehavior", "stop", "InstanceInitiatedShutdownBehavior", "terminate"},
		{"instanceType", "t3.micro", "InstanceType", "m5.large"},
		{"userData", "", "UserData", "IyEvYmluL3NoCg=="},
		{"kernel", "", "", ""},
		{"ramdisk", "", "", ""},
		{"rootDeviceName", "/dev/xvda", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, form := range [][]string{{test.parameter + ".Value", test.value}, {"Attribute", test.name, "Value", test.value}} {
				r := newRig(t, "")
				if got := r.attribute(stoppedID, test.name); got != test.preset {
					t.Errorf("at first it is %q, want %q", got, test.preset)
				}
				if test.parameter == "" {
					continue
				}
				if status, body := r.post(signed, modify(stoppedID, form...)); status != 200 {
					t.Fatalf("%v: %d %s", form, status, body)
				}
				if got := r.attribute(stoppedID, test.name); got != test.value {
					t.Errorf("%v: it is %q, want %q", form, got, test.value)
				}
				if got := r.attribute(runningID, test.name); got != test.preset {
					t.Errorf("%v: another instance has %q", form, got)
				}
			}
		})
	}
	if len(tests) != len(attributeTable()) {
		t.Errorf("%d of %d attributes are tested", len(tests), len(attributeTable()))
	}
}

// The type of a stopped instance counts from then on.
func TestModifiedTypeIsShown(t *testing.T) {
	r := newRig(t, "")
	if status, body := r.post(signed, modify(stoppedID, "InstanceType.Value", "m5.large")); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	if got := r.instance(stoppedID).Type; got != "m5.large" {
		t.Errorf("it is %s", got)
	}
}

// Protection against a stop and against a termination hold, whether the world, a launch or a request
// sets them, and end when a request ends them.
func TestProtection(t *testing.T) {
	stop := func(id string) ec2Call { return halting(id) }
	force := func(id string) ec2Call {
		return func(ctx context.Context, c *ec2.Client) error {
			_, err := c.StopInstances(ctx, &ec2.StopInstancesInput{InstanceIds: []string{id}, Force: aws.Bool(true)})
			return err
		}
	}
	terminate := func(id string) ec2Call { return terminating(id) }
	for _, test := range []struct {
		name, key, parameter string
		refused, allowed     []func(id string) ec2Call
	}{
		{"stop", "stop_protection", "DisableApiStop", []func(string) ec2Call{stop, force}, []func(string) ec2Call{terminate}},
		{"termination", "termination_protection", "DisableApiTermination", []func(string) ec2Call{terminate}, []func(string) ec2Call{stop}},
	} {
		ways := map[string]func(r *rig) string{
			"the world": func(r *rig) string { return "i-0a1b2c3d" },
			"a launch": func(r *rig) string {
				return r.mustPost(query("RunInstances", "ImageId", imageID, "MinCount", "1", "MaxCount", "1", test.parameter, "true"), "<instanceId>", "</instanceId>")
			},
			"a request": func(r *rig) string {
				r.mustPost(modify(runningID, test.parameter+".Value", "true"), "<return>", "</return>")
				return runningID
			},
		}
		for way, protect := range ways {
			t.Run(test.name+" by "+way, func(t *testing.T) {
				world := `{"instances":[{"id":"i-0a1b2c3d","` + test.key + `":true},{"id":"` + runningID + `"}]}`
				for _, allowed := range test.allowed {
					r := newRig(t, world)
					id := protect(r)
					r.pass(time.Minute) // until it runs
					for _, refused := range test.refused {
						if err := refused(id)(t.Context(), r.ec2); codeOf(err) != "400 OperationNotPermitted" || r.instance(id).State != "running" {
							t.Errorf("got %s, it is %s", codeOf(err), r.instance(id).State)
						}
					}
					if err := allowed(id)(t.Context(), r.ec2); err != nil {
						t.Errorf("the other protection does not hold: %v", err)
					}
					r = newRig(t, world)
					id = protect(r)
					r.pass(time.Minute)
					r.mustPost(modify(id, test.parameter+".Value", "false"), "<return>", "</return>")
					if err := test.refused[0](id)(t.Context(), r.ec2); err != nil {
						t.Errorf("without protection: %v", err)
					}
				}
			})
		}
	}
}

// mustPost sends a request and returns what stands in the answer between two texts.
func (r *rig) mustPost(form url.Values, from, to string) string {
	r.t.Helper()
	status, body := r.post(signed, form)
	_, value, found := strings.Cut(body, from)
	value, _, ended := strings.Cut(value, to)
	if status != 200 || !found || !ended {
		r.t.Fatalf("%v: %d %s", form, status, body)
	}
	return value
}

// An instance has no public address if its world says so, of it or of all.
func TestPrivateInstances(t *testing.T) {
	r := newRig(t, `{"instances":[{"id":"i-0a1b2c3d","private":true},{"id":"i-0a1b2c3e"}]}`)
	if one, other := r.instance("i-0a1b2c3d").PublicIP, r.instance("i-0a1b2c3e").PublicIP; one != "" || other == "" {
		t.Errorf("got the addresses %q and %q", one, other)
	}
	o, err := newRig(t, `{"private_network":true}`).ec2.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{})
	if err != nil || *o.Subnets[0].MapPublicIpOnLaunch {
		t.Errorf("a subnet of a private network gives public addresses: %v, %v", o, err)
	}
}

// Without a default VPC there are a VPC and subnets, which are not the default.
func TestNoDefaultVPC(t *testing.T) {
	r := newRig(t, `{"default_vpc":false}`)
	vpcs, err := r.ec2.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
	if err != nil || len(vpcs.Vpcs) != 1 || *vpcs.Vpcs[0].IsDefault {
		t.Errorf("got %v, %v", vpcs, err)
	}
	for filter, want := range map[string]int{"true": 0, "false": len(zones)} {
		o, err := r.ec2.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{Filters: filtered("default-for-az", filter)})
		if err != nil || len(o.Subnets) != want {
			t.Errorf("default-for-az %s: got %v, %v", filter, o, err)
		}
	}
}

// Each filter of DescribeInstances and DescribeInstanceStatus shows an instance if its value is that
// of the instance, and not otherwise.
func TestInstanceFilters(t *testing.T) {
	values := map[string]string{
		"architecture": "x86_64", "availability-zone": "us-east-1a", "block-device-mapping.volume-id": "vol-0a1b2c3d", "client-token": "", "dns-name": "ec2-*",
		"image-id": "ami-0a1b2c3d4e5f60000", "instance-id": "i-0a1b2c3d", "instance-state-code": "16", "instance-state-name": "running", "instance-type": "t3.micro",
		"instance.group-id": groupID, "ip-address": "203.0.113.*", "key-name": "service-desk", "launch-time": "2026-03-02T09:*", "monitoring-state": "disabled",
		"owner-id": owner, "private-dns-name": "ip-10-0-0-4.ec2.internal", "private-ip-address": "10.0.0.4", "reservation-id": "r-0fa11bac0ffee0001",
		"state-reason-code": "Client.*", "subnet-id": "subnet-0fa11bac0ffee0001", "tag-key": "Name", "tag:Name": "web", "vpc-id": vpc,
	}
	world := `{"instances":[{"id":"i-0a1b2c3d","name":"web","key_pair":"service-desk"}]}`
	for name := range instanceFilters {
		if _, ok := values[name]; !ok {
			t.Errorf("the filter %s is not tested", name)
		}
	}
	for name, value := range values {
		r := newRig(t, world)
		if name == "state-reason-code" {
			if err := halting("i-0a1b2c3d")(t.Context(), r.ec2); err != nil {
				t.Fatal(err)
			}
		}
		for _, test := range []struct{ value, want string }{{value, "200 i-0a1b2c3d "}, {"other", "200 0 instances"}} {
			if err := describing(func(in *ec2.DescribeInstancesInput) { in.Filters = filtered(name, test.value) })(t.Context(), r.ec2); err != nil || !strings.HasPrefix(r.last(), test.want) {
				t.Errorf("%s=%s: %v, saw %s", name, test.value, err, r.last())
			}
		}
	}
	for name, value := range map[string]string{
		"availability-zone": "us-east-1a", "instance-state-name": "running", "instance-state-code": "16", "instance-status.status": "ok", "system-status.status": "ok",
	} {
		r := newRig(t, world)
		for value, want := range map[string]int{value: 1, "other": 0} {
			o, err := r.ec2.DescribeInstanceStatus(t.Context(), &ec2.DescribeInstanceStatusInput{Filters: []types.Filter{{Name: aws.String(name), Values: []string{value}}}})
			if err != nil || len(o.InstanceStatuses) != want {
				t.Errorf("%s=%s: got %v, %v", name, value, o, err)
			}
		}
	}
}
