package plan

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"errand/engine/pattern"
)

// A Policy is an IAM policy document, as in the user guide ("IAM JSON policy elements reference").
type Policy struct {
	Version   string
	Statement []Statement
}

// String returns the policy as indented JSON. A list with one element is on one line.
func (p *Policy) String() string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	_ = e.Encode(p) // texts always encode
	return alone.Regexp().ReplaceAllString(b.String(), "[$1]")
}

var alone = pattern.New(`\[\n\s+("[^"\n]*")\n\s+\]`)

// A Statement allows actions on resources.
type Statement struct {
	Effect    string
	Action    []string
	Resource  []string
	Condition map[string]map[string]string `json:",omitempty"`
}

// A grant is one action on one resource. as is the containing action if the action is granted as a
// part of it only.
type grant struct{ action, as, resource string }

// policyOf returns the least policy with the grants. All actions with the same resources share a
// statement.
func policyOf(grants []grant) *Policy {
	type part struct{ action, as string }
	var parts []part
	resources := map[part][]string{}
	for _, g := range grants {
		p := part{g.action, g.as}
		if !slices.Contains(parts, p) {
			parts = append(parts, p)
		}
		if slices.ContainsFunc(resources[p], func(have string) bool { return covers(have, g.resource) }) {
			continue
		}
		resources[p] = append(slices.DeleteFunc(resources[p], func(have string) bool { return covers(g.resource, have) }), g.resource)
	}
	slices.SortFunc(parts, func(a, b part) int { return strings.Compare(a.action+" "+a.as, b.action+" "+b.as) })
	made := &Policy{Version: "2012-10-17"}
	as := []string{} // as of each statement
	for _, p := range parts {
		slices.Sort(resources[p])
		i := slices.IndexFunc(made.Statement, func(s Statement) bool { return slices.Equal(s.Resource, resources[p]) })
		if i >= 0 && as[i] == p.as {
			made.Statement[i].Action = append(made.Statement[i].Action, p.action)
			continue
		}
		s := Statement{Effect: "Allow", Action: []string{p.action}, Resource: resources[p]}
		if p.as != "" {
			s.Condition = conditionOf(p.action, p.as)
		}
		made.Statement, as = append(made.Statement, s), append(as, p.as)
	}
	return made
}

// conditionOf returns the condition of an action that is granted as a part of another one, or of the
// right to pass a role, which is granted for one service. The name of a service ends in another
// suffix in some partitions.
func conditionOf(action, as string) map[string]map[string]string {
	if action == "iam:PassRole" {
		return map[string]map[string]string{"StringLike": {"iam:PassedToService": as + ".amazonaws.com*"}}
	}
	return map[string]map[string]string{"StringEquals": {"ec2:CreateAction": as}}
}

// covers reports whether a resource pattern includes another resource.
func covers(pattern, resource string) bool {
	before, open := strings.CutSuffix(pattern, "*")
	return pattern == resource || open && strings.HasPrefix(resource, before)
}

// partition returns the partition of AWS that contains a region.
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}
