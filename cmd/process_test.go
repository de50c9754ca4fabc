package cmd_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"errand/engine"
)

// The tests in kill_test.go, call_test.go, decision_test.go, lease_test.go, fsync_test.go and detach_test.go carry out workflows in real
// processes, with the runs in a real folder, and disturb them: the shipped ones, and those of forms_test.go. course_test.go goes on with a
// run to its end, whoever must decide. The judge is a sandbox in a process of its own that outlives them all; what it is asked for is in
// ending_test.go, and gate_test.go holds requests on their way to it.

// A workflow is one that is run for the request 100-291, with all that its undisturbed run does to the two systems, in that order.
type workflow struct {
	name    string // or its file
	inputs  []string
	world   string
	effects []string
	beside  bool              // some of the effects are side by side: their order is not told
	decides []string          // the approvals, in the order in which they are decided
	reboots map[string]string // the steps that are uncertain when cut off, and the instances that they restart
	refused string            // the effect that the world refuses; "" means none
	code    int               // with which it ends
}

// lasting is quick, but an instance whose state changes stays on the way for as long as a test takes. So the state that a start, a stop
// or a termination tells is the same however late it is looked at, and a run that was disturbed has no excuse to tell another one.
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
		name: "provision-instance", inputs: []string{"ami_id=ami-0a1b2c3d4e5f60000", "instance_name=build-7", "settle=10ms"}, world: quick,
		effects: []string{"RunInstances", "POST ConfigurationItem", "POST Ticket/100-291/ConfigurationItem", "POST Worklog", "PUT Ticket"},
	},
	{
		name: "terminate-instance", inputs: []string{"instance_id=i-0a1b2c3d4e5f60002", "settle=10ms"}, world: lasting,
		effects: []string{"TerminateInstances", "PUT ConfigurationItem", "POST Ticket/100-291/ConfigurationItem", "POST Worklog", "PUT Ticket"},
	},
}

// run is the command line that asks for the workflow's run.
func (w workflow) run() []string {
	args := []string{"run", w.name, "--request", "100-291", "-o", "json"}
	for _, input := range w.inputs {
		args = append(args, "--input", input)
	}
	return args
}

// A scene is a world with a home for runs, in which processes work one after the other, or at once.
type scene struct {
	*served
	home string
}

func newScene(t *testing.T, world string) *scene {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("an interrupt cannot be sent to another process there, and a killed one not be told from one that failed")
	}
	return &scene{serve(t, world), filepath.Join(t.TempDir(), "home")}
}

// with is the scene for processes with one more variable in their environment.
func (s *scene) with(variable string) *scene {
	c := *s.served
	c.environment = append(slices.Clone(c.environment), variable)
	return &scene{&c, s.home}
}

// A process is `errand` at work.
type process struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
	over           chan struct{} // closed when it has ended
	err            error         // then
}

func (s *scene) prepare(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.CommandContext(t.Context(), "errand", append(slices.Clone(args), "--home", s.home)...), over: make(chan struct{})}
	p.Env, p.Stdout, p.Stderr = s.environment, &p.stdout, &p.stderr
	return p
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

// An outcome is how a process ended, and what it said.
type outcome struct {
	code           int  // -1 where it was killed
	killed         bool // by a signal that it could not do anything about
	stdout, stderr string
}

// end waits for the end of a process.
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

// kill ends a process without letting it tidy up.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if o := p.end(t); !o.killed {
		t.Fatalf("the process had ended by itself, with exit code %d: %s%s", o.code, o.stdout, o.stderr)
	}
}

// errand runs a process to its end.
func (s *scene) errand(t *testing.T, args ...string) outcome {
	t.Helper()
	return s.start(t, args...).end(t)
}

// result is what the process printed with -o json.
func (o outcome) result(t *testing.T) engine.Result {
	t.Helper()
	var result engine.Result
	if err := json.Unmarshal([]byte(o.stdout), &result); err != nil {
		t.Fatalf("exit code %d, and standard output is not a result: %v\n%s%s", o.code, err, o.stdout, o.stderr)
	}
	return result
}

// noSecret makes sure that none of the secrets of these tests stands in a text.
func noSecret(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range canaries {
		if strings.Contains(text, secret) {
			t.Errorf("the secret %q stands in %s:\n%s", secret, where, text)
		}
	}
}
