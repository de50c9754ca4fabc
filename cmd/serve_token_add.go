package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine/access"
	"errand/engine/diag"
)

type serveTokenAdd struct {
	homeFlags
	definitions definitions
	roles       cli.StringSlice
	person      string
	groups      cli.StringSlice
	workflows   cli.StringSlice
	expires     string
	force       bool
	output      output
}

func (c *serveTokenAdd) describe() *cli.Command {
	return &cli.Command{
		Name:      "add",
		Usage:     "make a token and print it, once",
		ArgsUsage: "NAME",
		Description: "errand serve token add front-desk --role requester --workflow start-instance --workflow stop-instance\n" +
			"errand serve token add kim --role approver --role operator --person kim --group operators --expires 30d\n" +
			"errand serve token add prometheus --role monitor --expires never",
		Flags: c.homeFlags.with(
			&cli.StringSliceFlag{Name: "role", Usage: "allow what `ROLE` allows: " + orList(access.Roles) + "; can be repeated", Destination: &c.roles},
			&cli.StringFlag{Name: "person", Usage: "who acts with the token is the person `NAME`, whom approvals name", Destination: &c.person},
			&cli.StringSliceFlag{Name: "group", Usage: "the person belongs to the group `NAME`, which approvals name; can be repeated", Destination: &c.groups},
			&cli.StringSliceFlag{Name: "workflow", Usage: "a requester may start the workflow `NAME`; can be repeated", Destination: &c.workflows},
			&cli.StringFlag{Name: "expires", Value: "90d", Usage: "until `TIME`: a duration, such as 12h or 30d, a day or an instant, such as 2027-03-01 or 2027-03-01T10:00:00Z, or never", Destination: &c.expires},
			&cli.BoolFlag{Name: "force", Usage: "take a workflow that has no definition yet", Destination: &c.force},
			c.definitions.flag(),
			c.output.flag(),
		),
	}
}

func (c *serveTokenAdd) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	name, err := a.one("the token")
	if err != nil {
		return err
	}
	token, err := c.token(name, time.Now())
	if err != nil {
		return err
	}
	for _, w := range token.Workflows {
		if err := c.definitions.knownWorkflow(w); err != nil && !c.force {
			return err
		}
	}
	return c.useService(ctx, a.command, func(s serviceHome) error {
		known, err := s.tokens.Tokens(ctx)
		if err != nil {
			return serviceExit(err)
		}
		if slices.ContainsFunc(known, func(t access.Token) bool { return t.Name == name }) {
			return tokenExists(name)
		}
		if _, err := s.record(ctx, access.ActionTokenAdd, name+": "+aboutToken(token)); err != nil {
			return err
		}
		secret, hash := access.NewSecret()
		if err := s.tokens.AddToken(ctx, token, hash); errors.Is(err, access.ErrExists) {
			return tokenExists(name)
		} else if err != nil {
			return serviceExit(err)
		}
		return c.print(token, secret, asJSON)
	})
}

// token returns the token that the flags describe.
func (c *serveTokenAdd) token(name string, now time.Time) (access.Token, error) {
	t := access.Token{Name: name, Person: c.person, Groups: unique(c.groups.Value()), Workflows: unique(c.workflows.Value()), Created: now.UTC().Truncate(time.Second)}
	for _, r := range unique(c.roles.Value()) {
		t.Roles = append(t.Roles, access.Role(r))
	}
	if c.expires != "never" {
		at, ok := pointInTime(c.expires, func(d time.Duration) time.Time { return t.Created.Add(d) })
		if !ok {
			return t, usage("--expires %q: expected a duration, such as 90d or 12h, a time, such as 2027-03-01 or 2027-03-01T10:00:00Z, or never", c.expires)
		}
		t.Expires = at.UTC()
	}
	return t, tokenExit(t.Check())
}

// print prints {"version":1,"token":SECRET,"name",…} or the secret alone.
func (c *serveTokenAdd) print(t access.Token, secret string, asJSON bool) error {
	if asJSON {
		return c.writeJSON(struct {
			Version int    `json:"version"`
			Secret  string `json:"token"`
			access.Token
		}{1, secret, t})
	}
	fmt.Fprintf(c.stderr, "token %s: %s\n  hint: %s\n", t.Name, aboutToken(t), c.atHome("it is shown only now; errand serve token revoke "+word(t.Name)+" ends it"))
	fmt.Fprintln(c.stdout, secret)
	return nil
}

// aboutToken returns what a token allows, for people.
func aboutToken(t access.Token) string {
	about := strings.Join(namesOf(t.Roles), ", ")
	if t.Person != "" {
		about += "; person " + diag.Printable(t.Person)
	}
	if len(t.Groups) > 0 {
		about += "; groups " + diag.Printable(strings.Join(t.Groups, ", "))
	}
	if len(t.Workflows) > 0 {
		about += "; workflows " + diag.Printable(strings.Join(t.Workflows, ", "))
	}
	if t.Expires.IsZero() {
		return about + "; never expires"
	}
	return about + "; expires " + shortTime(t.Expires)
}

func tokenExists(name string) error {
	return &Exit{Code: ExitNotFound, Message: fmt.Sprintf("there is a token %q; a name is never used again, also not after the token was revoked", name), Hint: "choose another name; errand serve token list shows the tokens"}
}

// tokenExit words the rule that a token or a pause breaks.
func tokenExit(err error) error {
	broken, ok := errors.AsType[*access.InvalidError](err)
	if !ok {
		return err
	}
	exit := &Exit{Code: ExitUsage}
	switch broken.Rule {
	case access.RuleName:
		exit.Message = fmt.Sprintf("token %q: expected a name of at most 64 lower-case letters, digits, \"-\", \"_\" and \".\", which begins with a letter or a digit", broken.Value)
	case access.RuleRoles:
		exit.Message = "the token has no role"
		exit.Hint = "add --role ROLE: " + orList(access.Roles)
	case access.RuleRole:
		exit.Message = fmt.Sprintf("unknown role %q", broken.Value)
		exit.Hint = diag.DidYouMean(broken.Value, namesOf(access.Roles))
	case access.RulePerson:
		exit.Message = fmt.Sprintf("--person %q: expected the name of a person", broken.Value)
		exit.Hint = "a role or a group is not a person; the name is printable, and has at most 200 characters"
	case access.RuleGroup:
		exit.Message = fmt.Sprintf("--group %q: expected the name of a group", broken.Value)
		exit.Hint = "the name is printable, and has at most 200 characters"
	case access.RuleMember:
		exit.Message = fmt.Sprintf("--group %q without --person: expected the person who belongs to the group", broken.Value)
		exit.Hint = "add --person NAME"
	case access.RuleDecides:
		exit.Message = "a token with the role approver needs a person, because a decision has the name of one"
		exit.Hint = "add --person NAME; a program that only looks at runs has the role operator or monitor"
	case access.RuleWorkflow:
		exit.Message = fmt.Sprintf("%q is not the name of a workflow", broken.Value)
		exit.Hint = "errand workflows lists the workflows"
	case access.RuleWorkflows:
		exit.Message = "a token that is only a requester needs the workflows that it may start"
		exit.Hint = "add --workflow NAME; errand workflows lists the workflows"
	case access.RuleAll:
		exit.Message = fmt.Sprintf("--workflow %q does not restrict this token: only a token whose one role for workflows is requester is for some of them", broken.Value)
		exit.Hint = "leave --workflow out, or make one token for each purpose"
	case access.RuleExpires:
		exit.Message = fmt.Sprintf("the token would expire at %s, in the past", broken.Value)
		exit.Hint = "--expires takes a duration, such as 90d, a time in the future, or never"
	}
	return exit
}

// unique keeps the first of equal texts.
func unique(texts []string) []string {
	var kept []string
	for _, text := range texts {
		if !slices.Contains(kept, text) {
			kept = append(kept, text)
		}
	}
	return kept
}
