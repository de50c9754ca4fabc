package cmd

import (
	"fmt"
	"strings"

	"errand/engine/definition"
	"errand/engine/scaffold"
	"errand/engine/task"
)

// taskType returns the task type that the flag names, or that a person chooses.
func (c *initCommand) taskType() (task.Type, error) {
	registry, name := c.connectors.registry(), c.task
	if name == "" && !c.asks() {
		name = firstTask
	}
	if name != "" {
		t, ok := registry.Lookup(name)
		if !ok {
			return t, noTask(name, registry)
		}
		if t.Effect == task.Pure {
			return t, usage("%q does not act on a system; expected a task type that does", name)
		}
		return t, nil
	}
	var systems, about []string
	for _, k := range registry.Connectors() {
		if len(scaffold.Types(registry, k.Name)) > 0 {
			systems, about = append(systems, k.Name), append(about, k.Title)
		}
	}
	system, err := c.choose("which system", systems, about)
	if err != nil {
		return task.Type{}, err
	}
	types := scaffold.Types(registry, systems[system])
	var names, titles []string
	for _, row := range taskRows(types) {
		names, titles = append(names, row[0]), append(titles, row[1])
	}
	chosen, err := c.choose("which operation", names, titles)
	if err != nil {
		return task.Type{}, err
	}
	return types[chosen], nil
}

// workflowName returns the name of the workflow: from the command line, from a person, or derived
// from the operation.
func (c *initCommand) workflowName(name string, t task.Type) (string, error) {
	_, operation, _ := strings.Cut(t.Name, ".")
	preset := "my-" + strings.ReplaceAll(operation, "_", "-")
	for asked := false; ; asked = true {
		if name == "" && c.asks() {
			answer, err := c.askLine("name of the workflow [" + preset + "]")
			if err != nil {
				return "", err
			}
			name, asked = answer, true
		}
		if name == "" {
			return preset, nil
		}
		wrong := fmt.Sprintf("%q is not a valid name for a workflow: expected lower-case letters, digits and hyphens, a letter first", name)
		switch {
		case definition.IsIntake(name + ".yaml"):
			wrong = fmt.Sprintf("%s.yaml is the file with the rules of intake; choose another name for the workflow", name)
		case workflowName.MatchString(name):
			return name, nil
		}
		if !asked {
			return "", &Exit{Code: ExitUsage, Message: wrong, Hint: "for example " + preset}
		}
		fmt.Fprintln(c.stderr, wrong)
		name = ""
	}
}
