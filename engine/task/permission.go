package task

// A Permission is a right that a type's requests need, whatever way a call takes: a look before a repeat counts, too.
type Permission struct {
	Action string // of AWS IAM, such as "ec2:StartInstances"; in words where the system has no name for it, such as "add worklogs"

	// Resources are what IAM is to grant the action for: ARNs with parameters of the input in braces, besides Region and Partition, or
	// "*". One whose value is not known stands for any. Empty: the right is not IAM's.
	Resources []string

	// As is the action as a part of which IAM is to grant this one, and not by itself: tags only while an instance is launched. It is
	// the value of the condition key ec2:CreateAction, for EC2's CreateTags.
	As string
}

// What may stand in a resource's braces beside parameters. They are the administrator's to say.
const (
	Region    = "aws_region"
	Partition = "aws_partition"
)

// A Permit is what a system said when it was asked whether it would permit an action.
type Permit struct {
	Action  string        `json:"action"`
	Verdict PermitVerdict `json:"verdict"`
	Reason  string        `json:"reason,omitempty"` // why it is not permitted, or not known
}

// A PermitVerdict is the answer.
type PermitVerdict string

// The answers.
const (
	Permitted  PermitVerdict = "permitted"
	Refused    PermitVerdict = "not permitted"
	NotKnown   PermitVerdict = "not known"
	Unprovided PermitVerdict = "no credential" // there is none to ask with, or it was not taken
)
