package cmd_test

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/task"
)

// What EC2 says to operators is in the record of a run and in its events, and not on the ticket.
func TestDetailsOfAFailure(t *testing.T) {
	const encoded = "4nc0ded_message-of-AWS"
	s := serve(t, quick+`
faults:
  - {system: ec2, action: StartInstances, error: UnauthorizedOperation, message: "You may not. Encoded authorization failure message: `+encoded+`"}
`)
	home := "ERRAND_HOME=" + t.TempDir()
	s.environment = append(s.environment, home)
	result, code := s.run(t, "start-instance", "--input", "instance_id=i-0a1b2c3d4e5f60001")
	if code != 1 || result.Failure == nil || result.Steps[1].Status != engine.StepFailed {
		t.Fatalf("exit code %d, %+v", code, result)
	}
	names := map[string]string{}
	for _, d := range result.Steps[1].Details {
		names[d.Name] = d.Value
	}
	id := names[task.DetailRequestID]
	if id == "" || names[task.DetailAuthorization] != encoded {
		t.Fatalf("the details are %+v", result.Steps[1].Details)
	}
	if ticket := s.state(t).Tickets[0]; len(ticket.Worklogs) == 0 || strings.Contains(s.state(t).Describe(), encoded) || strings.Contains(s.state(t).Describe(), id) {
		t.Errorf("the ticket is %+v", ticket)
	}
	command := regexp.QuoteMeta("aws sts decode-authorization-message --encoded-message " + encoded)
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"the run", []string{"runs", "show", "100-291"}, `(?s)request_id: ` + id + `\n.*` + command + `\n`},
		{"the run as JSON", []string{"runs", "show", "100-291", "-o", "json"}, `"details":\[\{"name":"request_id","value":"` + id + `"\},\{"name":"authorization_message","value":"` + encoded + `"\}\]`},
		{"the events", []string{"runs", "events", "100-291"}, command},
		{"the events as JSON", []string{"runs", "events", "100-291", "-o", "json"}, `"kind":"step_failed","run":.*"details":\[\{"name":"request_id","value":"` + id + `"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			process := exec.CommandContext(t.Context(), "errand", c.args...)
			process.Env = s.environment
			text, err := process.Output()
			if err != nil || !regexp.MustCompile(c.want).Match(text) {
				t.Errorf("%v: want %s in\n%s", err, c.want, text)
			}
		})
	}
}
