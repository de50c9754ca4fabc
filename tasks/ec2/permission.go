package ec2

import "errand/engine/task"

// What IAM must grant for each request. Which action is granted for which sort of resource, and that those which describe are granted for
// all or none, is of the Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2"; that tags given at a
// launch need CreateTags, and how to grant it for nothing else, of the EC2 User Guide, "Grant permission to tag Amazon EC2 resources
// during creation". What else may be needed depends on the account and cannot be seen here: the right to a customer's own KMS key
// where volumes are encrypted with one, and sts:AssumeRole where the credential names a role.
var (
	describe = task.Permission{Action: "ec2:DescribeInstances", Resources: []string{"*"}}

	launches = []task.Permission{
		describe,
		{Action: "ec2:RunInstances", Resources: []string{
			arn + ":image/{ami_id}", // an image's owner may be anybody, so it has no account
			arn + "*:instance/*", arn + "*:key-pair/*", arn + "*:network-interface/*", arn + "*:security-group/*", arn + "*:subnet/*",
			arn + "*:volume/*",
		}},
		{Action: "ec2:CreateTags", Resources: []string{arn + "*:instance/*"}, As: "RunInstances"},
	}
)

const arn = "arn:{" + task.Partition + "}:ec2:{" + task.Region + "}:"

// onInstance is the right to an action on the instance that the input names, and to look at it.
func onInstance(action string) []task.Permission {
	return []task.Permission{describe, {Action: action, Resources: []string{arn + "*:instance/{instance_id}"}}}
}

// theInstance is what most operations act on.
const theInstance = "EC2 instance {instance_id}"
