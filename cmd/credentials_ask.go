package cmd

import (
	"fmt"
	"slices"
	"strings"

	"errand/engine/task"
)

// askValues asks a person for the parameters of a credential, one group after the other. An empty
// answer skips a parameter, or a group in which none is required.
func askValues(t *terminal, connector task.Connector, editing bool) (task.Values, error) {
	values := task.Values{}
	skipped := "Enter skips a question"
	if editing {
		skipped = "Enter leaves a parameter unchanged"
	}
	groups := groupsOf(connector)
	for i, group := range groups {
		fmt.Fprintf(t.stderr, "%d of %d: %s; %s\n", i+1, len(groups), group[0].Group, skipped)
		wanted, err := t.wantsGroup(i, group, editing)
		if err != nil {
			return nil, err
		}
		if !wanted {
			continue
		}
		for _, p := range group {
			answer, err := t.askParameter(p, editing)
			if err != nil {
				return nil, err
			}
			if !answer.IsZero() {
				values[p.Name] = answer
			}
		}
	}
	return values, nil
}

// groupsOf returns the parameters of a connector's credential by group.
func groupsOf(connector task.Connector) [][]task.Parameter {
	var groups [][]task.Parameter
	for _, g := range task.ParameterGroups {
		var group []task.Parameter
		for _, p := range connector.Credential {
			if p.Group == g {
				group = append(group, p)
			}
		}
		if len(group) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

// wantsGroup asks whether a person wants to enter the parameters of a group. The first group, and
// one with a parameter that is required, are always asked for.
func (t *terminal) wantsGroup(i int, group []task.Parameter, editing bool) (bool, error) {
	if i == 0 || !editing && slices.ContainsFunc(group, func(p task.Parameter) bool { return p.Required }) {
		return true, nil
	}
	names := make([]string, len(group))
	for i, p := range group {
		names[i] = p.Name
	}
	for {
		answer, err := t.askLine(fmt.Sprintf("enter %s? (y, or Enter to skip)", strings.Join(names, ", ")))
		switch {
		case err != nil:
			return false, err
		case answer == "", answer == "n", answer == "no":
			return false, nil
		case answer == "y", answer == "yes":
			return true, nil
		}
		fmt.Fprintln(t.stderr, "expected y, or Enter to skip")
	}
}

// askParameter asks for one parameter, until there is a value if it is required.
func (t *terminal) askParameter(p task.Parameter, editing bool) (task.Secret, error) {
	about, _, _ := strings.Cut(p.Description, ". ")
	what := p.Title + ", " + p.Name
	if about != "" {
		what += ": " + strings.TrimSuffix(about, ".")
	}
	if p.Default != "" && !editing {
		what += " [" + p.Default + "]"
	}
	for {
		var answer task.Secret
		var err error
		if p.Encrypted {
			answer, err = t.askSecret(what)
		} else {
			var text string
			text, err = t.askLine(what)
			answer = task.NewSecret(text)
		}
		if err != nil || !answer.IsZero() || !p.Required || editing {
			return answer, err
		}
		fmt.Fprintf(t.stderr, "%s is required\n", p.Name)
	}
}
