package cmd_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"errand/cmd"
	"errand/engine"
	"errand/engine/home"
	"errand/engine/virtual"
	"errand/tasks"
)

// A failingPruner prunes two runs before its disk is full.
type failingPruner struct{ engine.Runner }

func (failingPruner) Prune(_ context.Context, p engine.Pruning) (engine.Pruned, error) {
	if age := time.Since(p.EndedBefore); age < 90*24*time.Hour || age > 91*24*time.Hour || p.DryRun {
		return nil, errors.New("asked for something else")
	}
	return engine.Pruned{"start-instance": 2}, &engine.Trouble{Code: engine.TroubleStore, Err: errors.New("the disk is full")}
}

// A pruning that fails says what it has deleted.
func TestAPruningFails(t *testing.T) {
	runs := func(wrap func(engine.Runner) engine.Runner) home.Maker {
		return func(_ context.Context, o *home.Opened) (engine.Runner, error) {
			return wrap(&virtual.Runner{Runs: virtual.NewRuns(virtual.NewClock(time.Now())), Registry: o.Registry}), nil
		}
	}
	failing := runs(func(r engine.Runner) engine.Runner { return failingPruner{r} })
	other := runs(func(r engine.Runner) engine.Runner { return struct{ engine.Runner }{r} })
	for _, c := range []struct {
		args           string
		runner         home.Maker
		code           int
		stdout, stderr string
	}{
		{"--older-than 90d", failing, cmd.ExitOutput, "", ": 2 of start-instance\n  hint: the requests keep their runs, and start no others; errand runs list --home HOME --pruned shows what is left\nerrand: the disk is full\n"},
		{"--older-than 90d -o json", failing, cmd.ExitOutput, `"runs":2,"workflows":{"start-instance":2}}` + "\n", "errand: the disk is full\n"},
		{"--older-than 90d", other, cmd.ExitUsage, "", "errand: the runs of this home are deleted by the system that keeps them\n"},
	} {
		where := t.TempDir()
		var stdout, stderr bytes.Buffer
		command := &cmd.Command{
			Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Connectors: tasks.Connectors, Runner: c.runner,
			Getenv: func(string) string { return "" }, Users: people{},
		}
		code := command.Run(t.Context(), append(strings.Fields("runs prune "+c.args), "--home", where))
		said := strings.ReplaceAll(stderr.String(), where, "HOME")
		if code != c.code || !strings.HasSuffix(stdout.String(), c.stdout) || !strings.Contains(said, c.stderr) {
			t.Errorf("errand runs prune %s: exit code %d\n%s%s", c.args, code, &stdout, said)
		}
	}
}
