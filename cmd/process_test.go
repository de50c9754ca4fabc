package cmd_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"errand/engine"
)

// The tests in kill_test.go, call_test.go, person_kill_test.go, sequel_kill_test.go, decision_test.go,
// lease_test.go, fsync_test.go and detach_test.go run workflows in real processes, with a home in a
// real folder, and disturb them.
// They use the shipped workflows and those of forms_test.go. course_test.go continues a run to its
// end, with all decisions. A sandbox in a separate process receives the requests of all processes,
// so it can judge them: ending_test.go compares what it was asked for, and gate_test.go holds
// requests on their way to it.

// A workflow is a workflow that runs for the request 100-291, with the effects of its undisturbed
// run, in order.
type workflow struct {
	name     string // the name or the file
	inputs   []string
	world    string
	effects  []string
	parallel bool              // some effects are parallel, so their order varies
	decides  []string          // the approvals, in the order in which they are decided
	reboots  map[string]string // by uncertain step: the instance that it restarts
	doubts   []string          // the steps that are uncertain even in the undisturbed run
	repeats  []string          // the steps that call as often as the time requires
	refused  string            // the effect that the world refuses; "" means none
	code     int               // the exit code of the last process
}

// lasting is quick, with changes of the state of an instance that take longer than a test. So a
// start, a stop or a termination that does not wait reports the same state whenever it is read, and
// a disturbed run must report the same state as an undisturbed one.
var lasting = strings.ReplaceAll(quick, ": 0s", ": 1h")

var shipped = []workflow{
	{
		name: "start-instance", inputs: []string{"instance_id=i-0a1b2c3d4e5f60001"}, world: lasting,
		effects: []string{"StartInstances", "POST Worklog", "PUT Ticket"},
	},
	{
		name: "stop-instance", inputs: []string{"instance_id=i-0a1b2c3d4e5f60002"}, world: lasting,
		effects: []string{"StopInstances", "POST Worklog", "PUT Ticket"},
	},
	{
		name: "restart-instance", inputs: []string{"instance_id=i-0a1b2c3d4e5f60002"}, world: lasting,
		effects: []string{"RebootInstances", "POST Worklog", "PUT Ticket"}, reboots: map[string]string{"restart": "i-0a1b2c3d4e5f60002"},
	},
	{
		name: "provision-instance", inputs: []string{"ami_id=ami-0a1b2c3d4e5f60000", "instance_name=build-7", "settle=10ms"}, world: lasting,
		effects: []string{"RunInstances", "POST ConfigurationItem", "POST Ticket/100-291/ConfigurationItem", "POST Worklog", "PUT Ticket"},
	},
	{
		name: "terminate-instance", inputs: []string{"instance_id=i-0a1b2c3d4e5f60002", "settle=10ms"}, world: lasting,
		effects: []string{"TerminateInstances", "PUT ConfigurationItem", "POST Ticket/100-291/ConfigurationItem", "POST Worklog", "PUT Ticket"},
	},
}

// run returns the command line that starts a run of the workflow.
func (w workflow) run() []string {
	args := []string{"run", w.name, "--request", "100-291", "-o", "json"}
	for _, input := range w.inputs {
		args = append(args, "--input", input)
	}
	return args
}

// A scene is a world and a home. Processes work in it one after the other, or at the same time.
type scene struct {
	*served
	home string
}

func newScene(t *testing.T, world string) *scene {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot interrupt another process, and does not report that a process was killed")
	}
	s := &scene{serve(t, world), filepath.Join(t.TempDir(), "home")}
	return s.withVariable("ERRAND_DEFINITIONS=" + withoutPatience(t))
}

// withoutPatience returns a folder with the definitions of the shipped workflows and of examples. They
// do not wait for the state of an instance, which takes seconds of real time in each run. TestOutside
// waits.
func withoutPatience(t *testing.T) string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"../definitions/*-instance.yaml", "../examples/workflows/nightly-stop.yaml", "../examples/workflows/restart-fleet.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		files = append(files, found...)
	}
	folder := t.TempDir()
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		changed := waiting.ReplaceAll(source, nil)
		if bytes.Equal(changed, source) {
			t.Fatalf("%s does not wait", file)
		}
		changed = changing.ReplaceAll(changed, []byte("$1# errand:allow unobserved-state\n$0"))
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(file)), changed, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// changing matches the task of a step that changes an instance.
var changing = regexp.MustCompile(`(?m)^( +)task: ec2\.\w+_instance$`)

// waiting matches a parameter that makes a step wait for a state.
var waiting = regexp.MustCompile(`(?m)^ +wait_for: \w+\n|, wait_for: \w+`)

// withVariable returns the scene with one more environment variable for its processes.
func (s *scene) withVariable(variable string) *scene {
	c := *s.served
	c.environment = append(slices.Clone(c.environment), variable)
	return &scene{&c, s.home}
}

// A process is a running `errand`.
type process struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
	over           chan struct{} // closed when it has ended
	err            error         // set when it has ended
}

func (s *scene) prepare(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.CommandContext(t.Context(), "errand", append(slices.Clone(args), "--home", s.home)...), over: make(chan struct{})}
	p.Env, p.Stdout, p.Stderr = append([]string{personVariable + "=" + decider(args)}, s.environment...), &p.stdout, &p.stderr
	return p
}

// decider is who runs a command: Ann starts runs, and Kim decides.
func decider(args []string) string {
	if args[0] == "runs" && (args[1] == "approve" || args[1] == "resolve") {
		return "kim"
	}
	return "ann"
}

func (p *process) begin(t *testing.T) *process {
	t.Helper()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.Wait()
		close(p.over)
	}()
	return p
}

func (s *scene) start(t *testing.T, args ...string) *process {
	t.Helper()
	return s.prepare(t, args...).begin(t)
}

// An outcome is how a process ended, and what it printed.
type outcome struct {
	code           int  // -1 if the process was killed
	killed         bool // by a signal
	stdout, stderr string
}

// end waits for the end of a process, and returns its outcome.
func (p *process) end(t *testing.T) outcome {
	t.Helper()
	<-p.over
	if _, ended := errors.AsType[*exec.ExitError](p.err); p.err != nil && !ended {
		t.Fatal(p.err)
	}
	o := outcome{p.ProcessState.ExitCode(), !p.ProcessState.Exited(), p.stdout.String(), p.stderr.String()}
	noSecret(t, "standard output", o.stdout)
	noSecret(t, "standard error", o.stderr)
	return o
}

// kill kills a process, so that it cannot clean up.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if o := p.end(t); !o.killed {
		t.Fatalf("the process had ended by itself, with exit code %d: %s%s", o.code, o.stdout, o.stderr)
	}
}

// errand runs errand until it ends, and returns its outcome.
func (s *scene) errand(t *testing.T, args ...string) outcome {
	t.Helper()
	return s.start(t, args...).end(t)
}

// result returns the result that the process printed with -o json.
func (o outcome) result(t *testing.T) engine.Result {
	t.Helper()
	var result engine.Result
	if err := json.Unmarshal([]byte(o.stdout), &result); err != nil {
		t.Fatalf("exit code %d, standard output is not a result: %v\n%s%s", o.code, err, o.stdout, o.stderr)
	}
	return result
}

// noSecret checks that a text contains none of the secrets of these tests.
func noSecret(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range canaries {
		if strings.Contains(text, secret) {
			t.Errorf("%[2]s contains the secret %[1]q:\n%[3]s", secret, where, text)
		}
	}
}
