package task

// A Permission is a right that the requests of a type need, in any course of a call: it includes
// the requests of a look before a repeat.
type Permission struct {
	// Action is an IAM action, such as "ec2:StartInstances". For a system without names of actions
	// it is in words: "add worklogs".
	Action string

	// Resources are the resources that IAM must grant the action for: ARNs, or "*". Braces contain
	// a parameter of the input, Region or Partition. A parameter without a known value stands for
	// any value. Empty: the right is not one of IAM.
	Resources []string

	// As is the action that contains this one: IAM grants this action as a part of As only, such as
	// tags while an instance is launched. It is the value of the condition key ec2:CreateAction,
	// for EC2's CreateTags. For iam:PassRole it is the service that the role is passed to. The
	// system is not asked about such an action, because it examines it with the other one.
	As string

	// If says for which calls the right is needed. The zero Condition stands for every call.
	If Condition
}

// A Condition holds for a call whose input sets a parameter to a value, or to any value if Value is
// empty.
type Condition struct{ Parameter, Value string }

// Needed reports whether a call needs the right. value returns a parameter's text, "" if it is not
// set, and reports whether it is known.
func (p Permission) Needed(value func(parameter string) (text string, known bool)) bool {
	if p.If.Parameter == "" {
		return true
	}
	text, known := value(p.If.Parameter)
	return !known || text != "" && (p.If.Value == "" || text == p.If.Value)
}

// Names in a resource's braces that are not parameters. The administrator fills them in.
const (
	Region    = "aws_region"
	Partition = "aws_partition"
)

// A Permit is the answer of a system that was asked whether it would permit an action.
type Permit struct {
	Action  string        `json:"action"`
	Verdict PermitVerdict `json:"verdict"`
	// Reason says why the action is not permitted, or why that is not known.
	Reason string `json:"reason,omitempty"`
}

// A PermitVerdict is the answer in short.
type PermitVerdict string

// The answers.
const (
	Permitted PermitVerdict = "permitted"
	Refused   PermitVerdict = "not permitted"
	NotKnown  PermitVerdict = "not known"
	// Unprovided means that there is no credential to ask with, or that it was rejected.
	Unprovided PermitVerdict = "no credential"
)
