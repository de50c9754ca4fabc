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

// The life of an instance: the calls at certain times, and the state that a look finds.
func TestLifeCycles(t *testing.T) {
	type step struct {
		after time.Duration
		do    ec2Call // nil only looks
		want  string
	}
	forced := func(ctx context.Context, c *ec2.Client) error {
		_, err := c.StopInstances(ctx, &ec2.StopInstancesInput{InstanceIds: []string{runningID}, Force: aws.Bool(true)})
		return err
	}
	const s = time.Second
	tests := []struct {
		name  string
		world string
		id    string
		steps []step
	}{
		{"a start takes 20 seconds and gives an address", "", stoppedID, []step{
			{0, nil, `stopped ""`},
			{0, starting(stoppedID), `pending ""`},
			{19 * s, nil, `pending ""`},
			{1 * s, nil, `running "203.0.113.4"`},
		}},
		{"starting twice is starting once", "", stoppedID, []step{
			{0, starting(stoppedID), `pending ""`},
			{10 * s, starting(stoppedID), `pending ""`},
			{10 * s, starting(stoppedID), `running "203.0.113.4"`},
		}},
		{"a stop takes 30 seconds and takes the address at once; the next start gives another", "", runningID, []step{
			{0, nil, `running "203.0.113.3"`},
			{0, halting(runningID), `stopping ""`},
			{29 * s, halting(runningID), `stopping ""`},
			{1 * s, halting(runningID), `stopped ""`},
			{0, starting(runningID), `pending ""`},
			{20 * s, nil, `running "203.0.113.4"`},
		}},
		{"a termination takes 40 seconds, is seen for an hour, and then is not", "", runningID, []step{
			{0, terminating(runningID), `shutting-down ""`},
			{39 * s, terminating(runningID), `shutting-down ""`},
			{1 * s, nil, `terminated ""`},
			{time.Hour - s, terminating(runningID), `terminated ""`},
			{1 * s, nil, "400 InvalidInstanceID.NotFound"},
		}},
		{"a stopped instance is terminated at once", "", stoppedID, []step{
			{0, terminating(stoppedID), `terminated ""`},
			{time.Hour, nil, "400 InvalidInstanceID.NotFound"},
		}},
		{"a look long after counts from when the state passed", "", runningID, []step{
			{0, terminating(runningID), `shutting-down ""`},
			{time.Hour + 39*s, nil, `terminated ""`},
			{1 * s, nil, "400 InvalidInstanceID.NotFound"},
		}},
		{"a reboot leaves the state alone", "", runningID, []step{{0, rebooting(runningID), `running "203.0.113.3"`}}},
		{"a terminated instance ignores a reboot", "", stoppedID, []step{
			{0, terminating(stoppedID), `terminated ""`},
			{0, rebooting(stoppedID), `terminated ""`},
		}},
		{"a stop that hangs is ended by force", `{"instances":[{"id":"i-0a1b2c3d4e5f60002","image":"ami-0a1b2c3d","stop_hangs":true}]}`, runningID, []step{
			{0, halting(runningID), `stopping ""`},
			{24 * time.Hour, halting(runningID), `stopping ""`},
			{0, forced, `stopped ""`},
		}},
		{"states that last no time pass before the next look", `{"instances":[{"id":"i-0a1b2c3d4e5f60002","image":"ami-0a1b2c3d"}],"timing":{"pending":"0s","stopping":"0s","shutting_down":"0s"}}`, runningID, []step{
			{0, halting(runningID), `stopped ""`},
			{0, starting(runningID), `running "203.0.113.3"`},
			{0, terminating(runningID), `terminated ""`},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, test.world)
			for n, step := range test.steps {
				r.pass(step.after)
				if step.do != nil {
					if err := step.do(t.Context(), r.ec2); err != nil {
						t.Fatalf("step %d: %v", n, err)
					}
				}
				var got string
				o, err := r.ec2.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: []string{test.id}})
				if err != nil {
					got = codeOf(err)
				} else {
					i := o.Reservations[0].Instances[0]
					got = fmt.Sprintf("%s %q", i.State.Name, aws.ToString(i.PublicIpAddress))
					if (aws.ToString(i.PublicDnsName) == "") != (i.PublicIpAddress == nil) {
						t.Errorf("step %d: DNS name %q beside address %q", n, *i.PublicDnsName, aws.ToString(i.PublicIpAddress))
					}
				}
				if got != step.want {
					t.Errorf("step %d: got %s, want %s", n, got, step.want)
				}
			}
		})
	}
}

func TestRebootsAreCounted(t *testing.T) {
	r := newRig(t, "")
	for range 2 {
		if err := rebooting(runningID)(t.Context(), r.ec2); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.instance(runningID).Reboots; got != 2 {
		t.Errorf("got %d reboots, want 2", got)
	}
}

// A call for several instances succeeds for all of them or changes none.
func TestChangeIsAllOrNothing(t *testing.T) {
	r := newRig(t, "")
	if got := codeOf(rebooting(runningID, stoppedID)(t.Context(), r.ec2)); got != "400 IncorrectInstanceState" {
		t.Errorf("got %s", got)
	}
	if got := codeOf(halting(runningID, "i-0a1b2c3d")(t.Context(), r.ec2)); got != "400 InvalidInstanceID.NotFound" {
		t.Errorf("got %s", got)
	}
	if i := r.instance(runningID); i.State != "running" || i.Reboots != 0 {
		t.Errorf("the instance is %s with %d reboots", i.State, i.Reboots)
	}
}

// Other calls do not find a new instance for a while: EC2 is eventually consistent.
func TestNewInstanceIsNotFoundAtFirst(t *testing.T) {
	r := newRig(t, `{"instances":[],"images":["ami-0a1b2c3d4e5f60000"],"timing":{"visible_after":"5s"}}`)
	withToken := launching(func(in *ec2.RunInstancesInput) { in.ClientToken = aws.String("a") })
	if err := withToken(t.Context(), r.ec2); err != nil {
		t.Fatal(err)
	}
	id := r.State().Instances[0].ID
	look := describing(func(in *ec2.DescribeInstancesInput) { in.InstanceIds = []string{id} })
	all := func() string {
		if err := describing(func(*ec2.DescribeInstancesInput) {})(t.Context(), r.ec2); err != nil {
			t.Fatal(err)
		}
		return r.last()
	}
	for _, call := range []ec2Call{look, halting(id), terminating(id)} {
		if got := codeOf(call(t.Context(), r.ec2)); got != "400 InvalidInstanceID.NotFound" {
			t.Errorf("got %s", got)
		}
	}
	if got := all(); got != "200 0 instances" {
		t.Errorf("listed: %s", got)
	}
	if err := withToken(t.Context(), r.ec2); err != nil || !strings.HasSuffix(r.last(), id+" pending") {
		t.Errorf("the launch itself is not found again: %v, %s", err, r.last())
	}
	r.pass(5 * time.Second)
	if err := look(t.Context(), r.ec2); err != nil {
		t.Error(err)
	}
	if got := all(); got != "200 "+id+" pending" {
		t.Errorf("listed: %s", got)
	}
}

func TestDescribeFilters(t *testing.T) {
	filter := func(name string, values ...string) types.Filter {
		return types.Filter{Name: aws.String(name), Values: values}
	}
	tests := []struct {
		name    string
		filters []types.Filter
		want    string
	}{
		{"by id", []types.Filter{filter("instance-id", stoppedID)}, "1"},
		{"by one of two ids", []types.Filter{filter("instance-id", stoppedID, runningID)}, "1 2"},
		{"by client token", []types.Filter{filter("client-token", "token-a")}, "3"},
		{"by an unknown token", []types.Filter{filter("client-token", "token-b")}, ""},
		{"by state", []types.Filter{filter("instance-state-name", "running")}, "2"},
		{"by state code", []types.Filter{filter("instance-state-code", "0", "80")}, "1 3"},
		{"by tag", []types.Filter{filter("tag:Name", "test-server")}, "2"},
		{"by tag with a wildcard", []types.Filter{filter("tag:Name", "*-s?rver")}, "2"},
		{"by any value of a tag", []types.Filter{filter("tag:Name", "*")}, "1 2"},
		{"by a tag's key", []types.Filter{filter("tag-key", "Name")}, "1 2"},
		{"by an image", []types.Filter{filter("image-id", imageID)}, "1 2 3"},
		{"by type", []types.Filter{filter("instance-type", "t3.*")}, "1 2 3"},
		{"by key pair", []types.Filter{filter("key-name", "service-desk")}, ""},
		{"by reservation", []types.Filter{filter("reservation-id", "r-0fa11bac0ffee0004")}, "3"},
		{"by address", []types.Filter{filter("ip-address", "203.0.113.3")}, "2"},
		{"by DNS name", []types.Filter{filter("dns-name", "ec2-203-0-113-3.*")}, "2"},
		{"by all of several", []types.Filter{filter("tag-key", "Name"), filter("instance-state-name", "stopped")}, "1"},
	}
	r := newRig(t, "")
	if err := launching(func(in *ec2.RunInstancesInput) { in.ClientToken = aws.String("token-a") })(t.Context(), r.ec2); err != nil {
		t.Fatal(err)
	}
	place := map[string]string{stoppedID: "1", runningID: "2", r.State().Instances[2].ID: "3"}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o, err := r.ec2.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{Filters: test.filters})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, reservation := range o.Reservations {
				for _, i := range reservation.Instances {
					got = append(got, place[*i.InstanceId])
				}
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("got %v, want %s", got, test.want)
			}
		})
	}
}

// Pages end where the list ends, and the paginator of the SDK returns each instance once.
func TestDescribePages(t *testing.T) {
	for _, count := range []int32{1, 5, 6, 13} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			r := newRig(t, `{"instances":[],"images":["ami-0a1b2c3d4e5f60000"]}`)
			err := launching(func(in *ec2.RunInstancesInput) { in.MinCount, in.MaxCount = aws.Int32(count), aws.Int32(count) })(t.Context(), r.ec2)
			if err != nil {
				t.Fatal(err)
			}
			seen, pages := map[string]bool{}, 0
			p := ec2.NewDescribeInstancesPaginator(r.ec2, &ec2.DescribeInstancesInput{MaxResults: aws.Int32(5)})
			for p.HasMorePages() {
				o, err := p.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				pages++
				for _, reservation := range o.Reservations {
					for _, i := range reservation.Instances {
						if seen[*i.InstanceId] {
							t.Errorf("%s is used twice", *i.InstanceId)
						}
						seen[*i.InstanceId] = true
					}
				}
			}
			if want := (int(count) + 4) / 5; len(seen) != int(count) || pages != want {
				t.Errorf("got %d instances on %d pages, want %d on %d", len(seen), pages, count, want)
			}
		})
	}
}

// A start and a launch that fail end in another state, with a reason.
func TestStartsThatFail(t *testing.T) {
	r := newRig(t, `{"instances":[{"id":"i-0a1b2c3d4e5f60001","state":"stopped","start_falls_back":"Client.InternalError: Client error on launch"}],
		"images":["ami-0a1b2c3d4e5f60000"],"launches_die":"Client.VolumeLimitExceeded: Volume limit exceeded"}`)
	if err := starting(stoppedID)(t.Context(), r.ec2); err != nil {
		t.Fatal(err)
	}
	made, err := r.ec2.RunInstances(t.Context(), &ec2.RunInstancesInput{
		ImageId: aws.String("ami-0a1b2c3d4e5f60000"), InstanceType: types.InstanceTypeT3Micro, MinCount: aws.Int32(1), MaxCount: aws.Int32(1),
	})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		stoppedID:                     "stopped Client.InternalError Client.InternalError: Client error on launch",
		*made.Instances[0].InstanceId: "terminated Client.VolumeLimitExceeded Client.VolumeLimitExceeded: Volume limit exceeded",
	} {
		for range 2 {
			o, err := r.ec2.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: []string{id}})
			if err != nil {
				t.Fatal(err)
			}
			i := o.Reservations[0].Instances[0]
			if i.StateReason == nil && i.State.Name == "pending" {
				r.pass(20 * time.Second)
				continue
			}
			if got := fmt.Sprint(i.State.Name, " ", aws.ToString(i.StateReason.Code), " ", aws.ToString(i.StateReason.Message)); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	}
}

// The status checks of an instance pass some time after its start, or never. A reboot does not
// change them.
func TestStatusChecks(t *testing.T) {
	r := newRig(t, `{"instances":[{"id":"i-0a1b2c3d4e5f60001","state":"stopped"},{"id":"i-0a1b2c3d4e5f60002"},{"id":"i-0a1b2c3d4e5f60003","checks_fail":true}],
		"images":["ami-0a1b2c3d4e5f60000"],"timing":{"pending":"20s","status_checks":"90s"}}`)
	compare := func(id, want string) {
		t.Helper()
		o, err := r.ec2.DescribeInstanceStatus(t.Context(), &ec2.DescribeInstanceStatusInput{InstanceIds: []string{id}, IncludeAllInstances: aws.Bool(true)})
		if err != nil {
			t.Fatal(err)
		}
		if got := o.InstanceStatuses[0]; string(got.InstanceStatus.Status) != want || string(got.SystemStatus.Status) != want {
			t.Errorf("%s: the checks are %s and %s, want %s", id, got.InstanceStatus.Status, got.SystemStatus.Status, want)
		}
	}
	compare(stoppedID, "not-applicable")
	compare(runningID, "ok")
	compare("i-0a1b2c3d4e5f60003", "impaired")
	if err := starting(stoppedID)(t.Context(), r.ec2); err != nil {
		t.Fatal(err)
	}
	compare(stoppedID, "not-applicable")
	r.pass(20 * time.Second)
	compare(stoppedID, "initializing")
	r.pass(89 * time.Second)
	compare(stoppedID, "initializing")
	r.pass(time.Second)
	compare(stoppedID, "ok")
	if err := rebooting(stoppedID)(t.Context(), r.ec2); err != nil {
		t.Fatal(err)
	}
	compare(stoppedID, "ok")
}
