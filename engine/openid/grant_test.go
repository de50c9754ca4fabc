package openid

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"errand/engine/access"
)

// What a person may do follows from the groups.
func TestGroups(t *testing.T) {
	for name, test := range map[string]struct {
		claims    map[string]any
		config    func(*Config)
		roles     string
		groups    []string
		workflows []string
	}{
		"groups that differ by case":       {claims: map[string]any{"groups": []string{" OPERATORS "}}, roles: "[approver operator]", groups: nil},
		"groups that differ by case only":  {claims: map[string]any{"groups": []string{"OPERATORS", "operators"}}, roles: "[approver operator]", groups: []string{"OPERATORS"}},
		"one text":                         {claims: map[string]any{"groups": "operators"}, roles: "[approver operator]", groups: []string{"operators"}},
		"a requester":                      {claims: map[string]any{"groups": []string{"desk"}}, roles: "[requester]", groups: []string{"desk"}, workflows: []string{"start-instance", "stop-instance"}},
		"a requester of two groups":        {claims: map[string]any{"groups": []string{"night desk", "Desk"}}, roles: "[requester]", groups: []string{"night desk", "Desk"}, workflows: []string{"restart-instance", "start-instance", "stop-instance"}},
		"a requester who is also operator": {claims: map[string]any{"groups": []string{"desk", "operators"}}, roles: "[requester approver operator]", groups: []string{"desk", "operators"}},
		"a group that cannot be shown":     {claims: map[string]any{"groups": []string{"operators", "a\u200bb", "\u200b", ""}}, roles: "[approver operator]", groups: []string{"operators"}},
		"another claim":                    {claims: map[string]any{"groups": nil, "roles": []string{"operators"}}, config: func(c *Config) { c.Groups = "roles" }, roles: "[approver operator]", groups: []string{"operators"}},
		"another claim is somewhere else":  {claims: map[string]any{"_claim_names": map[string]any{"photos": "a"}, "_claim_sources": map[string]any{"a": map[string]any{"endpoint": "https://graph.example.com"}}}, roles: "[approver operator]", groups: []string{"operators", "staff"}},
		"the domain of the account (Google)": {claims: map[string]any{"groups": nil, "hd": "example.com"}, config: func(c *Config) {
			c.Groups, c.Roles = "hd", map[string][]access.Role{"example.com": {access.Designer}}
		}, roles: "[designer]", groups: []string{"example.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.claims = test.claims
			c := f.config()
			if test.config != nil {
				test.config(&c)
			}
			got, err := f.signIn(f.provider(c))
			if err != nil || fmt.Sprint(got.Roles) != test.roles || fmt.Sprintf("%q", got.Groups) != fmt.Sprintf("%q", test.groups) || !reflect.DeepEqual(got.Workflows, test.workflows) {
				t.Errorf("signed in %+v, %v", got, err)
			}
		})
	}
}

func TestWithoutRoles(t *testing.T) {
	many := make([]string, 30)
	for i := range many {
		many[i] = fmt.Sprintf("group %d", i)
	}
	overage := map[string]any{"groups": nil, "_claim_names": map[string]any{"groups": "src1"}, "_claim_sources": map[string]any{"src1": map[string]any{"endpoint": "https://graph.example.com/canary"}}}
	for name, test := range map[string]struct {
		claims map[string]any
		code   Code
		said   []string
	}{
		"no groups":               {map[string]any{"groups": nil}, CodeRoles, []string{"sent no groups", `the claim "groups"`, `"roles"`}},
		"null":                    {map[string]any{"groups": []any{nil}}, CodeRoles, []string{"sent no groups"}},
		"other groups":            {map[string]any{"groups": []string{"/staff", "a\x1b<b>"}}, CodeRoles, []string{"\"/staff\", \"a\uFFFD<b>\"", `"roles"`}},
		"many groups":             {map[string]any{"groups": many}, CodeRoles, []string{`"group 19" and 10 more`}},
		"more groups than fit":    {overage, CodeRoles, []string{"more groups than the provider sends"}},
		"groups that are numbers": {map[string]any{"groups": []int{1}}, CodeSettings, []string{"neither a list of texts nor a text"}},
		"groups with names":       {map[string]any{"groups": map[string]any{"operators": true}}, CodeSettings, []string{"neither a list of texts nor a text"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.claims = test.claims
			_, err := f.signIn(f.provider(f.config()))
			f.checkRefused(err, test.code, test.said...)
		})
	}
}

func TestPersons(t *testing.T) {
	for name, test := range map[string]struct {
		claim  string
		claims map[string]any
		want   string // empty: refused
		said   string
	}{
		"the user name":                      {"", nil, "kim", ""},
		"an email without a user name":       {"", map[string]any{"preferred_username": nil}, "kim@example.com", ""},
		"an email with nothing about it":     {"", map[string]any{"preferred_username": "", "email_verified": nil}, "kim@example.com", ""},
		"an email that is verified, as text": {"email", map[string]any{"email_verified": "true"}, "kim@example.com", ""},
		"an email that is not verified":      {"", map[string]any{"preferred_username": nil, "email_verified": false}, "", "only if it is verified"},
		"an email that is not, as text":      {"email", map[string]any{"email_verified": "False"}, "", "only if it is verified"},
		"an email and nonsense about it":     {"email", map[string]any{"email_verified": []bool{true}}, "", "only if it is verified"},
		"another claim":                      {"name", map[string]any{"name": "Kim Ö."}, "Kim Ö.", ""},
		"another claim that is missing":      {"upn", nil, "", `the claim "upn"`},
		"a number":                           {"oid", map[string]any{"oid": 7}, "", `the claim "oid"`},
		"the name of a role":                 {"", map[string]any{"preferred_username": "Admin"}, "", `"Admin", which cannot be`},
		"the name of a role in wide letters": {"", map[string]any{"preferred_username": "ａｄｍｉｎ"}, "", "cannot be"},
		"a name that does not show as it is": {"", map[string]any{"preferred_username": "k\u202eim"}, "", "cannot be"},
		"a name that is too long":            {"", map[string]any{"preferred_username": strings.Repeat("k", 201)}, "", "cannot be"},
		"a name with a space around it":      {"", map[string]any{"preferred_username": " kim"}, "", "cannot be"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			if test.claims != nil {
				f.claims = test.claims
			}
			c := f.config()
			c.Person = test.claim
			got, err := f.signIn(f.provider(c))
			if test.want == "" {
				f.checkRefused(err, CodePerson, test.said)
			} else if err != nil || got.Person != test.want {
				t.Errorf("signed in %+v, %v", got, err)
			}
		})
	}
}

// An email that is not verified gives no roles.
func TestAnEmailAsGroup(t *testing.T) {
	for _, verified := range []bool{true, false} {
		f := newFake(t)
		f.claims = map[string]any{"email_verified": verified}
		c := f.config()
		c.Groups, c.Roles, c.Workflows = "email", map[string][]access.Role{"Kim@example.com": {access.Admin}}, nil
		got, err := f.signIn(f.provider(c))
		if verified && (err != nil || !got.Has(access.Admin)) {
			t.Errorf("signed in %+v, %v", got, err)
		} else if !verified {
			f.checkRefused(err, CodeRoles, "no groups")
		}
	}
}

// A configuration that no file can have.
func TestARequesterWithoutWorkflows(t *testing.T) {
	f := newFake(t)
	c := f.config()
	c.Roles = map[string][]access.Role{"operators": {access.Requester}}
	_, err := f.signIn(f.provider(c))
	f.checkRefused(err, CodeSettings, "workflows")
}
