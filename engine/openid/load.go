package openid

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/library"
	"errand/engine/schema"
)

// The keys of a file.
const (
	keyIssuer    = "issuer"
	keyClient    = "client_id"
	keySecret    = "client_secret_file"
	keyScopes    = "scopes"
	keyPerson    = "person"
	keyGroups    = "groups"
	keyRoles     = "roles"
	keyWorkflows = "workflows"
	keyCA        = "ca"
)

var keys = []string{keyIssuer, keyClient, keySecret, keyScopes, keyPerson, keyGroups, keyRoles, keyWorkflows, keyCA}

// A FileError lists what is wrong with a file.
type FileError struct{ Problems []diag.Problem }

// Error returns the problems, each on a line with its place and its help.
func (e *FileError) Error() string {
	var lines []string
	for _, p := range e.Problems {
		line := p.Error()
		if p.Help != "" {
			line += "; " + p.Help
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// Load reads a configuration from a file: JSON if its name ends in .json, otherwise YAML. The file
// names the file with the client's secret, which others must not be able to read. Paths in it are
// seen from its folder. The error is a *FileError, or that of reading the file.
func Load(file string) (Config, error) {
	source, err := library.ReadDefinition(file)
	if err != nil {
		return Config{}, err
	}
	data, places, problems := definition.PlacedData(source.File, source.Text)
	if diag.HasErrors(problems) {
		return Config{}, &FileError{problems}
	}
	tree, faults := schema.ReadJSON(string(data))
	if len(faults) > 0 { // PlacedData writes JSON that can be read
		return Config{}, &FileError{[]diag.Problem{{Rule: rule, Range: diag.Range{File: source.File}, Message: faults[0].Message}}}
	}
	l := &loader{file: source.File, places: places, at: map[[2]string]schema.JSON{}}
	l.document(tree)
	if len(l.problems) > 0 {
		return Config{}, &FileError{diag.Sort(l.problems)}
	}
	return l.config, nil
}

// rule is the rule of all problems of a file.
const rule = "bad-openid"

// A loader reads a file.
type loader struct {
	file     string
	places   definition.Positions
	config   Config
	problems []diag.Problem
	at       map[[2]string]schema.JSON // where a group stands, by the key around it and its folded name
}

func (l *loader) report(at schema.JSON, help, format string, args ...any) {
	start := l.places.At(at.From)
	l.problems = append(l.problems, diag.Problem{
		Rule: rule, Message: fmt.Sprintf(format, args...), Help: help,
		Range: diag.Range{File: l.file, Start: start, End: diag.Position{Line: start.Line, Column: start.Column + 1}},
	})
}

func (l *loader) document(tree schema.JSON) {
	if tree.Kind != schema.Object {
		l.report(tree, "", "the document is %s; expected a mapping with the keys %s", kindOf(tree), strings.Join(keys, ", "))
		return
	}
	given := map[string]bool{}
	for _, m := range tree.Members {
		given[m.Name.Text] = true
		l.key(m)
	}
	for _, key := range []string{keyIssuer, keyClient, keyRoles} {
		if !given[key] {
			l.report(tree, "", "the key %q is missing", key)
		}
	}
	if len(l.problems) == 0 {
		l.shares()
	}
}

// key reads a key.
func (l *loader) key(m schema.JSONMember) {
	switch c := &l.config; m.Name.Text {
	case keyIssuer:
		if c.Issuer = l.text(m); c.Issuer != "" {
			if fault := issuerFault(c.Issuer); fault != "" {
				l.report(m.Name, "", "the issuer %s %s", schema.Show(c.Issuer), fault)
			}
		}
	case keyClient:
		c.ClientID = l.text(m)
	case keySecret:
		l.secret(m)
	case keyScopes:
		c.Scopes = []string{}
		for _, item := range l.items(m) {
			if strings.ContainsFunc(item.Text, func(r rune) bool { return r <= ' ' || r == '"' || r == '\\' || r >= 0x7f }) { // RFC 6749, 3.3
				l.report(item, "write each scope as an item of the list", "%s is not a scope", schema.Show(item.Text))
			}
			c.Scopes = append(c.Scopes, item.Text)
		}
	case keyPerson:
		c.Person = l.text(m)
	case keyGroups:
		c.Groups = l.text(m)
	case keyRoles:
		c.Roles = map[string][]access.Role{}
		l.groups(m, func(group string, roles schema.JSONMember) { c.Roles[group] = l.roles(roles) })
	case keyWorkflows:
		c.Workflows = map[string][]string{}
		l.groups(m, func(group string, workflows schema.JSONMember) {
			for _, item := range l.items(workflows) {
				c.Workflows[group] = append(c.Workflows[group], item.Text)
			}
		})
	case keyCA:
		if c.CA = l.path(m); c.CA != "" {
			if _, err := readAuthorities(c.CA); err != nil {
				l.report(m.Name, "", "the authorities of the provider's certificate: %v", err)
			}
		}
	default:
		l.unknown(m)
	}
}

// unknown reports an unknown key. Its value may be a secret that somebody has written here.
func (l *loader) unknown(m schema.JSONMember) {
	l.report(m.Name, diag.DidYouMean(m.Name.Text, keys), "there is no key %s", schema.Show(m.Name.Text))
	p := &l.problems[len(l.problems)-1]
	if strings.Contains(strings.ToLower(m.Name.Text), "secret") {
		p.Help = fmt.Sprintf("write the secret into a file that others cannot read, and the name of that file as %s", keySecret)
		p.Hidden, p.Range.End = true, diag.Position{Line: p.Range.Start.Line + 1, Column: 1}
	}
}

// kindOf returns the kind of a value, for a message.
func kindOf(v schema.JSON) string {
	if v.Kind == schema.Null {
		return "null"
	}
	return schema.Of(v.Kind).Article()
}

// text reads a text that is not empty. It returns "" after a problem.
func (l *loader) text(m schema.JSONMember) string {
	switch {
	case m.Value.Kind != schema.String:
		l.report(m.Name, "", "%q is %s; expected a string", m.Name.Text, kindOf(m.Value))
		return ""
	case m.Value.Text == "":
		l.report(m.Name, "write a text, or remove the key", "%q is empty", m.Name.Text)
	}
	return m.Value.Text
}

// items reads a list of texts, and returns those that are not empty.
func (l *loader) items(m schema.JSONMember) []schema.JSON {
	if m.Value.Kind != schema.List {
		l.report(m.Name, "", "%q is %s; expected a list of strings", m.Name.Text, kindOf(m.Value))
		return nil
	}
	var list []schema.JSON
	for _, item := range m.Value.Items {
		switch {
		case item.Kind != schema.String:
			l.report(item, "", "an item of %q is %s; expected a string", m.Name.Text, kindOf(item))
		case item.Text == "":
			l.report(item, "", "an item of %q is empty", m.Name.Text)
		default:
			list = append(list, item)
		}
	}
	return list
}

// path reads the name of a file, seen from the folder of this one.
func (l *loader) path(m schema.JSONMember) string {
	name := filepath.FromSlash(l.text(m))
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(filepath.FromSlash(l.file)), name)
}

// groups reads a mapping by group.
func (l *loader) groups(m schema.JSONMember, read func(group string, m schema.JSONMember)) {
	if m.Value.Kind != schema.Object {
		l.report(m.Name, "", "%q is %s; expected a mapping by group", m.Name.Text, kindOf(m.Value))
		return
	}
	if len(m.Value.Members) == 0 {
		l.report(m.Name, "", "%q names no group", m.Name.Text)
	}
	names := map[string]string{} // by folded name
	for _, g := range m.Value.Members {
		folded := engine.FoldName(g.Name.Text)
		if other, twice := names[folded]; twice {
			l.report(g.Name, "case and blanks do not distinguish groups", "the groups %s and %s are the same", schema.Show(other), schema.Show(g.Name.Text))
		}
		names[folded] = g.Name.Text
		l.at[[2]string{m.Name.Text, folded}] = g.Name
		read(g.Name.Text, g)
	}
}

func (l *loader) roles(m schema.JSONMember) []access.Role {
	var known []string
	for _, r := range access.Roles {
		known = append(known, string(r))
	}
	var roles []access.Role
	for _, item := range l.items(m) {
		if !slices.Contains(known, item.Text) {
			l.report(item, diag.DidYouMean(item.Text, known), "there is no role %s", schema.Show(item.Text))
		}
		roles = append(roles, access.Role(item.Text))
	}
	return roles
}

// shares checks what the members of each group may do, as if it were a token's.
func (l *loader) shares() {
	workflows := map[string][]string{} // by folded name
	for group, names := range l.config.Workflows {
		workflows[engine.FoldName(group)] = names
	}
	for group, roles := range l.config.Roles {
		folded := engine.FoldName(group)
		t := access.Token{Name: "openid", Roles: roles, Person: "somebody", Groups: []string{group}, Workflows: workflows[folded]}
		delete(workflows, folded)
		if invalid, ok := errors.AsType[*access.InvalidError](t.Check()); ok {
			l.share(group, invalid)
		}
	}
	for group := range l.config.Workflows {
		if _, left := workflows[engine.FoldName(group)]; left {
			l.report(l.at[[2]string{keyWorkflows, engine.FoldName(group)}], fmt.Sprintf("write it below %q too", keyRoles), "the group %s has workflows and no role", schema.Show(group))
		}
	}
}

// share reports which rule of tokens the members of a group break.
func (l *loader) share(group string, invalid *access.InvalidError) {
	folded, shown := engine.FoldName(group), schema.Show(group)
	roles, workflows := l.at[[2]string{keyRoles, folded}], l.at[[2]string{keyWorkflows, folded}]
	switch invalid.Rule {
	case access.RuleRoles:
		l.report(roles, "", "the group %s has no role", shown)
	case access.RuleGroup:
		l.report(roles, "", "%s cannot be the name of a group", shown)
	case access.RuleWorkflows:
		l.report(roles, fmt.Sprintf("name them below %q", keyWorkflows), "the members of %s are only requesters, and may start no workflow", shown)
	case access.RuleAll:
		l.report(workflows, "remove them", "the workflows of %s have no effect: its roles are for all workflows, or for none", shown)
	case access.RuleWorkflow:
		l.report(workflows, "", "%s cannot be the name of a workflow", schema.Show(invalid.Value))
	default:
		l.report(roles, "", "the group %s: %v", shown, invalid)
	}
}
