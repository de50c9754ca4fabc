package program_test

import (
	"errors"
	"strings"
	"testing"

	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
)

// The rules about the service request also count what a called workflow does. A workflow that gets
// a warning itself causes none in those that call it.
func TestPathRulesThroughCalls(t *testing.T) {
	registry := tasks.Registry(task.Environment{})
	const (
		check  = "  - {task: ism.check_service_request, with: {ticket: '${{ request.id }}'}}\n"
		closes = "  - {task: ism.close_service_request, with: {ticket: '${{ request.id }}'}}\n"
		stop   = "  - {task: ec2.stop_instance, with: {instance_id: i-0a1b2c3d4e5f60001}}\n"
		stops  = "  - {task: ec2.stop_instance, with: {instance_id: i-0a1b2c3d4e5f60001, wait_for: stopped}}\n"
		poll   = "  - {task: ec2.get_instance_status, with: {instance_id: i-0a1b2c3d4e5f60001}, until: result.current_instance_state == 'stopped', every: 1m, for: 1h}\n"
		wait   = "  - {task: timer.delay, with: {duration: 2d}}\n"
		call   = "  - {workflow: callee}\n"
		given  = "  - {workflow: callee, with: {t: '${{ request.id }}'}}\n"
		input  = "inputs: {t: {type: string}}\n"
	)
	ofInput := strings.NewReplacer("request.id", "inputs.t")
	cases := []struct {
		name, main, callee string
		want               string // the rules, with the lines of the main workflow
	}{
		{"the caller checks", check + call + closes, stops, ""},
		{"the callee checks", call + stops + closes, check, ""},
		{"nobody checks", call + closes, stops, "unchecked-request 3"},
		{"the callee checks its input", given + stops + closes, input + ofInput.Replace(check), ""},
		{"the callee waits", check + call + stops + closes, wait, "unchecked-request 5"},
		{"the callee waits and checks again", check + call + stops + closes, wait + check, ""},
		{"the callee waits and acts", check + call + closes, wait + stops, "unchecked-request 4"},
		{"the callee is warned itself", call, stops + closes, ""},
		{"the callee closes its input", given, input + stops + ofInput.Replace(closes), "unchecked-request 3"},
		{"the check in the callee is passed over", "  - {workflow: callee, on_failure: continue}\n" + stops + closes, check, "unchecked-request 4"},
		{"the callee only accepts", check + call + closes, stop, "unobserved-state 4"},
		{"the callee polls", check + stop + call + closes, poll, ""},
		{"the caller polls", check + call + poll + closes, stop, ""},
		{"the callee closes", check + stop + call, closes, "unobserved-state 4"},
		{"the callee closes what it accepted", check + call, check + stop + closes, ""},
		{"the callee closes its input after it accepted", check + given, input + stop + ofInput.Replace(closes), "unobserved-state 4"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			source := "workflow: main\nsteps:\n" + c.main
			inputs, steps, found := strings.Cut(c.callee, "}}\n")
			if !strings.HasPrefix(c.callee, "inputs") || !found {
				inputs, steps = "", c.callee
			} else {
				inputs += "}}\n"
			}
			loader := program.Loader{Registry: registry, Find: func(name string) (string, []byte, error) {
				if name != "callee" {
					return "", nil, errors.New("there is none")
				}
				return "callee.yaml", []byte("workflow: callee\n" + inputs + "steps:\n" + steps), nil
			}}
			p, problems := loader.Load("main.yaml", []byte(source))
			if p == nil {
				t.Fatalf("refused: %v", problems)
			}
			var got []string
			for _, problem := range problems {
				got = append(got, problem.Rule+" "+string(rune('0'+problem.Range.Start.Line)))
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("got %q, want %q\n%s", got, c.want, render(t, problems, []byte(source)))
			}
		})
	}
}
