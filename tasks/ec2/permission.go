package ec2

import "errand/engine/task"

// What IAM must grant for each request. The sources are the Service Authorization Reference,
// "Actions, resources, and condition keys for Amazon EC2", which lists the resources of each
// action, and says that the actions that describe are granted for all resources or for none; and
// the EC2 User Guide, "Grant permission to tag Amazon EC2 resources during creation": tags given at
// a launch need CreateTags, which can be granted for launches only.
//
// PassRole is a right to the role of an instance profile, whose name cannot be seen here: the
// administrator can narrow it to that role.
//
// An account may need more rights, which cannot be seen here: the right to a customer's own KMS key
// if volumes are encrypted with one, sts:AssumeRole if the credential names a role, and the rights
// to what a launch template adds, such as an instance profile or tags of volumes.

const (
	describeInstances = "ec2:DescribeInstances"
	describeStatus    = "ec2:DescribeInstanceStatus"
)

func toDescribe() task.Permission {
	return task.Permission{Action: describeInstances, Resources: []string{"*"}}
}

// toCheck returns the right to read the status checks, which is needed only to wait for them.
func toCheck() task.Permission {
	return task.Permission{Action: describeStatus, Resources: []string{"*"}, If: task.Condition{Parameter: "wait_for", Value: ready}}
}

func toLaunch() []task.Permission {
	return []task.Permission{
		toDescribe(),
		{Action: "ec2:RunInstances", Resources: []string{
			arn + ":image/{ami_id}", // without an account: anybody may own an image
			arn + "*:instance/*", arn + "*:key-pair/*", arn + "*:network-interface/*", arn + "*:security-group/*", arn + "*:subnet/*",
			arn + "*:volume/*",
		}},
		{Action: "ec2:RunInstances", Resources: []string{arn + "*:launch-template/*"}, If: task.Condition{Parameter: "launch_template"}},
		{Action: "iam:PassRole", Resources: []string{"arn:{" + task.Partition + "}:iam::*:role/*"}, As: "ec2", If: task.Condition{Parameter: "instance_profile"}},
		toCheck(),
		{Action: "ec2:CreateTags", Resources: []string{arn + "*:instance/*"}, As: "RunInstances"},
	}
}

// onInstance returns the rights to an action on the instance that the input names, and to look at
// it.
func onInstance(action string) []task.Permission {
	return []task.Permission{toDescribe(), {Action: action, Resources: []string{arn + "*:instance/{instance_id}"}}}
}

// arn is what the ARNs of EC2's resources begin with.
const arn = "arn:{" + task.Partition + "}:ec2:{" + task.Region + "}:"

// theInstance says what most operations act on.
const theInstance = "EC2 instance {instance_id}"
