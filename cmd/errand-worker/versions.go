package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"errand/cmd"
	"errand/engine/temporal"
)

// versionsCommand lists the versions of a deployment.
func versionsCommand(s *settings, b backend) cmd.Extra {
	return cmd.Extra{
		Name:     "versions",
		Usage:    "list the versions of a deployment, and say whose workers may be stopped",
		Examples: name + " versions --deployment desk",
		Run: func(ctx context.Context, u *cmd.Use) error {
			if s.deployment == "" {
				return cmd.Usagef("name the deployment with --deployment NAME")
			}
			all, err := b.versions(ctx, s)
			if err != nil {
				return err
			}
			if len(all) == 0 {
				return &cmd.Exit{
					Code: cmd.ExitNotFound, Message: fmt.Sprintf("no worker of a deployment %q has asked for work yet", s.deployment),
					Hint: name + " worker --help explains how to start one with a version",
				}
			}
			w := tabwriter.NewWriter(u.Stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "BUILD\tSTATUS\tSINCE\tNOTE")
			for _, v := range all {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", v.Build, v.Status, instant(v.Since), note(v))
			}
			return w.Flush()
		},
	}
}

// instant writes a time as lists of runs do.
func instant(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

// note says what a version means for its workers.
func note(v temporal.VersionState) string {
	if v.MayStop() {
		return "its workers may be stopped"
	}
	switch v.Status {
	case temporal.VersionInactive:
		return "it was not promoted, so no run begins with it"
	case temporal.VersionCurrent:
		return "new runs begin with it"
	case temporal.VersionRamping:
		return "some new runs begin with it"
	}
	if v.Checked.IsZero() {
		return "it may have runs, and they need its workers"
	}
	return "it had runs at " + instant(v.Checked) + ", and they need its workers"
}
