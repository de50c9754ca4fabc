package cmd_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// A twoBranches is a workflow in which one branch asks a person while the other makes a change.
type twoBranches struct {
	name    string
	asks    string   // the step that asks
	acts    string   // the step that makes the change
	held    string   // the change
	decides []string // the command that decides, without the run
	other   []string // another decision, which comes too late
	said    string   // what that one is told
	effects []string
	faults  string // of the world
}

var worklog = `{id: act, task: ism.add_worklog, with: {ticket: "${{ request.id }}", text: lamp changed}}`

var askBesideChange = []twoBranches{
	{
		name: "an approval beside a worklog", asks: `{id: ok, approval: {ask: "Go on?", by: [operators]}}`,
		acts: worklog, held: "POST Worklog", effects: []string{"POST Worklog"},
		decides: []string{"approve", "--approve"}, other: []string{"approve", "--reject"}, said: "approve, says kim",
	},
	{
		name: "an approval beside a restart, which can be neither repeated nor looked up", asks: `{id: ok, approval: {ask: "Go on?", by: [operators]}}`,
		acts: `{id: act, task: ec2.restart_instance, with: {instance_id: i-0a1b2c3d4e5f60002}}`,
		held: "RebootInstances", effects: []string{"RebootInstances"},
		decides: []string{"approve", "--reject"}, other: []string{"approve", "--approve"}, said: "reject, says kim",
	},
	{
		name: "a verdict on a restart beside a worklog", asks: `{id: ok, task: ec2.restart_instance, with: {instance_id: i-0a1b2c3d4e5f60002}}`,
		acts: worklog, held: "POST Worklog", effects: []string{"POST Worklog", "RebootInstances"},
		decides: []string{"resolve", "--done"}, other: []string{"resolve", "--retry"}, said: "done, says kim",
		faults: "faults: [{system: ec2, action: RebootInstances, lose_reply: 1}]\n",
	},
}

// write writes the workflow, and returns its file.
func (b twoBranches) write(t *testing.T) string {
	t.Helper()
	text := fmt.Sprintf(`
workflow: beside
steps:
  - parallel:
      person: [%s]
      work: [{task: timer.delay, with: {duration: 300ms}}, %s]
`, b.asks, b.acts)
	return writeWorkflow(t, "beside", text)
}

func writeWorkflow(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name+".yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// decision returns the command line of a decision on step ok.
func decision(args []string, more ...string) []string {
	return slices.Concat([]string{"runs", args[0], "100-291", "ok"}, args[1:], more)
}

// A second process decides while the first one is in a call. The decision is on record, and the
// second process ends with 0. The first process keeps its run: it gets the answer to its call,
// takes the decision up and goes on to the end. Each effect takes place once, and nothing is
// uncertain that was not before.
func TestDecidedDuringACall(t *testing.T) {
	for _, b := range askBesideChange {
		for _, way := range []struct {
			name string
			more []string
			open bool // the call is answered while the second process still looks
		}{{"text", nil, false}, {"JSON", []string{"-o", "json"}, false}, {"detached", []string{"--detach"}, false}, {"answered meanwhile", []string{"-o", "json"}, true}} {
			t.Run(b.name+"/"+way.name, func(t *testing.T) {
				t.Parallel()
				s := newScene(t, quick+b.faults)
				behind, gate := s.withGate(t, 1, true)
				gate.only = b.held
				if b.faults != "" { // a gate expects that each request is answered
					behind = behind.withVariable("AWS_ENDPOINT_URL_EC2=" + s.base + "/ec2")
				}
				first := behind.start(t, "run", b.write(t), "--request", "100-291", "-o", "json")
				gate.wait(first.over)
				second := s.start(t, decision(b.decides, way.more...)...)
				if way.open {
					s.waitUntilDecided(t, second)
					close(gate.open)
				}
				o := second.end(t)
				carries := fmt.Sprintf("the decision is on record; errand run, process %d carries out the run\n", first.Process.Pid)
				if o.code != 0 || !way.open && !strings.Contains(o.stderr, carries) {
					t.Errorf("the second process: exit code %d, and its output does not contain %q:\n%s%s", o.code, carries, o.stdout, o.stderr)
				}
				b.checkOutput(t, way.name, o)
				if !way.open {
					late := s.errand(t, decision(b.other)...)
					if want := `step "ok" is decided already: ` + b.said; late.code != 6 || !strings.Contains(late.stderr, want) {
						t.Errorf("another decision: exit code %d, and stderr does not contain %q:\n%s", late.code, want, late.stderr)
					}
					close(gate.open)
				}
				b.checkEnd(t, s, first.end(t))
			})
		}
	}
}

// waitUntilDecided waits until a decision of a process is in the inbox of the run.
func (s *scene) waitUntilDecided(t *testing.T, p *process) {
	t.Helper()
	store, err := journal.Open(t.Context(), s.home)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	run := s.runs(t)[0].Run
	for {
		messages, err := store.Messages(t.Context(), run)
		if err != nil {
			t.Fatal(err)
		}
		if len(messages) > 0 {
			return
		}
		select {
		case <-p.over:
			t.Fatalf("the process ended before it decided: %+v", p.end(t))
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// checkOutput checks what the process that decides prints.
func (b twoBranches) checkOutput(t *testing.T, way string, o outcome) {
	t.Helper()
	switch way {
	case "text":
		if o.stdout != "" {
			t.Errorf("standard output: %s", o.stdout)
		}
	case "detached":
		if !anyRun.MatchString(o.stdout) {
			t.Errorf("standard output is not the id of the run: %s", o.stdout)
		}
	case "JSON":
		if result := o.result(t); result.Status != engine.Running {
			t.Errorf("the run is %s: %s", result.Status, o.stdout)
		}
	default:
		if result := o.result(t); result.Status != engine.Succeeded {
			t.Errorf("the run is %s: %s", result.Status, o.stdout)
		}
	}
}

// checkEnd checks how the process that holds the run ends.
func (b twoBranches) checkEnd(t *testing.T, s *scene, o outcome) {
	t.Helper()
	result := o.result(t)
	if o.code != 0 || result.Status != engine.Succeeded {
		t.Errorf("the first process: exit code %d, the run is %s: %s%s", o.code, result.Status, o.stdout, o.stderr)
	}
	for _, step := range result.Steps {
		decided := step.ID == "ok" && len(step.Decisions) == 1 && step.Decisions[0].By.Name == "kim"
		if step.Status != engine.StepSucceeded || decided != (step.ID == "ok") {
			t.Errorf("step %s: %s, %+v", step.ID, step.Status, step.Decisions)
		}
	}
	if effects := slices.Sorted(slices.Values(s.effects(t))); !slices.Equal(effects, b.effects) {
		t.Errorf("the effects are %q, want %q", effects, b.effects)
	}
}

// A decision after the time for it is refused, also if no process attended, and what the workflow
// says for that case applies.
func TestDecidedTooLate(t *testing.T) {
	t.Parallel()
	s := newScene(t, quick)
	file := writeWorkflow(t, "late", `
workflow: late
steps:
  - {id: ok, approval: {ask: "Go on?", by: [operators], within: 1s, otherwise: reject}}
  - {id: act, if: steps.ok.approved, task: ism.add_worklog, with: {ticket: "${{ request.id }}", text: lamp changed}}
outputs: {approved: '${{ steps.ok.approved }}'}
`)
	left := s.errand(t, "run", file, "--request", "100-291", "-o", "json")
	if left.code != 4 {
		t.Fatalf("exit code %d: %s%s", left.code, left.stdout, left.stderr)
	}
	time.Sleep(time.Until(left.result(t).Started.Add(time.Second))) // the time for the decision passes
	for _, verdict := range []string{"--approve", "--reject"} {
		o := s.errand(t, "runs", "approve", "100-291", "ok", verdict)
		if o.code != 6 || !strings.Contains(o.stderr, `step "ok" could be decided until `) {
			t.Errorf("%s: exit code %d: %s%s", verdict, o.code, o.stdout, o.stderr)
		}
	}
	o := s.errand(t, "runs", "resume", "100-291", "-o", "json")
	if o.code != 0 || o.result(t).Outputs["approved"] != false {
		t.Errorf("exit code %d: %s%s", o.code, o.stdout, o.stderr)
	}
	late := s.errand(t, "runs", "approve", "100-291", "ok", "--approve")
	if late.code != 6 || !strings.Contains(late.stderr, `step "ok" is decided already: expired`) {
		t.Errorf("exit code %d: %s%s", late.code, late.stdout, late.stderr)
	}
	if effects := s.effects(t); len(effects) > 0 {
		t.Errorf("the effects are %q", effects)
	}
}

// A requester does not become another person by naming a role; a user who has the role decides
// once.
func TestARoleIsNoPerson(t *testing.T) {
	t.Parallel()
	s := newScene(t, quick)
	file := writeWorkflow(t, "role", `
workflow: role
steps:
  - {id: ok, approval: {ask: "Go on?", by: [electricians]}}
  - {id: act, if: steps.ok.approved, task: ism.add_worklog, with: {ticket: "${{ request.id }}", text: lamp changed}}
`)
	if o := s.errand(t, "run", file, "--request", "100-291"); o.code != 4 {
		t.Fatalf("exit code %d: %s%s", o.code, o.stdout, o.stderr)
	}
	approve := []string{"runs", "approve", "100-291", "ok", "--approve"}
	for _, refused := range []struct {
		me   string
		more []string
		says string
	}{
		{"ann", nil, "ann asked for the run, and may not decide about it"},
		{"ann", []string{"--as", "lee"}, "ann asked for the run, and may not decide about it"},
		{"ann", []string{"--as", "electricians"}, `--as "electricians": this system has no such user`},
		{"lee", []string{"--as", "electricians"}, `--as "electricians": this system has no such user`},
		{"kim", nil, `kim may not decide about step "ok"`},
	} {
		o := s.withVariable(personVariable+"="+refused.me).errand(t, append(slices.Clone(approve), refused.more...)...)
		if o.code != 6 || !strings.Contains(o.stderr, refused.says) {
			t.Errorf("%s %q: exit code %d, and stderr does not contain %q: %s", refused.me, refused.more, o.code, refused.says, o.stderr)
		}
	}
	if effects := s.effects(t); len(effects) > 0 {
		t.Errorf("the effects are %q", effects)
	}
	if o := s.withVariable(personVariable+"=lee").errand(t, approve...); o.code != 0 {
		t.Errorf("exit code %d: %s%s", o.code, o.stdout, o.stderr)
	}
	if effects := s.effects(t); !slices.Equal(effects, []string{"POST Worklog"}) {
		t.Errorf("the effects are %q", effects)
	}
}
