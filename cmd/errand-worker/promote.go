package main

import (
	"context"
	"fmt"

	"errand/cmd"
)

// promoteCommand makes a version the current one.
func promoteCommand(s *settings, b backend) cmd.Extra {
	return cmd.Extra{
		Name:     "promote",
		Usage:    "let new runs begin with a version of the program; the others stay with theirs",
		Examples: name + " promote --deployment desk --build 1.4.2",
		Flags:    []cmd.Flag{s.buildFlag("the version to promote is `ID`; its workers must be running")},
		Run: func(ctx context.Context, u *cmd.Use) error {
			if s.deployment == "" || s.build == "" {
				return cmd.Usagef("name the version with --deployment NAME and --build ID")
			}
			if err := s.checkVersion(); err != nil {
				return err
			}
			if err := b.promote(ctx, s, u, s.version()); err != nil {
				return err
			}
			fmt.Fprintf(u.Stderr, "new runs begin with the build %s of the deployment %s\n", s.build, s.deployment)
			return nil
		},
	}
}
