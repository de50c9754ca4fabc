package sandbox

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// launch launches one instance with a token, and returns "reservation instance state", or the error
// code.
func (r *rig) launch(token string, kind types.InstanceType) string {
	o, err := r.ec2.RunInstances(r.t.Context(), &ec2.RunInstancesInput{
		ImageId: aws.String(imageID), MinCount: aws.Int32(1), MaxCount: aws.Int32(1), InstanceType: kind, ClientToken: aws.String(token),
	})
	if err != nil {
		return codeOf(err)
	}
	return fmt.Sprint(*o.ReservationId, " ", *o.Instances[0].InstanceId, " ", o.Instances[0].State.Name)
}

func TestClientToken(t *testing.T) {
	r := newRig(t, "")
	first := "r-0fa11bac0ffee0004 i-0fa11bac0ffee0005 "
	check := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %s, want %s", what, got, want)
		}
	}
	check("a launch", r.launch("Token", "t3.micro"), first+"pending")
	check("the same again", r.launch("Token", "t3.micro"), first+"pending")
	check("the same request with a token in another case is another launch", r.launch("token", "t3.micro"), "r-0fa11bac0ffee0007 i-0fa11bac0ffee0008 pending")
	check("another request with that token", r.launch("Token", "t3.small"), "400 IdempotentParameterMismatch")
	r.pass(20 * time.Second)
	check("the same again, later: the instance as it is now", r.launch("Token", "t3.micro"), first+"running")
	if got := len(r.State().Instances); got != 4 {
		t.Errorf("there are %d instances, want 2 of the world and 2 launched", got)
	}
	if err := terminating("i-0fa11bac0ffee0005")(t.Context(), r.ec2); err != nil {
		t.Fatal(err)
	}
	check("while it shuts down", r.launch("Token", "t3.micro"), "400 IdempotentInstanceTerminated")
	r.pass(40*time.Second + 24*time.Hour - 1)
	check("a day after its end, less a moment", r.launch("Token", "t3.micro"), "400 IdempotentInstanceTerminated")
	r.pass(1)
	check("a day after its end the token is forgotten", r.launch("Token", "t3.micro"), "r-0fa11bac0ffee000a i-0fa11bac0ffee000b pending")
}

func TestTokenOfARefusedLaunchIsFree(t *testing.T) {
	r := newRig(t, `{"instances":[],"images":["ami-0a1b2c3d4e5f60000"],"limits":{"vcpus":2}}`)
	if got := r.launch("a", "t3.xlarge"); got != "400 VcpuLimitExceeded" {
		t.Errorf("got %s", got)
	}
	if got := r.launch("a", "t3.micro"); got != "r-0fa11bac0ffee0001 i-0fa11bac0ffee0002 pending" {
		t.Errorf("got %s", got)
	}
}

// Without a token every launch is new. The SDK always sends a token, so this request is made by
// hand.
func TestNoToken(t *testing.T) {
	r := newRig(t, "")
	form := map[string][]string{"Action": {"RunInstances"}, "Version": {apiVersion}, "ImageId": {imageID}, "MinCount": {"1"}, "MaxCount": {"1"}}
	for range 2 {
		if status, body := r.post(signed, form); status != 200 {
			t.Fatal(body)
		}
	}
	s := r.State()
	if len(s.Instances) != 4 || s.Instances[3].Type != "m1.small" {
		t.Errorf("there are %d instances, the last of type %s", len(s.Instances), s.Instances[3].Type)
	}
}

func TestLimits(t *testing.T) {
	tests := []struct {
		name        string
		limits      string
		kind        types.InstanceType
		least, most int32
		want        string // the number of instances after the launch, or the error
	}{
		{"none", `{}`, "t3.micro", 1, 9, "11"},
		{"as many as fit", `{"instances":4}`, "t3.micro", 1, 9, "4"},
		{"fewer than asked for", `{"instances":4}`, "t3.micro", 3, 9, "400 InstanceLimitExceeded"},
		{"stopped instances count, their vCPUs do not", `{"vcpus":4}`, "t3.micro", 1, 9, "3"},
		{"a large type", `{"vcpus":9}`, "m5.2xlarge", 1, 1, "400 VcpuLimitExceeded"},
		{"a large type that fits", `{"vcpus":10}`, "m5.2xlarge", 1, 1, "3"},
		{"an old small one", `{"vcpus":3}`, "t1.micro", 1, 1, "3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, `{"instances":[{"id":"i-0a1b2c3d4e5f60001","state":"stopped","image":"ami-0a1b2c3d4e5f60000"},{"id":"i-0a1b2c3d4e5f60002"}],
				"images":["ami-0a1b2c3d4e5f60000"],"limits":`+test.limits+`}`)
			_, err := r.ec2.RunInstances(t.Context(), &ec2.RunInstancesInput{
				ImageId: aws.String(imageID), MinCount: aws.Int32(test.least), MaxCount: aws.Int32(test.most), InstanceType: test.kind,
			})
			got := fmt.Sprint(len(r.State().Instances))
			if err != nil {
				got = codeOf(err)
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestInstanceTypes(t *testing.T) {
	for kind, want := range map[string]int{
		"t1.micro": 1, "m1.small": 1, "t2.micro": 1, "t2.medium": 2, "t3.nano": 2, "t3.micro": 2, "c7g.large": 2, "m5.xlarge": 4,
		"r6i.24xlarge": 96, "u-6tb1.112xlarge": 448, "m5.metal": 96, "t3": 0, "t3.mikro": 0, "micro": 0, "T3.micro": 0, "t3.micro ": 0,
	} {
		if got := vcpus(kind); got != want {
			t.Errorf("%s: got %d vCPUs, want %d", kind, got, want)
		}
	}
}

func TestMintedIdentifiersAvoidThoseOfTheWorld(t *testing.T) {
	r := newRig(t, `{"instances":[{"id":"i-0fa11bac0ffee0004","image":"ami-0a1b2c3d4e5f60000"}]}`)
	for range 3 {
		r.launch("", "t3.micro")
	}
	seen := map[string]bool{}
	for _, i := range r.State().Instances {
		if seen[i.ID] || !instanceForm(i.ID) {
			t.Errorf("%s is used twice, or malformed", i.ID)
		}
		seen[i.ID] = true
	}
}
