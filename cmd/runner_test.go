package cmd_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"errand/cmd"
	"errand/engine"
	"errand/engine/home"
	"errand/engine/journal"
	"errand/engine/virtual"
	"errand/tasks"
)

// runnerScript contains every command that works on runs, with its refusals. Each line is a
// command. $1 is the id of the first run, $2 that of the second, and so on.
const runnerScript = `
run ask.yaml --request 100-291 --input who=Dana
run ask.yaml --request 100-291 --input who=Dana -o json
run ask.yaml --request 100-291 --input who=Kim
run ask.yaml --request 100-292 --input who=Kim
run ask.yaml --request 100-293 --input who=Kim
runs list
runs list --limit 2 -o json
runs list --after $2 -o json
runs list --status faild
runs show 100-291
runs show $1 -o json
runs events 100-291 -o json
runs events 100-291 --after 0.2 -o json
runs events 100-291 --after 0.77
runs approve 100-291 okay --approve --as kim
runs approve 100-291 ok --approve --as lee
runs approve 100-291 ok --approve --as operators
runs resolve 100-291 ok --done --as kim
runs retry 100-291
runs approve 100-291 ok --approve --as kim --comment why-not
runs approve 100-291 ok --approve --as kim
runs show 100-291
runs events $1
runs retry 100-291
runs cancel 100-291
runs resume 100-292 -o json
runs approve 100-292 ok --reject --as kim -o json
runs show 100-292
runs retry 100-292 --from strat
runs retry 100-292 --from ok
runs approve 100-292 ok --approve --as kim
runs cancel 100-293 --as nobody-we-know
runs cancel 100-293 --as lee
runs show 100-293 -o json
runs retry 100-293 --as kim -o json
runs events 100-293
runs cancel 100-293
runs list --status succeeded
runs resume 100-294
runs record 100-291
runs resume --all
runs prune --older-than 90d
runs prune --older-than 90d --dry-run -o json
runs list --pruned --status cancelled
`

// askWorkflow asks for an approval. Its run fails if the step is rejected, because then there is no
// text to format.
const askWorkflow = `
workflow: ask
inputs:
  who: {type: string}
steps:
  - id: note
    task: worklog.format
    with: {template: "Hello, ${{ inputs.who }}"}
  - id: ok
    approval: {ask: "Greet ${{ inputs.who }}?", by: [operators], within: 2h, allow_requester: true}
  - id: greet
    task: worklog.format
    with: {template: "${{ steps.ok.approved ? 'Hello' : '' }}"}
outputs:
  text: ${{ steps.note.text }}
`

// Every command about runs works with another runner, and prints the same output.
func TestCommandsWithAnotherRunner(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "ask.yaml"), []byte(askWorkflow), 0o600); err != nil {
		t.Fatal(err)
	}
	clock := virtual.NewClock(time.Now().UTC())
	runs := virtual.NewRuns(clock)
	opened := 0
	memory := func(_ context.Context, o *home.Opened) (engine.Runner, error) {
		opened++
		clock.Advance(time.Second) // commands take time
		return &virtual.Runner{Runs: runs, Registry: o.Registry, About: o.About}, nil
	}
	journals := 0
	file := home.LocalWith(func(j journal.Journal) journal.Journal {
		journals++
		return j
	})
	want := play(t, folder, file)
	got := play(t, folder, memory)
	commands := strings.Count(strings.TrimSpace(runnerScript), "\n") + 1
	if opened < commands-3 || journals < commands-3 { // three commands fail before they open a runner
		t.Errorf("of %d commands, %d used the runner in memory and %d the local runner", commands, opened, journals)
	}
	if len(got) != len(want) {
		t.Fatalf("%d commands ended, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("in memory:\n%s\nwith a journal:\n%s", got[i], want[i])
		}
	}
}

// play runs the script in a new home. It returns what each command printed, without ids of runs and
// without times.
func play(t *testing.T, folder string, runner home.Maker) []string {
	t.Helper()
	where := filepath.Join(t.TempDir(), "home")
	if err := os.Mkdir(where, 0o700); err != nil {
		t.Fatal(err)
	}
	var ids []string
	var all []string
	for line := range strings.Lines(strings.TrimSpace(runnerScript)) {
		line = strings.TrimSpace(line)
		args := strings.Fields(line)
		for i, arg := range args {
			switch {
			case strings.HasSuffix(arg, ".yaml"):
				args[i] = filepath.Join(folder, arg)
			case strings.HasPrefix(arg, "$"):
				args[i] = ids[arg[1]-'1']
			}
		}
		var stdout, stderr bytes.Buffer
		c := &cmd.Command{
			Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Connectors: tasks.Connectors, Runner: runner,
			Getenv: func(string) string { return "" }, Users: people{},
		}
		code := c.Run(t.Context(), append(args, "--home", where))
		if args[0] == "run" {
			if id := anyRun.FindString(stderr.String()); id != "" && !strings.Contains(strings.Join(ids, " "), id) {
				ids = append(ids, id)
			}
		}
		text := fmt.Sprintf("$ errand %s\n%s%sexit code %d", line, stdout.String(), stderr.String(), code)
		text = strings.NewReplacer(where, "HOME", folder, "FOLDER").Replace(text)
		for i, id := range ids {
			text = strings.ReplaceAll(text, id, fmt.Sprintf("RUN%d", i+1))
		}
		all = append(all, varying.ReplaceAllString(text, "TIME"))
	}
	return all
}

var (
	anyRun  = regexp.MustCompile(`\b[a-z2-7]{16}\b`)
	varying = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|after:? [\d.]+(ms|s)| *\+[\d.]+(ms|s)`)
)
