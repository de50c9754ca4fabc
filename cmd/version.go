package cmd

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

type versionCommand struct {
	*terminal
	output output
}

func (c *versionCommand) describe() *cli.Command {
	return &cli.Command{
		Name:        "version",
		Usage:       "print the version",
		Description: "errand version\nerrand version -o json",
		Flags:       []cli.Flag{c.output.flag()},
	}
}

func (c *versionCommand) run(_ context.Context, a arguments) error {
	if err := a.none(""); err != nil {
		return err
	}
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	info, _ := debug.ReadBuildInfo()
	is := builtFrom(info)
	if asJSON {
		return c.writeJSON(is)
	}
	_, err = fmt.Fprintln(c.stdout, c.program(), is)
	return err
}

// release returns the release of this program, for documents.
func release() string {
	info, _ := debug.ReadBuildInfo()
	return builtFrom(info).Release
}

// A buildInfo says what this program was built from. It is what `errand version -o json` prints.
type buildInfo struct {
	Version  int    `json:"version"` // of the shape
	Release  string `json:"errand"`
	Commit   string `json:"commit"`   // of Git; empty if it is not known
	Modified bool   `json:"modified"` // the working copy had changes that were not committed
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// builtFrom returns what a program was built from. info may be nil.
func builtFrom(info *debug.BuildInfo) buildInfo {
	is := buildInfo{Version: 1, Release: buildVersion(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info == nil {
		return is
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			is.Commit = s.Value
		case "vcs.modified":
			is.Modified = s.Value == "true"
		}
	}
	return is
}

func (b buildInfo) String() string {
	commit := "commit unknown"
	if b.Commit != "" {
		commit = "commit " + b.Commit[:min(12, len(b.Commit))]
	}
	if b.Modified {
		commit += " with changes"
	}
	return fmt.Sprintf("%s, %s, %s %s", b.Release, commit, b.Go, b.Platform)
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
