package cmd

import (
	"fmt"
	"strconv"
	"strings"

	"errand/engine/diag"
	"errand/engine/scaffold"
	"errand/engine/task"
)

// taskToStart returns the task type with the name. If the name is empty, it asks for the system and
// the operation on a terminal, or returns firstTask if nobody can be asked.
func (c *Command) taskToStart(name string) (task.Type, error) {
	registry := c.registry()
	if name == "" && !c.asks() {
		name = firstTask
	}
	if name != "" {
		t, ok := registry.Lookup(name)
		if !ok {
			return t, &Exit{Code: ExitNotFound, Message: fmt.Sprintf("there is no task type %q", name), Hint: diag.DidYouMean(name, registry.Names())}
		}
		if t.Effect == task.Pure {
			return t, usage("%s does not act on a system; expected a task type that does", name)
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

// choose asks a person to choose one of several names, by number or by name.
func (c *Command) choose(what string, names, about []string) (int, error) {
	for i, name := range names {
		fmt.Fprintf(c.Stderr, "  %d  %-26s %s\n", i+1, name, about[i])
	}
	for {
		answer, err := c.askLine(what)
		if err != nil {
			return 0, err
		}
		for i, name := range names {
			if answer == name || answer == strconv.Itoa(i+1) {
				return i, nil
			}
		}
		fmt.Fprintf(c.Stderr, "expected a number from 1 to %d, or a name\n", len(names))
	}
}

// nameToStart returns the name of the workflow: the given one, the answer of a person, or one that
// is derived from the operation.
func (c *Command) nameToStart(name string, t task.Type) (string, error) {
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
		if workflowName().MatchString(name) {
			return name, nil
		}
		wrong := fmt.Sprintf("%q is not a valid name for a workflow: expected lower-case letters, digits and hyphens, a letter first", name)
		if !asked {
			return "", &Exit{Code: ExitUsage, Message: wrong, Hint: "for example " + preset}
		}
		fmt.Fprintln(c.Stderr, wrong)
		name = ""
	}
}
