package cmd

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

type versionCommand struct{ *terminal }

func (c *versionCommand) describe() *cli.Command {
	return &cli.Command{
		Name:        "version",
		Usage:       "print the version",
		Description: "errand version",
	}
}

func (c *versionCommand) run(_ context.Context, a arguments) error {
	if err := a.none(""); err != nil {
		return err
	}
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	_, err := fmt.Fprintf(c.stdout, "errand %s%s %s %s/%s\n", buildVersion(), revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// buildVersion returns the version of the main module, such as v1.2.3.
func buildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return developing
}

// developing is the version of a program that is built from a working copy.
const developing = "(devel)"
