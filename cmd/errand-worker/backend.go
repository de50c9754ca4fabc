package main

import (
	"context"

	"errand/cmd"
	"errand/engine/home"
	"errand/engine/temporal"
)

// A backend does what the commands need of Temporal.
type backend struct {
	// runner returns what makes the runner of a home when the flags are set.
	runner func(s *settings) home.Maker
	// examine returns what finds out whether runs can be carried out.
	examine func(s *settings) func(ctx context.Context, at *home.Home) []cmd.Finding
	// setup prepares the namespace, and returns what it has added. It may be repeated.
	setup func(ctx context.Context, s *settings, u *cmd.Use) (added []string, err error)
	// promote makes new runs begin with a version.
	promote func(ctx context.Context, s *settings, u *cmd.Use, v temporal.Version) error
	// versions returns the versions of the deployment, the newest one first.
	versions func(ctx context.Context, s *settings) ([]temporal.VersionState, error)
}
