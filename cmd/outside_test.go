package cmd_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"errand/engine"
	"errand/tasks/sandbox"
)

// quick is a world in which nothing takes time. A run outside of errand's own sandbox waits in real
// time.
const quick = `
tickets: [{id: 100-291, status: New}]
instances:
  - {id: i-0a1b2c3d4e5f60001, state: stopped}
  - {id: i-0a1b2c3d4e5f60002, state: running}
images: [ami-0a1b2c3d4e5f60000]
assets: [{identifier: i-0a1b2c3d4e5f60002, status: Active}]
timing: {pending: 0s, status_checks: 0s, stopping: 0s, shutting_down: 0s}
`

// canaries are the secrets of these tests. They must appear only in requests.
var canaries = []string{"CANARYACCESSKEYID", "canary-secret-access-key", "canary-user-auth-token", "canary-slice-token", "canary-password"}

// A served is a sandbox in another process, with the environment that makes errand use it.
type served struct {
	environment []string
	base        string
	said        *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func serve(t *testing.T, world string) *served {
	t.Helper()
	file := filepath.Join(t.TempDir(), "world.yaml")
	if err := os.WriteFile(file, []byte(world), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &served{said: &lockedBuffer{}}
	process := exec.CommandContext(t.Context(), "errand", "sandbox", "--world", file)
	process.Stderr = s.said
	process.Cancel = func() error { return process.Process.Signal(os.Interrupt) }
	stdout, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = process.Process.Signal(os.Interrupt)
		_ = process.Wait()
	})
	lines := bufio.NewScanner(stdout)
	for len(s.environment) < 2 && lines.Scan() {
		s.environment = append(s.environment, lines.Text())
	}
	if len(s.environment) != 2 {
		t.Fatalf("the sandbox printed %q: %s", s.environment, s.said)
	}
	s.base = strings.TrimSuffix(strings.TrimPrefix(s.environment[1], "ERRAND_ISM_APP_URL="), "/ism")
	s.environment = append(s.environment,
		"PATH="+os.Getenv("PATH"), "HOME="+t.TempDir(), "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID="+canaries[0], "AWS_SECRET_ACCESS_KEY="+canaries[1],
		"ERRAND_ISM_USER_AUTH_TOKEN="+canaries[2], "ERRAND_ISM_SLICE_TOKEN="+canaries[3],
		"ERRAND_ISM_WEBSERVICE_USER_NAME=errand", "ERRAND_ISM_WEBSERVICE_USER_PASSWORD="+canaries[4],
		"ERRAND_ISM_EVIDENCE_DELAY=200ms", // the sandbox carries out at once what has arrived
	)
	return s
}

// run runs a workflow in another process, without --sandbox.
func (s *served) run(t *testing.T, args ...string) (engine.Result, int) {
	t.Helper()
	process := exec.CommandContext(t.Context(), "errand", append([]string{"run", "-o", "json", "--request", "100-291"}, args...)...)
	process.Env = s.environment
	var stdout, stderr bytes.Buffer
	process.Stdout, process.Stderr = &stdout, &stderr
	err := process.Run()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatal(err)
	}
	noSecret(t, "standard output", stdout.String())
	noSecret(t, "standard error", stderr.String())
	noSecret(t, "the sandbox's log", s.said.String())
	var result engine.Result
	if err := json.Unmarshal(stdout.Bytes(), &result); err != nil {
		t.Fatalf("standard output is not a result: %v\n%s\n%s", err, &stdout, &stderr)
	}
	return result, process.ProcessState.ExitCode()
}

func (s *served) state(t *testing.T) sandbox.State {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.base+"/state", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var state sandbox.State
	if err := json.NewDecoder(answer.Body).Decode(&state); err != nil {
		t.Fatal(err)
	}
	return state
}

// The shipped workflows run against an EC2 and an ISM in another process, over sockets. errand
// finds both by its environment.
func TestOutside(t *testing.T) {
	const first, second, created = "i-0a1b2c3d4e5f60001", "i-0a1b2c3d4e5f60002", "i-0fa11bac0ffee0005"
	for _, test := range []struct {
		name      string
		args      []string
		instance  string // the instance that the worklog names
		instances map[string]string
		assets    map[string]string
		related   []string
	}{
		{
			name: "start-instance", args: []string{"--input", "instance_id=" + first}, instance: first,
			instances: map[string]string{first: "running"}, assets: map[string]string{second: "Active"},
		},
		{
			name: "stop-instance", args: []string{"--input", "instance_id=" + second}, instance: second,
			instances: map[string]string{second: "stopped"}, assets: map[string]string{second: "Active"},
		},
		{
			name: "restart-instance", args: []string{"--input", "instance_id=" + second}, instance: second,
			instances: map[string]string{second: "running"}, assets: map[string]string{second: "Active"},
		},
		{
			name:     "provision-instance",
			args:     []string{"--input", "ami_id=ami-0a1b2c3d4e5f60000", "--input", "instance_name=build-7", "--input", "settle=10ms"},
			instance: created, instances: map[string]string{created: "running"},
			assets: map[string]string{created: "Active"}, related: []string{created},
		},
		{
			name: "terminate-instance", args: []string{"--input", "instance_id=" + second, "--input", "settle=10ms"}, instance: second,
			instances: map[string]string{second: "terminated"}, assets: map[string]string{second: "Inactive"}, related: []string{second},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, quick)
			result, code := s.run(t, append([]string{test.name}, test.args...)...)
			if code != 0 || result.Status != engine.Succeeded || result.Failure != nil {
				t.Fatalf("exit code %d, %+v", code, result)
			}
			state := s.state(t)
			ticket := state.Tickets[0]
			if ticket.Status != "Closed" || len(ticket.Worklogs) != 1 || !strings.Contains(ticket.Worklogs[0].Text, test.instance) ||
				ticket.Worklogs[0].ClientViewable != "true" {
				t.Errorf("the request is %+v; want it closed, with one worklog that the requester sees and that names %s", ticket, test.instance)
			}
			if !slices.Equal(ticket.Related, test.related) {
				t.Errorf("related to %v, want %v", ticket.Related, test.related)
			}
			for id, want := range test.instances {
				i := slices.IndexFunc(state.Instances, func(i sandbox.Instance) bool { return i.ID == id })
				if i < 0 || state.Instances[i].State != want {
					t.Errorf("instance %s: want it %s in\n%s", id, want, state.Describe())
				}
			}
			for id, want := range test.assets {
				i := slices.IndexFunc(state.Assets, func(a sandbox.Asset) bool { return a.Identifier == id })
				if i < 0 || state.Assets[i].Status != want {
					t.Errorf("asset %s: want it %s in\n%s", id, want, state.Describe())
				}
			}
		})
	}
}

// A request that may not be worked on, or an ISM that does not work, is known before anything is
// changed in EC2.
func TestOutsideFindsOutFirst(t *testing.T) {
	ticket := func(more string) string {
		return strings.Replace(quick, "status: New", more, 1)
	}
	for _, test := range []struct {
		name, world, code string
		variable          string   // of the environment of the run
		notes             []string // whether the requester sees each note
		only              []string // the workflows; nil means all
	}{
		{name: "missing", world: strings.Replace(quick, "100-291", "100-999", 1), code: "ticket_missing"},
		{name: "closed", world: ticket("status: Closed"), code: "ticket_finished", notes: []string{"false"}},
		{name: "resolved", world: ticket("status: Resolved"), code: "ticket_finished", notes: []string{"false"}},
		{name: "cancelled", world: ticket("status: Cancelled"), code: "ticket_finished", notes: []string{"false"}},
		{name: "awaiting approval", world: ticket("status: Pending, ReasonCode: Awaiting Approval"), code: "awaiting_approval", notes: []string{"true", "false"}},
		{name: "another type", world: ticket("status: Active, type: Change Request"), code: "ticket_type", notes: []string{"true", "false"}},
		{name: "wrong tokens", world: quick + "faults: [{system: ism, error: The token is not valid, status: 403, times: 99}]\n", code: "forbidden"},
		{name: "ISM is down", world: quick, code: "unreachable", variable: "ERRAND_ISM_APP_URL=http://127.0.0.1:9", only: []string{"start-instance"}}, // takes half a minute
		{name: "no assets", world: quick + "edition: service-desk\n", code: "edition", notes: []string{"true", "false"}, only: []string{"provision-instance", "terminate-instance"}},
	} {
		for _, w := range shipped {
			if test.only != nil && !slices.Contains(test.only, w.name) {
				continue
			}
			t.Run(test.name+"/"+w.name, func(t *testing.T) {
				t.Parallel()
				s := newScene(t, test.world)
				if test.variable != "" {
					s = s.withVariable(test.variable)
				}
				before := s.state(t)
				o := s.errand(t, w.run()...)
				var result engine.View
				if err := json.Unmarshal([]byte(o.stdout), &result); err != nil {
					t.Fatal(err, o.stderr)
				}
				if o.code != 1 || result.Failure == nil || result.Failure.Step != "check" || result.Failure.Code != test.code {
					t.Fatalf("exit code %d, %+v; want a failure %s of the check", o.code, result.Failure, test.code)
				}
				after := s.state(t)
				if !reflect.DeepEqual(before.Instances, after.Instances) || !reflect.DeepEqual(before.Assets, after.Assets) {
					t.Errorf("something was changed: %s", after.Describe())
				}
				if before.Tickets[0].Status != after.Tickets[0].Status {
					t.Errorf("the request is %s, and was %s", after.Tickets[0].Status, before.Tickets[0].Status)
				}
				var notes []string
				for _, l := range after.Tickets[0].Worklogs {
					notes = append(notes, l.ClientViewable)
				}
				if !slices.Equal(notes, test.notes) {
					t.Errorf("the requester sees the notes %q, want %q", notes, test.notes)
				}
			})
		}
	}
}

// If a run fails, the request stays open, with a note for the requester and one for operators. A
// run succeeds in spite of throttles, locks and lost replies.
func TestOutsideFails(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		s := serve(t, quick)
		result, code := s.run(t, "start-instance", "--input", "instance_id=i-0123456789abcdef0")
		if code != 1 || result.Failure == nil || result.Failure.Step != "start" || result.Failure.Code != "InvalidInstanceID.NotFound" {
			t.Fatalf("exit code %d, %+v", code, result.Failure)
		}
		ticket := s.state(t).Tickets[0]
		if ticket.Status != "New" || len(ticket.Worklogs) != 2 || !strings.Contains(ticket.Worklogs[0].Text, "What did not work: Start an Amazon instance") ||
			!strings.Contains(ticket.Worklogs[1].Text, "InvalidInstanceID.NotFound") {
			t.Errorf("the request is %+v", ticket)
		}
	})
	t.Run("retried", func(t *testing.T) {
		s := serve(t, quick+`
faults:
  - {system: ec2, action: StartInstances, throttle: 1}
  - {system: ism, action: POST Worklog, lose_reply: 1}
  - {system: ism, action: PUT Ticket, lock: 1}
`)
		result, code := s.run(t, "start-instance", "--input", "instance_id=i-0a1b2c3d4e5f60001")
		if code != 0 || result.Status != engine.Succeeded {
			t.Fatalf("exit code %d, %+v", code, result)
		}
		ticket := s.state(t).Tickets[0]
		if ticket.Status != "Closed" || len(ticket.Worklogs) != 1 {
			t.Errorf("the request is %+v; want it closed with one worklog", ticket)
		}
	})
}
