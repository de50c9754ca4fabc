package access

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Rule is what a token must comply with before it is added.
type Rule string

// The rules.
const (
	RuleName      Rule = "name"      // lower-case letters, digits, "-", "_" and "."; at most 64; the first is a letter or a digit
	RuleRoles     Rule = "roles"     // at least one role
	RuleRole      Rule = "role"      // each is one of Roles
	RulePerson    Rule = "person"    // printable, and not the name of a role
	RuleGroup     Rule = "group"     // printable
	RuleMember    Rule = "member"    // groups are those of a person
	RuleDecides   Rule = "decides"   // an approver is a person
	RuleWorkflow  Rule = "workflow"  // printable
	RuleWorkflows Rule = "workflows" // a token that is only a requester lists its workflows
	RuleAll       Rule = "all"       // a token for all workflows, or for none, lists none
	RuleExpires   Rule = "expires"   // later than Created
)

// An InvalidError says which rule a token breaks, and with which value.
type InvalidError struct {
	Rule  Rule
	Value string // empty if something is missing
}

func (e *InvalidError) Error() string {
	if e.Value == "" {
		return "the token breaks the rule " + string(e.Rule)
	}
	return "the token breaks the rule " + string(e.Rule) + ": " + e.Value
}

// Check returns an *InvalidError for the first rule that the token breaks.
func (t Token) Check() error {
	if !isName(t.Name) {
		return &InvalidError{RuleName, t.Name}
	}
	if len(t.Roles) == 0 {
		return &InvalidError{Rule: RuleRoles}
	}
	for _, r := range t.Roles {
		if !slices.Contains(Roles, r) {
			return &InvalidError{RuleRole, string(r)}
		}
	}
	if t.Person != "" && (!isPrintable(t.Person) || slices.Contains(Roles, Role(strings.ToLower(t.Person)))) {
		return &InvalidError{RulePerson, t.Person}
	}
	for _, g := range t.Groups {
		if !isPrintable(g) {
			return &InvalidError{RuleGroup, g}
		}
	}
	for _, w := range t.Workflows {
		if !isPrintable(w) {
			return &InvalidError{RuleWorkflow, w}
		}
	}
	restricted := t.Has(Requester) && !t.UsesAll()
	switch {
	case len(t.Groups) > 0 && t.Person == "":
		return &InvalidError{RuleMember, t.Groups[0]}
	case slices.Contains(t.Roles, Approver) && t.Person == "":
		return &InvalidError{RuleDecides, string(Approver)}
	case restricted && len(t.Workflows) == 0:
		return &InvalidError{Rule: RuleWorkflows}
	case !restricted && len(t.Workflows) > 0:
		return &InvalidError{RuleAll, t.Workflows[0]}
	case !t.Expires.IsZero() && !t.Expires.After(t.Created):
		return &InvalidError{RuleExpires, t.Expires.Format("2006-01-02 15:04:05Z07:00")}
	}
	return nil
}

// Check returns an *InvalidError if the pause is not for the name of a workflow or the intake.
func (p Pause) Check() error {
	if !isPrintable(p.Name) {
		return &InvalidError{RuleWorkflow, p.Name}
	}
	return nil
}

const nameLetters = "abcdefghijklmnopqrstuvwxyz0123456789"

func isName(name string) bool {
	return name != "" && len(name) <= 64 && strings.Trim(name, nameLetters+"-_.") == "" && strings.Contains(nameLetters, name[:1])
}

// isPrintable reports whether a text is the name of a person, a group or a workflow: it shows as it is, in at
// most 200 characters, and begins and ends with no space.
func isPrintable(text string) bool {
	return text != "" && utf8.ValidString(text) && utf8.RuneCountInString(text) <= 200 && strings.TrimSpace(text) == text &&
		!strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}
