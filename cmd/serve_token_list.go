package cmd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine/access"
	"errand/engine/diag"
)

type serveTokenList struct {
	homeFlags
	output output
}

func (c *serveTokenList) describe() *cli.Command {
	return &cli.Command{
		Name:        "list",
		Usage:       "list the tokens, in the order in which they were made",
		Description: "errand serve token list\nerrand serve token list -o json",
		Flags:       c.homeFlags.with(c.output.flag()),
	}
}

// A listedToken is an entry of `errand serve token list -o json`, which is {"version":1,"tokens":[…]}.
type listedToken struct {
	access.Token
	Status string `json:"status"` // valid, expired or revoked
}

func (c *serveTokenList) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	if err := a.none(""); err != nil {
		return err
	}
	return c.useService(ctx, a.command, func(s serviceHome) error {
		tokens, err := s.tokens.Tokens(ctx)
		if err != nil {
			return serviceExit(err)
		}
		list := make([]listedToken, len(tokens))
		for i, t := range tokens {
			list[i] = listedToken{t, tokenStatus(t, time.Now())}
		}
		if asJSON {
			return c.writeJSON(map[string]any{"version": 1, "tokens": list})
		}
		if len(list) == 0 {
			fmt.Fprintln(c.stderr, "no tokens in", s.Folder)
			return nil
		}
		rows := make([][]string, len(list))
		for i, t := range list {
			expires := "never"
			if !t.Expires.IsZero() {
				expires = shortTime(t.Expires)
			}
			rows[i] = []string{t.Name, t.Status, expires, tokenPerson(t.Token), strings.Join(namesOf(t.Roles), " "), tokenWorkflows(t.Token)}
		}
		width, _ := size(c.stdout)
		table(c.stdout, "", width, []string{"NAME", "STATUS", "EXPIRES", "PERSON", "ROLES", "WORKFLOWS"}, rows)
		return nil
	})
}

func tokenStatus(t access.Token, now time.Time) string {
	switch {
	case !t.Revoked.IsZero():
		return "revoked"
	case !t.IsValid(now):
		return "expired"
	}
	return "valid"
}

// tokenWorkflows returns the workflows of a token, "all", or "-".
func tokenWorkflows(t access.Token) string {
	switch {
	case t.UsesAll():
		return "all"
	case len(t.Workflows) == 0:
		return "-"
	}
	return diag.Printable(strings.Join(t.Workflows, " "))
}

// tokenPerson returns the person of a token with the groups, or "-".
func tokenPerson(t access.Token) string {
	switch {
	case t.Person == "":
		return "-"
	case len(t.Groups) == 0:
		return diag.Printable(t.Person)
	}
	return diag.Printable(t.Person + " (" + strings.Join(t.Groups, ", ") + ")")
}
