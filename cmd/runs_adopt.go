package cmd

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"errand/engine"
)

type runsAdopt struct {
	homeFlags
	all    bool
	person personFlags
}

func (c *runsAdopt) describe() *cli.Command {
	return &cli.Command{
		Name:        "adopt",
		Usage:       "let runs continue in a home that is a copy, once no other home works on them",
		ArgsUsage:   "RUN|REQUEST|--all",
		Description: "errand runs adopt kq3vzt5mwxa2hd7c\nerrand runs adopt --all",
		Flags: c.homeFlags.with(
			&cli.BoolFlag{Name: "all", Usage: "adopt every run that waits for adoption, and let the home start new runs", Destination: &c.all},
			c.person.flag(),
		),
	}
}

func (c *runsAdopt) run(ctx context.Context, a arguments) error {
	c.aboutCopies = true
	by, err := c.person.person(c.terminal)
	if err != nil {
		return err
	}
	if !c.all {
		return c.withOnlyRun(ctx, a, func(o *opened, run string) error { return c.adopt(ctx, o, run, by) })
	}
	if len(a.names) > 0 {
		return usage("--all adopts all runs of the home; expected no RUN")
	}
	return c.use(ctx, a.command, func(o *opened) error { return c.adoptAll(ctx, o, by) })
}

func (c *runsAdopt) adopt(ctx context.Context, o *opened, run string, by engine.Person) error {
	adopter, err := o.adopter()
	if err == nil {
		err = adopter.Adopt(ctx, run, by)
	}
	if err != nil {
		return runExit(err, run)
	}
	fmt.Fprintf(c.stderr, "run %s is adopted; each of its steps looks before it acts\n  hint: %s\n", run, c.atHome("errand runs resume "+run+" continues it"))
	return nil
}

func (c *runsAdopt) adoptAll(ctx context.Context, o *opened, by engine.Person) error {
	adopter, err := o.adopter()
	if err != nil {
		return err
	}
	adopted, err := adopter.AdoptAll(ctx, by)
	for _, run := range adopted {
		fmt.Fprintln(c.stderr, "adopted", run)
	}
	if err != nil {
		return runExit(err, "")
	}
	what := fmt.Sprintf("%d runs are adopted", len(adopted))
	if len(adopted) == 1 {
		what = "1 run is adopted"
	}
	fmt.Fprintln(c.stderr, what+", and the home starts new ones")
	if len(adopted) > 0 {
		fmt.Fprintln(c.stderr, "  hint:", c.atHome("errand runs resume --all continues them, if no service does"))
	}
	return nil
}
