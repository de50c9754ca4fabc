package cmd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/schema"
)

type runsPrune struct {
	homeFlags
	olderThan string
	dryRun    bool
	output    output
}

func (c *runsPrune) describe() *cli.Command {
	return &cli.Command{
		Name:        "prune",
		Usage:       "delete the records of runs that ended long ago; their requests start no other run",
		Description: "errand runs prune --older-than 90d --dry-run\nerrand runs prune --older-than 90d",
		Flags: c.homeFlags.with(
			&cli.StringFlag{Name: "older-than", Usage: "the runs that ended longer than this `TIME` ago, such as 90d or 12h", Destination: &c.olderThan},
			&cli.BoolFlag{Name: "dry-run", Usage: "delete nothing, and say which runs would be pruned", Destination: &c.dryRun},
			c.output.flag(),
		),
	}
}

func (c *runsPrune) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	if len(a.names) > 0 {
		return usage("--older-than chooses the runs; expected no RUN, got %s", strings.Join(a.names, " "))
	}
	age, err := c.age()
	if err != nil {
		return err
	}
	pruning := engine.Pruning{EndedBefore: time.Now().Add(-age).UTC(), DryRun: c.dryRun}
	o, err := c.open(ctx, a.command, c.connectors.registry())
	if err != nil {
		return err
	}
	defer o.close()
	pruner, ok := o.Runner.(engine.Pruner)
	if !ok {
		return &Exit{Code: ExitUsage, Message: "the runs of this home are deleted by the system that keeps them"}
	}
	pruned, err := pruner.Prune(ctx, pruning)
	if err == nil || len(pruned) > 0 {
		if asJSON {
			err = errors.Join(c.printJSON(pruning, pruned), err)
		} else {
			c.printText(pruning, pruned)
		}
	}
	if err != nil {
		return runExit(err, "")
	}
	return nil
}

// age returns the value of --older-than, without which nothing is deleted.
func (c *runsPrune) age() (time.Duration, error) {
	if c.olderThan == "" {
		return 0, &Exit{
			Code: ExitUsage, Message: "say with --older-than how long ago the runs ended whose records are to be deleted",
			Hint: "errand runs prune --older-than 90d --dry-run says how many they are",
		}
	}
	age, err := schema.ParseDuration(c.olderThan)
	switch {
	case err != nil:
		return 0, usage("--older-than %q: expected a duration, such as 90d or 12h", c.olderThan)
	case age == 0:
		return 0, usage("--older-than %s names every run that has ended; expected a longer time, such as 90d", c.olderThan)
	}
	return age, nil
}

// printJSON prints {"version":1,"ended_before":…,"dry_run":…,"runs":…,"workflows":{…}}.
func (c *runsPrune) printJSON(p engine.Pruning, pruned engine.Pruned) error {
	return c.writeJSON(struct {
		Version     int           `json:"version"`
		EndedBefore time.Time     `json:"ended_before"`
		DryRun      bool          `json:"dry_run"`
		Runs        int           `json:"runs"`
		Workflows   engine.Pruned `json:"workflows"`
	}{1, p.EndedBefore, p.DryRun, pruned.Runs(), pruned})
}

func (c *runsPrune) printText(p engine.Pruning, pruned engine.Pruned) {
	before := shortTime(p.EndedBefore)
	if len(pruned) == 0 {
		fmt.Fprintf(c.stderr, "no run on record ended before %s; nothing was deleted\n", before)
		return
	}
	records, done := "the records of %d runs", "were deleted"
	if pruned.Runs() == 1 {
		records, done = "the record of %d run", "was deleted"
	}
	hint := "the requests keep their runs, and start no others; errand runs list --pruned shows what is left"
	if p.DryRun {
		done = "would be deleted"
		hint = "errand runs prune --older-than " + word(c.olderThan) + " deletes what the runs did; who started them, when and how they ended, and their requests stay"
	}
	var each []string
	for _, workflow := range slices.Sorted(maps.Keys(pruned)) {
		each = append(each, fmt.Sprintf("%d of %s", pruned[workflow], workflow))
	}
	fmt.Fprintf(c.stderr, records+" that ended before %s %s: %s\n  hint: %s\n", pruned.Runs(), before, done, strings.Join(each, ", "), c.atHome(hint))
}
