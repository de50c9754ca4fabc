package access_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine/access"
	_ "errand/engine/goldenfile"
)

// What each role allows. A role that is not in the list, such as the zero Role, allows nothing, and
// nobody has it.
func TestRoles(t *testing.T) {
	for _, test := range []struct {
		roles                   string
		has                     string
		seesAll, mayUse, others bool
	}{
		{"", "", false, false, false},
		{"requester", "requester", false, true, false},
		{"monitor", "monitor", false, false, false},
		{"requester monitor", "requester monitor", false, true, false},
		{"approver", "approver", true, true, true},
		{"operator", "operator", true, true, true},
		{"designer", "designer", false, true, true},
		{"admin", "requester approver operator designer monitor admin", true, true, true},
		{"root", "", false, false, false},
	} {
		t.Run(test.roles, func(t *testing.T) {
			token := access.Token{Workflows: []string{"start"}}
			for r := range strings.FieldsSeq(test.roles) {
				token.Roles = append(token.Roles, access.Role(r))
			}
			var has []string
			for _, r := range access.Roles {
				if token.Has(r) {
					has = append(has, string(r))
				}
			}
			if got := strings.Join(has, " "); got != test.has {
				t.Errorf("has %q, want %q", got, test.has)
			}
			if got := [3]bool{token.SeesAll(), token.MayUse("start"), token.MayUse("stop")}; got != [3]bool{test.seesAll, test.mayUse, test.others} {
				t.Errorf("may %v", got)
			}
			if token.Has() || token.Has("") || token.Has("root") || token.Has(access.Requester, "") != token.Has(access.Requester) {
				t.Error("has a role that does not exist")
			}
		})
	}
}

func TestIsValid(t *testing.T) {
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	roles := []access.Role{access.Monitor}
	for i, test := range []struct {
		token access.Token
		want  bool
	}{
		{access.Token{}, false},
		{access.Token{Roles: roles}, true},
		{access.Token{Roles: roles, Expires: now.Add(1)}, true},
		{access.Token{Roles: roles, Expires: now}, false},
		{access.Token{Roles: roles, Revoked: now.Add(time.Hour)}, false},
	} {
		if got := test.token.IsValid(now); got != test.want {
			t.Errorf("%d: %t", i, got)
		}
	}
}

func TestCheck(t *testing.T) {
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	good := access.Token{Name: "desk", Roles: []access.Role{access.Requester, access.Approver}, Person: "Kim Ö.", Groups: []string{"operators"}, Created: now, Expires: now.Add(1)}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	type edit = func(t *access.Token)
	only := func(r ...access.Role) edit { return func(t *access.Token) { t.Roles = r } }
	name := func(n string) edit { return func(t *access.Token) { t.Name = n } }
	person := func(p string) edit { return func(t *access.Token) { t.Person = p } }
	for _, test := range []struct {
		want  access.Rule // empty: the token is good
		value string
		edit  edit
	}{
		{"", "", name("0")}, {"", "", name("a.b-c_d" + strings.Repeat("9", 57))},
		{access.RuleName, "", name("")}, {access.RuleName, "Desk", name("Desk")}, {access.RuleName, "-desk", name("-desk")}, {access.RuleName, "dé", name("dé")},
		{access.RuleName, "a b", name("a b")}, {access.RuleName, "a\n", name("a\n")}, {access.RuleName, strings.Repeat("a", 65), name(strings.Repeat("a", 65))},
		{access.RuleRoles, "", only()}, {access.RuleRole, "", only("")}, {access.RuleRole, "root", only(access.Admin, "root")},
		{access.RulePerson, "\x1b[1m", person("\x1b[1m")}, {access.RulePerson, " kim", person(" kim")}, {access.RulePerson, "Admin", person("Admin")},
		{access.RulePerson, "k\u202eim", person("k\u202eim")}, {access.RulePerson, "\xff", person("\xff")},
		{access.RuleGroup, "", func(t *access.Token) { t.Groups = []string{"a", ""} }}, {access.RuleGroup, "a\tb", func(t *access.Token) { t.Groups = []string{"a\tb"} }},
		{access.RuleMember, "operators", func(t *access.Token) { t.Person = ""; t.Roles = []access.Role{access.Operator} }},
		{access.RuleDecides, "approver", func(t *access.Token) { t.Person, t.Groups = "", nil }},
		{"", "", only(access.Admin)}, {"", "", only(access.Designer)},
		{access.RuleWorkflow, "a\n", func(t *access.Token) { t.Workflows = []string{"a\n"} }},
		{access.RuleWorkflows, "", only(access.Requester)}, {access.RuleWorkflows, "", only(access.Requester, access.Monitor)},
		{"", "", func(t *access.Token) { t.Roles, t.Workflows = t.Roles[:1], []string{"start"} }},
		{access.RuleAll, "start", func(t *access.Token) { t.Workflows = []string{"start"} }},
		{access.RuleAll, "start", func(t *access.Token) {
			t.Roles, t.Workflows = []access.Role{access.Monitor}, []string{"start"}
		}},
		{access.RuleExpires, "2026-03-01 10:00:00Z", func(t *access.Token) { t.Expires = now }},
		{"", "", func(t *access.Token) { t.Expires = time.Time{} }},
	} {
		token := good
		token.Groups = slices.Clone(good.Groups)
		test.edit(&token)
		err := token.Check()
		invalid, ok := errors.AsType[*access.InvalidError](err)
		if ok != (test.want != "") || ok && (invalid.Rule != test.want || invalid.Value != test.value) {
			t.Errorf("%+v: %v, want %q %q", token, err, test.want, test.value)
		}
	}
}

func TestCheckPause(t *testing.T) {
	for name, want := range map[string]bool{"start-instance": true, access.PausedIntake: true, "": false, "a\x1b": false, " a": false} {
		if err := (access.Pause{Name: name}).Check(); (err == nil) != want {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// A secret is known by its hash, and a text that is no secret has none.
func TestHashOf(t *testing.T) {
	secret, h := access.NewSecret()
	if got, ok := access.HashOf(secret); !ok || got != h {
		t.Errorf("the hash is %x, %t", got, ok)
	}
	if other, _ := access.NewSecret(); other == secret || len(secret) != len("errand_")+64 {
		t.Error("secrets are equal, or short")
	}
	for i, bad := range []string{"", "errand_", secret[1:], secret + "0", secret[:len(secret)-1], secret + "\n", "Bearer " + secret, strings.ToUpper(secret), "errand_" + strings.ToUpper(secret[7:]) + "A", fmt.Sprintf("errand_%064s", "x")} {
		if _, ok := access.HashOf(bad); ok {
			t.Errorf("text %d has a hash", i)
		}
	}
}
