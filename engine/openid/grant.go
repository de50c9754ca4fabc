package openid

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"errand/engine"
	"errand/engine/access"
)

// A share is what the members of a group may do.
type share struct {
	roles     []access.Role
	workflows []string
}

// grants are the shares by the folded name of the group.
type grants map[string]share

func newGrants(c Config) grants {
	g := grants{}
	for group, roles := range c.Roles {
		folded := engine.FoldName(group)
		s := g[folded]
		s.roles = append(s.roles, roles...)
		g[folded] = s
	}
	for group, workflows := range c.Workflows {
		folded := engine.FoldName(group)
		s := g[folded]
		s.workflows = append(s.workflows, workflows...)
		g[folded] = s
	}
	return g
}

// grant returns the token of the person whom claims describe.
func (p *Provider) grant(said claims) (access.Token, *RefusedError) {
	subject, refused := said.subject()
	if refused != nil {
		return access.Token{}, refused
	}
	names := []string{claimPerson, claimEmail}
	if p.config.Person != "" {
		names = []string{p.config.Person}
	}
	person, named := said.person(names...)
	if !named {
		return access.Token{}, refusePerson(fmt.Sprintf("the provider did not send your name in the claim %s; an email counts only if it is verified", quoted(names, " or ")))
	}
	groups, refused := said.groups(p.config.Groups)
	if refused != nil {
		return access.Token{}, refused
	}
	t := p.grants.token(groups)
	if len(t.Roles) == 0 {
		return access.Token{}, p.refuseRoles(groups)
	}
	t.Name, t.Person, t.Created = "openid", person, p.now().UTC()
	t.Groups = slices.DeleteFunc(slices.Clone(groups), func(group string) bool {
		return (access.Token{Name: t.Name, Roles: t.Roles, Person: "somebody", Workflows: t.Workflows, Groups: []string{group}}).Check() != nil
	})
	err := t.Check()
	if invalid, ok := errors.AsType[*access.InvalidError](err); isRole(person) || ok && invalid.Rule == access.RulePerson {
		return access.Token{}, refusePerson(fmt.Sprintf("the provider calls you %q, which cannot be the name of a person here", clean(person, maxName)))
	}
	if err != nil {
		return access.Token{}, refuseSettings(err.Error())
	}
	t.Name = "openid:" + subject // not a name that access.Token.Check allows, so nobody can add a token with it
	return t, nil
}

// token returns a token with the roles and the workflows of some groups.
func (g grants) token(groups []string) access.Token {
	var all share
	for _, group := range groups {
		s := g[engine.FoldName(group)]
		all.roles, all.workflows = append(all.roles, s.roles...), append(all.workflows, s.workflows...)
	}
	var t access.Token
	for _, r := range access.Roles {
		if slices.Contains(all.roles, r) {
			t.Roles = append(t.Roles, r)
		}
	}
	if t.Has(access.Requester) && !t.UsesAll() {
		slices.Sort(all.workflows)
		t.Workflows = slices.Compact(all.workflows)
	}
	return t
}

// isRole reports whether a name is the same as that of a role.
func isRole(name string) bool {
	return slices.ContainsFunc(access.Roles, func(r access.Role) bool { return engine.SameName(string(r), name) })
}

func refusePerson(message string) *RefusedError {
	return &RefusedError{Code: CodePerson, Message: message}
}

// maxShown is how many groups a message names.
const maxShown = 20

func (p *Provider) refuseRoles(groups []string) *RefusedError {
	sent := "no groups"
	if len(groups) > 0 {
		shown := make([]string, 0, maxShown)
		for _, g := range groups[:min(len(groups), maxShown)] {
			shown = append(shown, clean(g, maxName))
		}
		sent = "the groups " + quoted(shown, ", ")
		if more := len(groups) - maxShown; more > 0 {
			sent += fmt.Sprintf(" and %d more", more)
		}
	}
	return &RefusedError{Code: CodeRoles, Message: fmt.Sprintf("you have no role here: the provider sent %s in the claim %q; "+
		"the key %q in the service's file of the sign-in gives roles to groups", sent, p.config.Groups, keyRoles)}
}

// quoted returns names in quotes.
func quoted(names []string, between string) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = `"` + n + `"`
	}
	return strings.Join(all, between)
}
