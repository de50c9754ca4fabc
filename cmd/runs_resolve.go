package cmd

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine"
)

type runsResolve struct {
	homeFlags
	done, retry, fail bool
	comment           string
	person            personFlags
	follow            followFlags
	output            output
}

func (c *runsResolve) describe() *cli.Command {
	return &cli.Command{
		Name:        "resolve",
		Usage:       "decide about an uncertain step, and continue the run",
		ArgsUsage:   "RUN|REQUEST STEP",
		Description: "errand runs resolve kq3vzt5mwxa2hd7c restart --done\nerrand runs resolve 100-291 restart --retry --comment \"CloudTrail shows no call\"",
		Flags: c.homeFlags.with(
			verdictFlag(engine.VerdictDone, &c.done),
			verdictFlag(engine.VerdictRetry, &c.retry),
			verdictFlag(engine.VerdictFail, &c.fail),
			&cli.StringFlag{Name: "comment", Usage: "record `TEXT` as the reason", Destination: &c.comment},
			c.person.flag(),
			c.follow.detachFlag(),
			c.output.flag(),
		),
	}
}

func (c *runsResolve) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	var given []engine.Verdict
	for _, v := range []struct {
		set     bool
		verdict engine.Verdict
	}{{c.done, engine.VerdictDone}, {c.retry, engine.VerdictRetry}, {c.fail, engine.VerdictFail}} {
		if v.set {
			given = append(given, v.verdict)
		}
	}
	if len(given) > 1 {
		return &Exit{Code: ExitUsage, Message: "expected one verdict, got --" + strings.Join(namesOf(given), " and --"), Hint: "leave out all but one of them"}
	}
	if len(given) == 0 {
		return &Exit{Code: ExitUsage, Message: "expected one verdict", Hint: "add --done (it took effect), --retry (it did not: call it again) or --fail (treat the step as failed)"}
	}
	if len(a.names) != 2 {
		return &Exit{Code: ExitUsage, Message: "name the run and its step", Hint: "errand runs resolve RUN STEP --" + string(given[0])}
	}
	by, err := c.person.person(c.terminal)
	if err != nil {
		return err
	}
	return c.withRun(ctx, a, func(o *opened, run string) error {
		if err := o.Decide(ctx, run, a.names[1], engine.Decision{Verdict: given[0], By: by, Comment: c.comment}); err != nil {
			return runExit(err, run)
		}
		return o.continueDecided(ctx, run, &c.follow, asJSON)
	})
}

func verdictFlag(v engine.Verdict, to *bool) cli.Flag {
	return &cli.BoolFlag{Name: string(v), Usage: verdictWords[v], Destination: to}
}
