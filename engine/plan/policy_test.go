package plan

import (
	"slices"
	"strings"
	"testing"
)

// A policy has no redundant parts. A resource that another one covers is left out. Actions with the
// same resources share a statement, unless one of them is granted only as a part of another.
func TestPolicyOfGrants(t *testing.T) {
	cases := []struct {
		name   string
		grants []grant
		want   []string // statements: actions, resources and the condition
	}{
		{"one", []grant{{"a:B", "", "r/1"}}, []string{"a:B r/1"}},
		{"twice the same", []grant{{"a:B", "", "r/1"}, {"a:B", "", "r/1"}}, []string{"a:B r/1"}},
		{"any and one", []grant{{"a:B", "", "r/*"}, {"a:B", "", "r/1"}}, []string{"a:B r/*"}},
		{"one and any", []grant{{"a:B", "", "r/1"}, {"a:B", "", "s/1"}, {"a:B", "", "r/*"}}, []string{"a:B r/*,s/1"}},
		{"everything", []grant{{"a:B", "", "r/1"}, {"a:B", "", "*"}, {"a:B", "", "s/1"}}, []string{"a:B *"}},
		{"the same resources", []grant{{"a:C", "", "r/1"}, {"a:B", "", "r/1"}, {"a:D", "", "r/2"}}, []string{"a:B,a:C r/1", "a:D r/2"}},
		{"a role", []grant{{"a:B", "", "r/*"}, {"iam:PassRole", "ec2", "r/*"}}, []string{"a:B r/*", "iam:PassRole r/* to ec2.amazonaws.com*"}},
		{"as a part", []grant{{"a:C", "D", "r/1"}, {"a:B", "", "r/1"}, {"a:C", "", "r/2"}}, []string{"a:B r/1", "a:C r/2", "a:C r/1 as D"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, s := range policyOf(c.grants).Statement {
				text := strings.Join(s.Action, ",") + " " + strings.Join(s.Resource, ",")
				if as := s.Condition["StringEquals"]["ec2:CreateAction"]; as != "" {
					text += " as " + as
				}
				if to := s.Condition["StringLike"]["iam:PassedToService"]; to != "" {
					text += " to " + to
				}
				got = append(got, text)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
