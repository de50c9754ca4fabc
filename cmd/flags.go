package cmd

import "github.com/urfave/cli/v2"

// An output is the choice between text for people and JSON for programs.
type output struct{ format string }

func (o *output) flag() cli.Flag {
	return &cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "text", Usage: "`FORMAT`: text or json", Destination: &o.format}
}

// json reports whether the output is JSON.
func (o *output) json() (bool, error) {
	switch o.format {
	case "text":
		return false, nil
	case "json":
		return true, nil
	default:
		return false, usage("unknown output format %q; expected text or json", o.format)
	}
}

// followFlags choose the process that continues a run, and whether it waits for persons.
type followFlags struct{ detach, wait bool }

func (f *followFlags) flags() []cli.Flag { return []cli.Flag{f.detachFlag(), f.waitFlag()} }

func (f *followFlags) detachFlag() cli.Flag {
	return &cli.BoolFlag{Name: "detach", Usage: "carry out the run in another process, and print its id", Destination: &f.detach}
}

func (f *followFlags) waitFlag() cli.Flag {
	return &cli.BoolFlag{Name: "wait", Usage: "stay until the run ends, even while it waits for a person", Destination: &f.wait}
}

func worldFlag(to *string) cli.Flag {
	return &cli.StringFlag{Name: "world", Usage: "set what the sandbox holds from a YAML or JSON `FILE`; what it leaves out keeps its default", Destination: to}
}
