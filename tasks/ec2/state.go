package ec2

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"errand/engine/task"
)

// An instanceInput is the parameter of every operation on an existing instance.
type instanceInput struct {
	InstanceID string `json:"instance_id" title:"Instance ID" required:"true" doc:"The instance's identifier, such as i-0a1b2c3d4e5f60001."`
}

var instanceRule = task.Form("an identifier such as i-0a1b2c3d4e5f60001", `\S`, "instance_id")

// A currentState is the state of an instance after an operation.
type currentState struct {
	State string `json:"current_instance_state" title:"Current Instance State" enum:"pending,running,stopping,stopped,shutting-down,terminated" doc:"The current state of the instance: pending, running, stopping, stopped, shutting-down or terminated."`
	Code  int    `json:"current_instance_state_code" title:"Current Instance State Code" doc:"The state as EC2's number: 0 pending, 16 running, 32 shutting-down, 48 terminated, 64 stopping, 80 stopped."`
}

// A previousState is the state of an instance before an operation.
type previousState struct {
	Previous     string `json:"previous_instance_state" title:"Previous Instance State" enum:"pending,running,stopping,stopped,shutting-down,terminated" doc:"The state of the instance before the operation."`
	PreviousCode int    `json:"previous_instance_state_code" title:"Previous Instance State Code" doc:"The state before the operation as EC2's number."`
}

// An address is how an instance is reached from outside. EC2 assigns it when the instance runs.
type address struct {
	DNSName   *string `json:"public_dns_name" title:"Public DNS Name" doc:"The public DNS name, or null if the instance does not run yet or has none."`
	IPAddress *string `json:"public_ip_address" title:"Public DNS IP Address" doc:"The public IP address, or null if the instance does not run yet or has none."`
}

// A details holds what else is known of an instance.
type details struct {
	PrivateIP   *string `json:"private_ip_address" title:"Private IP Address" doc:"The private IP address, or null if the instance has none. In most companies an instance is reached by it."`
	PrivateDNS  *string `json:"private_dns_name" title:"Private DNS Name" doc:"The private DNS name, or null if the instance has none."`
	IPv6        *string `json:"ipv6_address" title:"IPv6 Address" doc:"The IPv6 address, or null if the instance has none."`
	KeyPair     *string `json:"key_pair_name" title:"Key Pair Name" doc:"The key pair for logging in, or null if the instance was launched without one."`
	Zone        *string `json:"availability_zone" title:"Availability Zone" doc:"The availability zone that the instance is in, such as us-east-1a."`
	StateReason *string `json:"state_reason" title:"State Reason" doc:"Why the instance is in its state, in EC2's words, or null if EC2 gives no reason."`
}

func detailsOf(i types.Instance) details {
	d := details{
		PrivateIP: orNull(i.PrivateIpAddress), PrivateDNS: orNull(i.PrivateDnsName), IPv6: orNull(i.Ipv6Address),
		KeyPair: orNull(i.KeyName), StateReason: stateReason(i),
	}
	if i.Placement != nil {
		d.Zone = orNull(i.Placement.AvailabilityZone)
	}
	return d
}

// isState reports whether an answer holds a state of an instance.
func isState(s *types.InstanceState) bool {
	return s != nil && slices.Contains(s.Name.Values(), s.Name)
}

// isPassing reports whether a state ends by itself.
func isPassing(state string) bool {
	return state == "pending" || state == "stopping" || state == "shutting-down"
}

// stateOf converts a state. EC2 uses the upper byte of the number internally.
func stateOf(s *types.InstanceState) currentState {
	if s == nil {
		return currentState{}
	}
	return currentState{State: string(s.Name), Code: int(aws.ToInt32(s.Code)) & 0xff}
}

func addressOf(i types.Instance) address {
	return address{DNSName: orNull(i.PublicDnsName), IPAddress: orNull(i.PublicIpAddress)}
}

// orNull returns nil for an empty text, which EC2 sends for a value that it has not got yet.
func orNull(text *string) *string {
	if aws.ToString(text) == "" {
		return nil
	}
	return text
}

// codeOf returns EC2's number of a state that is known by name only.
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
