package cmd

import (
	"cmp"
	"os/user"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/local"
)

func (c *Command) runsResolveCommand() *cli.Command {
	return &cli.Command{
		Name:        "resolve",
		Usage:       "say what became of a step that is uncertain, and go on with the run",
		ArgsUsage:   "RUN|REQUEST STEP",
		Description: "errand runs resolve kq3vzt5mwxa2hd7c restart --done\nerrand runs resolve 100-291 restart --retry --comment \"CloudTrail shows no call\"",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: string(engine.VerdictDone), Usage: verdictWords[engine.VerdictDone]},
			&cli.BoolFlag{Name: string(engine.VerdictRetry), Usage: verdictWords[engine.VerdictRetry]},
			&cli.BoolFlag{Name: string(engine.VerdictFail), Usage: verdictWords[engine.VerdictFail]},
			&cli.StringFlag{Name: "comment", Usage: "why, for the record, as `TEXT`"},
			detachFlag(),
			outputFlag(),
		},
		Action: c.runsResolve,
	}
}

func (c *Command) runsResolve(x *cli.Context) error {
	asJSON, err := wantsJSON(x)
	if err != nil {
		return err
	}
	var given []engine.Verdict
	for _, v := range engine.Verdicts {
		if x.Bool(string(v)) {
			given = append(given, v)
		}
	}
	if len(given) != 1 {
		return &Exit{Code: ExitUsage, Message: "one verdict is wanted", Hint: "--done: it took effect; --retry: it did not, call it again; --fail: take the step as failed"}
	}
	if x.NArg() != 2 {
		return &Exit{Code: ExitUsage, Message: "name the run and its step", Hint: "errand runs resolve RUN STEP --" + string(given[0])}
	}
	return c.inRun(x, func(d *desk, run string) error {
		if err := d.Resolve(x.Context, run, x.Args().Get(1), c.person(), given[0], x.String("comment")); err != nil {
			return journalExit(err, run)
		}
		return c.afterwards(x, d, run, asJSON)
	})
}

// person is who sits here, with the groups of the system for roles.
func (c *Command) person() local.Person {
	p := local.Person{Name: c.user()}
	if u, err := user.Current(); err == nil {
		if groups, err := u.GroupIds(); err == nil {
			for _, id := range groups {
				if g, err := user.LookupGroupId(id); err == nil {
					p.Roles = append(p.Roles, g.Name)
				}
			}
		}
	}
	return p
}

// user is who decides, for the record.
func (c *Command) user() string {
	if name := cmp.Or(c.Getenv("USER"), c.Getenv("USERNAME")); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "somebody"
}
