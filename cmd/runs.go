package cmd

import (
	"github.com/urfave/cli/v2"

	"errand/engine/diag"
)

// runsCommand is for what is on record: to look at, and to decide about.
func (c *Command) runsCommand() *cli.Command {
	group := &cli.Command{
		Name:  "runs",
		Usage: "look at runs, go on with them, decide about them",
		Subcommands: []*cli.Command{
			c.runsListCommand(),
			c.runsShowCommand(),
			c.runsEventsCommand(),
			c.runsResumeCommand(),
			c.runsRetryCommand(),
			c.runsResolveCommand(),
			c.runsApproveCommand(),
			c.runsCancelCommand(),
			c.runsRecordCommand(),
		},
		CustomHelpTemplate: groupHelp,
		HideHelpCommand:    true,
		Action:             noSuchInner,
	}
	for _, command := range group.Subcommands {
		command.CustomHelpTemplate = commandHelp
		command.OnUsageError = usageError
		command.HideHelpCommand = true
		command.Flags = append(command.Flags, c.homeFlag())
		command.Flags = append(command.Flags, keyFlags()...)
	}
	return group
}

const groupHelp = `errand {{.Name}}: {{.Usage}}

Commands:
{{range .VisibleCommands}}  errand runs {{printf "%-9s" .Name}} {{.Usage}}
{{end}}
A run is named by its id, or by its service request: that is the newest run of the request.
errand runs COMMAND --help tells more.
`

// noSuchInner is what a group of commands does without one of them.
func noSuchInner(x *cli.Context) error {
	if x.NArg() == 0 {
		return cli.ShowSubcommandHelp(x)
	}
	var names []string
	for _, command := range x.Command.Subcommands {
		names = append(names, command.Name)
	}
	name := x.Args().First()
	help := diag.DidYouMean(name, names)
	if help == "" {
		help = "errand " + x.Command.Name + " --help lists them"
	}
	return &Exit{Code: ExitUsage, Message: "there is no command \"" + x.Command.Name + " " + diag.Printable(name) + "\"", Hint: help}
}

// inHome opens the home, with what the world outside offers.
func (c *Command) inHome(x *cli.Context, do func(d *desk) error) error {
	registry, err := c.connected(x)
	if err != nil {
		return err
	}
	d, err := c.open(x, registry)
	if err != nil {
		return err
	}
	defer d.close()
	return do(d)
}

// inRun opens the home for a command about one run, whose name is the first argument.
func (c *Command) inRun(x *cli.Context, do func(d *desk, run string) error) error {
	if x.NArg() == 0 {
		return &Exit{Code: ExitUsage, Message: "name a run, or its service request", Hint: "errand runs list shows the runs"}
	}
	return c.inHome(x, func(d *desk) error {
		run, err := d.find(x, x.Args().First())
		if err != nil {
			return err
		}
		return do(d, run)
	})
}

// onlyRun is inRun for a command that takes nothing beside the run.
func (c *Command) onlyRun(x *cli.Context, do func(d *desk, run string) error) error {
	if x.NArg() > 1 {
		return usage("one run is wanted, and there are %d names", x.NArg())
	}
	return c.inRun(x, do)
}
