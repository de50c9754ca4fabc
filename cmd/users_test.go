package cmd_test

import (
	"cmp"

	"errand/cmd"
)

// people is a directory in which a process belongs to a person.
type people struct{ me string }

// groupsOf are the groups of all people. Ann has none.
var groupsOf = map[string][]string{"ann": {}, "i.meier": {}, "kim": {"operators"}, "lee": {"electricians"}}

// personVariable is who a process of these tests belongs to: Ann if it is not set.
const personVariable = "TEST_PERSON"

// Name implements cmd.Directory.
func (p people) Name(of string) (string, error) {
	name := cmp.Or(of, p.me, "ann")
	if _, known := groupsOf[name]; !known {
		return "", cmd.ErrNoUser
	}
	return name, nil
}

// Groups implements cmd.Directory.
func (people) Groups(of string) ([]string, error) { return groupsOf[of], nil }
