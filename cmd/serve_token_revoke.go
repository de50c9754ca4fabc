package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine/access"
	"errand/engine/diag"
)

type serveTokenRevoke struct{ homeFlags }

func (c *serveTokenRevoke) describe() *cli.Command {
	return &cli.Command{
		Name:        "revoke",
		Usage:       "end a token, at once and for ever",
		ArgsUsage:   "NAME",
		Description: "errand serve token revoke front-desk",
		Flags:       c.homeFlags.with(),
	}
}

func (c *serveTokenRevoke) run(ctx context.Context, a arguments) error {
	name, err := a.one("the token")
	if err != nil {
		return err
	}
	return c.useService(ctx, a.command, func(s serviceHome) error {
		tokens, err := s.tokens.Tokens(ctx)
		if err != nil {
			return serviceExit(err)
		}
		at := slices.IndexFunc(tokens, func(t access.Token) bool { return t.Name == name })
		if at < 0 {
			return noToken(name, tokens)
		}
		if revoked := tokens[at].Revoked; !revoked.IsZero() {
			fmt.Fprintf(c.stderr, "token %s was revoked at %s\n", name, shortTime(revoked))
			return nil
		}
		if _, err := s.record(ctx, access.ActionTokenRevoke, name); err != nil {
			return err
		}
		if err := s.tokens.RevokeToken(ctx, name, time.Now().Truncate(time.Second)); errors.Is(err, access.ErrNoToken) {
			return noToken(name, tokens)
		} else if err != nil {
			return serviceExit(err)
		}
		fmt.Fprintf(c.stderr, "token %s is revoked\n", name)
		return nil
	})
}

func noToken(name string, tokens []access.Token) error {
	names := make([]string, len(tokens))
	for i, t := range tokens {
		names[i] = t.Name
	}
	return &Exit{Code: ExitNotFound, Message: fmt.Sprintf("there is no token %q", name), Hint: cmp.Or(diag.DidYouMean(name, names), "errand serve token list shows the tokens")}
}
