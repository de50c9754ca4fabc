package sandbox

import (
	"slices"
	"strings"
)

const profilePrefix = "arn:aws:iam::" + owner + ":instance-profile/"

// profileARN returns the ARN of an instance profile.
func profileARN(name string) string { return profilePrefix + name }

// profile reads the instance profile of a launch, which has a name or an ARN, and returns its name.
// The name of a profile of another account is its ARN, so the account does not have it.
func (p *params) profile() string {
	name, arn := p.text("IamInstanceProfile.Name"), p.text("IamInstanceProfile.Arn")
	switch {
	case name != "" && arn != "":
		p.refuse("InvalidParameterCombination", "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'")
	case arn != "":
		return strings.TrimPrefix(arn, profilePrefix)
	}
	return name
}

// checkProfile refuses an instance profile that the account does not have.
func (c *cloud) checkProfile(name string) *refusal {
	switch {
	case name == "" || slices.Contains(c.profiles, name):
		return nil
	case strings.HasPrefix(name, "arn:"):
		return newRefusal("InvalidParameterValue", "Value (%s) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN", name)
	}
	return newRefusal("InvalidParameterValue", "Value (%s) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name", name)
}
