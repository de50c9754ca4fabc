package cmd_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"errand/engine"
)

// upgraded are workflows that are in flight when the program is replaced: by name, what the run is in
// the middle of.
var upgraded = map[string]string{
	"asked.yaml": `
workflow: asked # waits for a person
steps:
  - {id: ok, approval: {ask: "Start it?", by: [kim]}}
  - {id: start, task: ec2.start_instance, with: {instance_id: i-0a1b2c3d4e5f60001, wait_for: running}}
  - {id: note, task: ism.add_worklog, with: {ticket: "${{ request.id }}", text: asked, client_viewable: false}}
`,
	"later.yaml": `
workflow: later # waits for a time
steps:
  - {id: wait, task: timer.delay, with: {duration: 2s}}
  - {id: note, task: ism.add_worklog, with: {ticket: "${{ request.id }}", text: later, client_viewable: false}}
`,
	"polls.yaml": `
workflow: polls # asks again and again for a state
steps:
  - {id: start, task: ec2.start_instance, with: {instance_id: i-0a1b2c3d4e5f60002, wait_for: running}}
  - {id: note, task: ism.add_worklog, with: {ticket: "${{ request.id }}", text: polls, client_viewable: false}}
`,
	"calls.yaml": `
workflow: calls # has sent a request, and has no answer yet
steps:
  - {id: note, task: ism.add_worklog, with: {ticket: "${{ request.id }}", text: calls, client_viewable: false}}
  - {id: close, task: ism.close_service_request, with: {ticket: "${{ request.id }}"}}
`,
}

const upgradeWorld = `
tickets: [{id: 100-1}, {id: 100-2}, {id: 100-3}, {id: 100-4}]
instances: [{id: i-0a1b2c3d4e5f60001, state: stopped}, {id: i-0a1b2c3d4e5f60002, state: stopped}]
timing: {pending: 3s, status_checks: 0s}
`

// A service is ended by SIGTERM while runs are in flight, and a new program is started on its home.
// Every run goes on, and every effect takes place once, whatever became of the request that was under
// way: it is answered during the drain, or it is cut off before or after it took effect.
func TestUpgradeWithRunsInFlight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		drain    string
		answered bool // the request takes effect before the end of the process
		release  bool // the answer arrives during the drain
	}{
		{"the request is answered during the drain", "1m", true, true},
		{"the request is cut off before it takes effect", "100ms", false, false},
		{"the request is cut off after it took effect", "100ms", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			behind, gate := newScene(t, upgradeWorld).withGate(t, 1, c.answered)
			gate.only = "POST Worklog"
			s := deploy(t, behind, upgraded)
			s.drain = c.drain
			s.addToken("desk", "--role", "requester", "--workflow", "asked", "--workflow", "later", "--workflow", "polls", "--workflow", "calls")
			s.addToken("kim", "--role", "approver", "--person", "kim")
			s.launch()
			runs := []string{s.begin("calls", "100-1")}
			gate.wait(s.process.over)
			runs = append(runs, s.begin("asked", "100-2"), s.begin("polls", "100-3"), s.begin("later", "100-4"))
			s.until(runs[1], func(v engine.View) bool { return len(v.Waits) == 1 && v.Waits[0].For == engine.WaitPerson })
			s.until(runs[2], func(v engine.View) bool { return slices.Contains(s.effects(t), "StartInstances") })

			if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if c.release {
				s.untilClosed()
				close(gate.open)
			}
			if o := s.process.end(t); o.code != 0 {
				t.Errorf("after SIGTERM the service ends with %d: %s", o.code, o.stderr)
			}

			s.program = copyOfProgram(t)
			s.launch()
			s.approve("kim", runs[1])
			for _, run := range runs {
				s.until(run, func(v engine.View) bool { return v.Status == engine.Succeeded })
			}
			effects := s.effects(t)
			slices.Sort(effects)
			want := []string{"POST Worklog", "POST Worklog", "POST Worklog", "POST Worklog", "PUT Ticket", "StartInstances", "StartInstances"}
			if !slices.Equal(effects, want) {
				t.Errorf("the effects are %q, expected %q", effects, want)
			}
			for _, ticket := range s.state(t).Tickets {
				if len(ticket.Worklogs) != 1 {
					t.Errorf("ticket %s has the worklogs %+v", ticket.ID, ticket.Worklogs)
				}
			}
			s.stop(syscall.SIGTERM)
		})
	}
}

// copyOfProgram returns the path of a copy of the program: a file of its own, as an upgrade makes it.
func copyOfProgram(t *testing.T) string {
	t.Helper()
	old, err := exec.LookPath("errand")
	if err != nil {
		t.Fatal(err)
	}
	from, err := os.Open(old)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = from.Close() }()
	made := filepath.Join(t.TempDir(), filepath.Base(old))
	to, err := os.OpenFile(made, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(to, from)
	if closed := to.Close(); err != nil || closed != nil {
		t.Fatal(err, closed)
	}
	return made
}

// begin starts a run, and returns its id.
func (s *deployed) begin(workflow, request string) string {
	s.Helper()
	status, answer := s.call("desk", http.MethodPost, "/v1/runs", map[string]any{"workflow": workflow, "request": request})
	var v engine.View
	if err := json.Unmarshal(answer, &v); err != nil || status != http.StatusCreated {
		s.Fatalf("%s: %d %s: %v", workflow, status, answer, err)
	}
	return v.Run
}

// approve approves the question of a run.
func (s *deployed) approve(person, run string) {
	s.Helper()
	_, answer := s.call(person, http.MethodGet, "/v1/questions", nil)
	var page struct {
		Questions []struct{ Run, Step, ETag string }
	}
	if err := json.Unmarshal(answer, &page); err != nil || len(page.Questions) != 1 || page.Questions[0].Run != run {
		s.Fatalf("the questions are %s: %v", answer, err)
	}
	q := page.Questions[0]
	if status, answer := s.call(person, http.MethodPost, "/v1/runs/"+run+"/approve", map[string]any{"step": q.Step, "decision": "approve"}, "If-Match", q.ETag); status != http.StatusOK {
		s.Fatalf("%d %s", status, answer)
	}
}

// until waits until a run is as expected.
func (s *deployed) until(run string, is func(engine.View) bool) {
	s.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		status, answer := s.call("kim", http.MethodGet, "/v1/runs/"+run, nil)
		var v engine.View
		if err := json.Unmarshal(answer, &v); err != nil || status != http.StatusOK {
			s.Fatalf("%d %s: %v", status, answer, err)
		}
		if is(v) {
			return
		}
		if time.Now().After(deadline) {
			s.Fatalf("the run is still %s", answer)
		}
	}
}

// untilClosed waits until the service takes no new requests.
func (s *deployed) untilClosed() {
	s.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		status, _ := s.call("kim", http.MethodGet, "/healthz", nil)
		if status == 0 {
			return
		}
		if time.Now().After(deadline) {
			s.Fatal("the port stays open: ", strings.TrimSpace(s.process.stderr.String()))
		}
	}
}
