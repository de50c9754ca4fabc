package program_test

import (
	"strings"
	"testing"

	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
)

func TestNearestTask(t *testing.T) {
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	for _, c := range []struct {
		name, near string
		certain    bool
	}{
		{"ism.addWorklog", "ism.add_worklog", true},
		{"ISM.add_worklog", "ism.add_worklog", true},
		{"EC2.StartInstance", "ec2.start_instance", true},
		{"ec2.stop-instance", "ec2.stop_instance", true},
		{"ec2.start_instnace", "ec2.start_instance", true},
		{"ec.start_instance", "ec2.start_instance", true},
		{"ec2.updateInstance", "", false},
		{"ism.update_service_request", "", false},
		{"ism.updateservicerequest", "", false},
		{"ism.creat_asset", "ism.create_asset", true},
		{"ism.open_service_request", "", false},
		{"ec2.remove_instance", "", false},
		{"ism.start_instance", "ec2.start_instance", false},
		{"ism.request", "", false},
	} {
		near, certain := program.NearestTask(c.name, registry)
		if near != c.near || certain != c.certain {
			t.Errorf("%s: got %q, %t; want %q, %t", c.name, near, certain, c.near, c.certain)
		}
	}
}

// A task type that does something else with the same thing is never suggested: who writes the verb of one
// task type and the noun of another gets no task type with a third verb.
func TestNearestTaskKeepsTheVerb(t *testing.T) {
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	verbs, others := map[string]bool{}, map[string]bool{}
	for _, name := range registry.Names() {
		connector, operation, _ := strings.Cut(name, ".")
		verb, noun, found := strings.Cut(operation, "_")
		if verbs[verb] = true; found {
			others[connector+".%_"+noun] = true
		}
	}
	names := 0
	for verb := range verbs {
		for other := range others {
			name := strings.Replace(other, "%", verb, 1)
			for _, written := range []string{name, strings.ReplaceAll(name, "_", "-"), strings.ReplaceAll(name, "_", ""), strings.ToUpper(name), name + "s"} {
				near, _ := program.NearestTask(written, registry)
				_, operation, _ := strings.Cut(near, ".")
				if names++; near != "" && !strings.HasPrefix(operation, verb) {
					t.Errorf("%s: %s does something else", written, near)
				}
			}
		}
	}
	if names < 300 {
		t.Errorf("only %d names", names)
	}
}
