package ec2

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"

	"errand/engine/task"
)

type createInput struct {
	AMIID           string            `json:"ami_id" title:"AMI ID" doc:"The image to launch, such as ami-0a1b2c3d4e5f60000. With a launch template, it replaces the template's image."`
	InstanceType    string            `json:"instance_type" title:"Instance Type" default:"t1.micro" unless:"launch_template" discouraged:"t1.micro=it is a legacy type that most accounts can no longer launch; t3.micro is its successor" doc:"The type of the instance, such as t3.micro. With a launch template, it replaces the template's type."`
	InstanceName    string            `json:"instance_name" title:"Instance Name" required:"true" doc:"The instance's name, which becomes its tag Name."`
	KernelID        string            `json:"kernel_id" title:"Kernel ID" doc:"The kernel to launch with. Only old images need one."`
	RAMDiskID       string            `json:"ram_disk_id" title:"RAM Disk ID" doc:"The RAM disk to launch with. Some kernels need one for their drivers."`
	Monitoring      *bool             `json:"enable_basic_monitoring" title:"Enable Basic Monitoring" doc:"Every instance has basic monitoring, which is free. true requests that it has no other, whatever its launch template says. false changes nothing: only detailed_monitoring requests detailed monitoring, which costs money."`
	ClientToken     string            `json:"client_token" title:"Client Token" doc:"Identifies the request, so that EC2 does not create a second instance if the request is repeated. At most 64 ASCII characters, case-sensitive. If unset, a token is made from the run and the step. EC2 refuses a token that a launch with other parameters has used, and the tags of an instance name its run: so every run needs a token of its own."`
	InstanceTag1    string            `json:"instance_tag_1" title:"Instance Tag #1" doc:"A tag, as name=value."`
	InstanceTag2    string            `json:"instance_tag_2" title:"Instance Tag #2" doc:"A tag, as name=value."`
	InstanceTag3    string            `json:"instance_tag_3" title:"Instance Tag #3" doc:"A tag, as name=value."`
	InstanceTag4    string            `json:"instance_tag_4" title:"Instance Tag #4" doc:"A tag, as name=value."`
	InstanceTag5    string            `json:"instance_tag_5" title:"Instance Tag #5" doc:"A tag, as name=value."`
	Tags            map[string]string `json:"tags" title:"Tags" doc:"Further tags, as names and values. An instance has at most 50 tags, with its name and the two by which Errand finds it, errand:run and errand:step."`
	SubnetID        string            `json:"subnet_id" title:"Subnet ID" doc:"The subnet to launch into, such as subnet-0a1b2c3d4e5f60000. If unset, EC2 takes one of the default VPC; an account without a default VPC needs it, or a launch template with a subnet."`
	LaunchTemplate  string            `json:"launch_template" title:"Launch Template" doc:"A launch template: its identifier, such as lt-0a1b2c3d4e5f60000, or its name. A version may follow a colon: web:3, web:$Latest; without one, the template's default version is used. What the step and its credential set replaces what the template says."`
	InstanceProfile string            `json:"instance_profile" title:"Instance Profile" doc:"The IAM instance profile whose role the programs on the instance have: its name or its ARN."`
	UserData        string            `json:"user_data" title:"User Data" doc:"What the instance runs or reads when it first starts, as plain text of at most 16 KiB. It must not contain a secret: whoever may describe the instance, and every program on it, can read it, and so can everybody who sees the run."`
	Detailed        bool              `json:"detailed_monitoring" title:"Detailed Monitoring" doc:"true requests detailed monitoring, which costs money. false changes nothing."`
	WaitFor         string            `json:"wait_for" title:"Wait For" enum:"accepted,running,ready" doc:"When the step succeeds: by default (accepted) when EC2 has accepted the launch, when the instance is running, or when it is ready, which means that its status checks have passed, too."`
}

type createOutput struct {
	ClientToken   string `json:"client_token" title:"Client Token" doc:"The client token of the request."`
	ReservationID string `json:"reservation_id" title:"Reservation ID" doc:"The reservation that the instance belongs to."`
	InstanceID    string `json:"instance_id" title:"Instance Identifier" doc:"The identifier of the new instance."`
	OwnerID       string `json:"owner_id" title:"Owner ID" doc:"The AWS account that owns the reservation."`
	address
	State string `json:"instance_state" title:"Instance State" enum:"pending,running,stopping,stopped,shutting-down,terminated" doc:"The state of the instance; pending, unless wait_for waits for more."`
	Code  int    `json:"instance_state_code" title:"Instance State Code" doc:"The state as EC2's number: 0 pending, 16 running."`
	details

	checked bool
	waiting bool // the step still waits, so the state may change
}

// Summary names the new instance.
func (o createOutput) Summary() string {
	if o.waiting {
		return "instance " + o.InstanceID + " was created"
	}
	text := "instance " + o.InstanceID + " was created and is " + o.State
	if o.checked {
		text += ", status checks passed"
	}
	return text
}

// createInstance launches one instance and then waits until EC2 shows it to other requests, which
// takes a moment. The request has a client token, so that a repeat makes no second instance. The
// answer is kept in a note, so that the launch is not sent again once it was answered.
func createInstance(c *clients) task.Type {
	t := task.Define("ec2.create_instance",
		"Launches one instance of an image. By default the step succeeds while the instance is still pending and has no address yet; wait_for waits for more.", task.Keyed,
		func(ctx context.Context, call task.Call, in createInput) (createOutput, error) {
			l := launch{call: call, in: in}
			if call.Note != "" && json.Unmarshal([]byte(call.Note), &l.launchNote) != nil {
				return createOutput{}, badNote()
			}
			request := l.request()
			var err error
			l.account, err = c.account(ctx, call)
			switch {
			case call.Note == "" && err != nil:
				return createOutput{}, err
			case call.Note == "":
				return createOutput{}, l.send(ctx, request)
			case in.WaitFor == "running" || in.WaitFor == ready:
				return l.await(ctx, err)
			case err != nil:
				return l.Made, nil //nolint:nilerr // the instance exists and only cannot be read
			}
			return l.confirm(ctx)
		})
	t.Awaits = waitFor
	t.Ask = c.asker(func(call task.Call) ([]question, error) {
		in, err := inputOf[createInput](call)
		if err != nil {
			return nil, err
		}
		request := (&launch{call: call, in: in}).request()
		request.DryRun, request.ClientToken = aws.Bool(true), nil // the launch itself needs the token
		return append([]question{{"ec2:RunInstances", func(ctx context.Context, a *account) error {
			a.addDefaults(request)
			_, err := send(ctx, a, a.ec2.RunInstances, request)
			return err
		}}}, askChecks(in.WaitFor)...), nil
	})
	return t.WithChange(task.Change{Verb: task.Creates, What: "EC2 instance {instance_name}", Done: "launched"}, toLaunch()...).WithRules(launchRules()...)
}
