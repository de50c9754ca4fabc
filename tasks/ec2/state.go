package ec2

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// An instanceInput is the parameter of every operation on an instance that exists.
type instanceInput struct {
	InstanceID string `json:"instance_id" title:"Instance ID" required:"true" doc:"The instance, such as i-0a1b2c3d4e5f60001."`
}

// A currentState is what an instance is in after an operation.
type currentState struct {
	State string `json:"current_instance_state" title:"Current Instance State" doc:"The instance's state now: pending, running, stopping, stopped, shutting-down or terminated."`
	Code  int    `json:"current_instance_state_code" title:"Current Instance State Code" doc:"The same as EC2's number: 0 pending, 16 running, 32 shutting-down, 48 terminated, 64 stopping, 80 stopped."`
}

// A previousState is what an instance was in before an operation.
type previousState struct {
	Previous     string `json:"previous_instance_state" title:"Previous Instance State" doc:"The instance's state before the operation."`
	PreviousCode int    `json:"previous_instance_state_code" title:"Previous Instance State Code" doc:"The same as EC2's number."`
}

// An address is how an instance is reached from outside. EC2 gives it to a new instance only once it runs.
type address struct {
	DNSName   *string `json:"public_dns_name" title:"Public DNS Name" doc:"The public DNS name; null until the instance runs, and where it has none."`
	IPAddress *string `json:"public_ip_address" title:"Public DNS IP Address" doc:"The public IP address; null until the instance runs, and where it has none."`
}

// stateOf reads a state. EC2 uses the upper byte of the number for itself.
func stateOf(s *types.InstanceState) currentState {
	if s == nil {
		return currentState{}
	}
	return currentState{State: string(s.Name), Code: int(aws.ToInt32(s.Code)) & 0xff}
}

func addressOf(i types.Instance) address {
	return address{DNSName: orNull(i.PublicDnsName), IPAddress: orNull(i.PublicIpAddress)}
}

// orNull makes an empty text, which EC2 sends for what is not there yet, a null.
func orNull(text *string) *string {
	if aws.ToString(text) == "" {
		return nil
	}
	return text
}

// codeOf returns EC2's number of a state, for a state that is known by name only.
func codeOf(state string) int {
	switch state {
	case "running":
		return 16
	case "shutting-down":
		return 32
	case "terminated":
		return 48
	case "stopping":
		return 64
	case "stopped":
		return 80
	}
	return 0 // pending
}
