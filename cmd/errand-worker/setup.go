package main

import (
	"context"
	"fmt"
	"strings"

	"errand/cmd"
)

// setupCommand prepares a namespace.
func setupCommand(s *settings, b backend) cmd.Extra {
	return cmd.Extra{
		Name:     "setup",
		Usage:    "prepare Temporal's namespace: what runs are found by, and the key that encrypts what Temporal keeps",
		Examples: name + " setup --temporal temporal.example.com:7233 --namespace errand",
		Run: func(ctx context.Context, u *cmd.Use) error {
			added, err := b.setup(ctx, s, u)
			if len(added) > 0 {
				fmt.Fprintln(u.Stderr, "added:", strings.Join(added, ", "))
			}
			if err != nil {
				return err
			}
			if len(added) == 0 {
				fmt.Fprintln(u.Stderr, "nothing is missing")
			}
			return nil
		},
	}
}
