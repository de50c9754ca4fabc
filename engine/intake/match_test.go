package intake_test

import (
	"testing"

	"errand/engine/diag"
	"errand/engine/intake"
	"errand/engine/task"
	"errand/tasks"
)

func loader() intake.Loader {
	return intake.Loader{Registry: task.NewRegistry(tasks.Connectors(task.Environment{})...)}
}

// load loads an intake file that has no problems.
func load(t testing.TB, text string) *intake.Source {
	t.Helper()
	s, problems := loader().Load("intake.yaml", []byte(text))
	if len(problems) > 0 || s == nil {
		t.Fatalf("the problems %v in\n%s", problems, text)
	}
	return s
}

const ruleOfStart = `version: 1
source: ism
rules:
  - name: start
    workflow: start-instance
    if: ticket.type == "Service Request" && ticket.categorization == "Cloud >> Start an instance"
    with:
      instance_id: ${{ ticket.custom_attributes["Instance ID"] ?? "" }}
`

func TestMatch(t *testing.T) {
	s := load(t, ruleOfStart)
	ticket, err := intake.ParseTicket([]byte(start))
	if err != nil {
		t.Fatal(err)
	}
	m, ok := s.Match(ticket.Values())
	if !ok || !m.Fits() || m.Rule != "start" || m.Workflow.Name != "start-instance" || m.Request != "100-291" {
		t.Fatalf("got %+v, %t", m, ok)
	}
	if m.Inputs["instance_id"] != "i-0a1b2c3d4e5f60001" || m.Inputs["closed_status"] != "Closed" {
		t.Errorf("inputs %v", m.Inputs)
	}
	ticket.CustomAttributes = nil
	if m, ok = s.Match(ticket.Values()); !ok || m.Fits() || len(m.Problems) != 1 || m.Problems[0].Input != "instance_id" || m.Inputs != nil {
		t.Errorf("got %+v, %t; want a problem of the input instance_id", m, ok)
	}
	ticket.Categorization = "Cloud"
	if m, ok = s.Match(ticket.Values()); ok {
		t.Errorf("got %+v; want no match", m)
	}
	_ = diag.HasErrors
}
