package ec2

import (
	"strconv"
	"strings"
	"unicode"

	"errand/engine/task"
)

// fit checks the form of a credential's values. Requests are signed with the keys or with the
// credentials of a profile. Keys, a profile or the credentials of the environment can assume a
// role.
func fit(v task.Values) []task.Check {
	var wrong []task.Check
	refuse := func(parameter, why string) { wrong = append(wrong, task.Check{Parameter: parameter, Message: why}) }
	has := func(parameter string) bool { return !v[parameter].IsZero() }
	switch {
	case !has(accessKeyID) && !has(secretAccessKey) && !has(profile) && !has(roleARN):
		refuse(accessKeyID, "is missing")
		refuse(secretAccessKey, "is missing; profile or role_arn can replace both")
	case has(accessKeyID) && !has(secretAccessKey):
		refuse(secretAccessKey, "is missing; access_key_id needs it")
	case !has(accessKeyID) && has(secretAccessKey):
		refuse(accessKeyID, "is missing; secret_access_key needs it")
	}
	switch temporary := strings.HasPrefix(v.Reveal(accessKeyID), "ASIA"); {
	case temporary && !has(sessionToken):
		refuse(sessionToken, "is missing; an access_key_id that begins with ASIA belongs to temporary keys, which need it")
	case has(sessionToken) && !has(accessKeyID):
		refuse(sessionToken, "is only used with access_key_id, which is missing")
	}
	if has(profile) && (has(accessKeyID) || has(secretAccessKey)) {
		refuse(profile, "cannot be combined with access_key_id and secret_access_key; give one or the other")
	}
	if has(roleARN) && !isRole(v.Reveal(roleARN)) {
		refuse(roleARN, "is not the ARN of a role; write it like arn:aws:iam::123456789012:role/errand")
	}
	switch {
	case has(externalID) && !has(roleARN):
		refuse(externalID, "is only used with role_arn, which is missing")
	case has(externalID) && !isExternal(v.Reveal(externalID)):
		refuse(externalID, "is not an external id; write 2 to 1224 letters, digits and characters of _+=,.@:/-")
	}
	to, err := parseEndpoint(v.Reveal(regionEndpoint))
	if has(regionEndpoint) && err != nil {
		refuse(regionEndpoint, err.Error())
	}
	switch region := v.Reveal(regionName); {
	case !has(regionName):
	case !isRegion(region):
		refuse(regionName, "is not a region; write it like "+defaultRegion)
	case has(regionEndpoint) && to.region != "" && to.region != region:
		refuse(regionName, "is not the region of region_endpoint, "+to.region)
	}
	if separator, wrong := wrongSeparator(v.Reveal(securityGroupIDs)); wrong {
		refuse(securityGroupIDs, "are separated by "+separator+"; separate them with commas")
	}
	return wrong
}

// wrongSeparator returns what separates security groups, in words, if that is not a comma.
func wrongSeparator(groups string) (string, bool) {
	for _, word := range words(groups) {
		at := strings.IndexFunc(word, func(r rune) bool {
			return r != '-' && r != '_' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
		})
		if at < 0 {
			continue
		}
		if r := []rune(word[at:])[0]; !unicode.IsSpace(r) {
			return strconv.QuoteRune(r), true
		}
		return "blanks", true
	}
	return "", false
}

// isRole reports whether a text is the ARN of a role: arn:PARTITION:iam::ACCOUNT:role/PATH.
func isRole(text string) bool {
	parts := strings.SplitN(text, ":", 6)
	return len(parts) == 6 && parts[0] == "arn" && strings.HasPrefix(parts[1], "aws") && parts[2] == "iam" && parts[3] == "" &&
		len(parts[4]) == 12 && strings.Trim(parts[4], "0123456789") == "" && len(parts[5]) > len("role/") && strings.HasPrefix(parts[5], "role/")
}

// isExternal reports whether a text has the form of an external id.
func isExternal(text string) bool {
	return len(text) >= 2 && len(text) <= 1224 && !strings.ContainsFunc(text, func(r rune) bool { return !inSessionName(r) && !strings.ContainsRune("+:/", r) })
}
