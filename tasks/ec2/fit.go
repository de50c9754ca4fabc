package ec2

import (
	"strings"

	"errand/engine/task"
)

// fit says what is wrong with a credential's values. Requests are signed with the keys, or with what a profile of the AWS
// configuration holds; either of the two, or what the environment offers, can assume a role.
func fit(v task.Values) []task.Check {
	var wrong []task.Check
	refuse := func(parameter, why string) { wrong = append(wrong, task.Check{Parameter: parameter, Message: why}) }
	has := func(parameter string) bool { return !v[parameter].IsZero() }
	switch {
	case !has(accessKeyID) && !has(secretAccessKey) && !has(profile) && !has(roleARN):
		refuse(accessKeyID, "is missing")
		refuse(secretAccessKey, "is missing; profile or role_arn can stand in for both")
	case has(accessKeyID) && !has(secretAccessKey):
		refuse(secretAccessKey, "is missing; access_key_id needs it")
	case !has(accessKeyID) && has(secretAccessKey):
		refuse(accessKeyID, "is missing; secret_access_key needs it")
	}
	if has(profile) && (has(accessKeyID) || has(secretAccessKey)) {
		refuse(profile, "cannot stand beside access_key_id and secret_access_key: it takes their place")
	}
	if has(roleARN) && !isRole(v.Reveal(roleARN)) {
		refuse(roleARN, "is not the ARN of a role; write it like arn:aws:iam::123456789012:role/errand")
	}
	switch {
	case has(externalID) && !has(roleARN):
		refuse(externalID, "is for role_arn, which is missing")
	case has(externalID) && !isExternal(v.Reveal(externalID)):
		refuse(externalID, "is not an external id; it has 2 to 1224 letters, digits and _+=,.@:/-")
	}
	if has(regionEndpoint) {
		if _, err := parseEndpoint(v.Reveal(regionEndpoint)); err != nil {
			refuse(regionEndpoint, err.Error())
		}
	}
	return wrong
}

// isRole tells the ARN of a role: arn:PARTITION:iam::ACCOUNT:role/PATH.
func isRole(text string) bool {
	parts := strings.SplitN(text, ":", 6)
	return len(parts) == 6 && parts[0] == "arn" && strings.HasPrefix(parts[1], "aws") && parts[2] == "iam" && parts[3] == "" &&
		len(parts[4]) == 12 && strings.Trim(parts[4], "0123456789") == "" && len(parts[5]) > len("role/") && strings.HasPrefix(parts[5], "role/")
}

func isExternal(text string) bool {
	return len(text) >= 2 && len(text) <= 1224 && !strings.ContainsFunc(text, func(r rune) bool { return !simple(r) && !strings.ContainsRune("+:/", r) })
}
