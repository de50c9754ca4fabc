package program

import (
	"fmt"
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/schema"
)

// missing describes the problem with a name that an expression does not know.
func (c *compiler) missing(path, name string) expression.Missing {
	switch {
	case path == "inputs":
		return c.missingInput(name)
	case path == "steps":
		return c.missingStep(name)
	case strings.HasPrefix(path, "steps."):
		return c.missingOutput(strings.TrimPrefix(path, "steps."), name)
	case path == "" && name == "failure":
		return expression.Missing{
			Message: "there is no `failure` here",
			Help:    "use `failure` only under `on_failure` or `finally`",
		}
	case path == "" && name == "result":
		return expression.Missing{
			Message: "there is no `result` here",
			Help:    "use `result` only in `until`; elsewhere, write steps.ID.OUTPUT",
		}
	}
	return expression.Missing{}
}

func (c *compiler) missingInput(name string) expression.Missing {
	names := c.inputType.FieldNames()
	if misnamed(name, names) != "" {
		return expression.Missing{Declared: true}
	}
	m := hint{Rule: "unknown-input", Message: `there is no input "` + name + `"`, Label: "not declared under `inputs`"}
	if m.suggest(name, valid(names)); m.Help == "" {
		m.Help = "declare it under `inputs`"
	}
	if len(names) > 0 {
		m.Notes = []string{"inputs are " + strings.Join(names, ", ")}
	}
	return m.Missing()
}

func (c *compiler) missingStep(name string) expression.Missing {
	var names []string
	for _, k := range c.known {
		names = append(names, k.id)
	}
	if id := misnamed(name, c.ids); id != "" {
		if c.knows(id) {
			return expression.Missing{Declared: true}
		}
		name = id
	}
	m := hint{Rule: "unknown-step", Message: `there is no step "` + name + `" before this one`, Label: "no such step"}
	if name == c.current {
		m.Message, m.Label = `step "`+name+`" refers to itself`, "the step's own id"
		m.Help = "the outputs of a step exist only after the step; in `until` they are `result`"
		return m.Missing()
	}
	if hidden, ok := c.hidden[name]; ok {
		m.Message, m.Label, m.Help = hidden.message, "cannot be used here", hidden.help
		return m.Missing()
	}
	if line, later := c.lines[name]; later {
		m.Message = `step "` + name + `" has not run yet`
		m.Label = fmt.Sprintf("is on line %d", line)
		m.Help = "an expression can use only the steps before its own step"
		return m.Missing()
	}
	if m.suggest(name, valid(names)); m.Help == "" {
		m.suggest(name, valid(c.ids))
	}
	if len(names) == 0 && m.Help == "" {
		m.Help = "no step before this one has an id; add this line to the step that you mean: id: " + name
	}
	if len(names) > 0 {
		m.Notes = []string{"steps with an id before this one are " + strings.Join(names, ", ")}
	}
	return m.Missing()
}

func (c *compiler) missingOutput(step, name string) expression.Missing {
	for _, k := range c.known {
		if k.id != step {
			continue
		}
		names := k.outputs.FieldNames()
		m := hint{Rule: "unknown-output", Message: `step "` + step + `" has no output "` + name + `"`, Label: "not an output of " + k.task}
		m.suggest(name, names)
		m.Notes = []string{"outputs are " + strings.Join(names, ", ")}
		return m.Missing()
	}
	return expression.Missing{}
}

// misnamed returns the declared name that is not valid and must become name. It returns "" if there is
// none, or if name is declared.
func misnamed(name string, declared []string) string {
	if slices.Contains(declared, name) {
		return ""
	}
	i := slices.IndexFunc(declared, func(d string) bool {
		return !definition.IsIdentifier(d) && definition.NearestIdentifier(d) == name
	})
	if i < 0 {
		return ""
	}
	return declared[i]
}

// valid returns the names as they must be written: those that are not valid in the form that their own
// problem suggests.
func valid(declared []string) []string {
	names := slices.Clone(declared)
	for i, name := range names {
		if near := definition.NearestIdentifier(name); near != "" {
			names[i] = near
		}
	}
	return names
}

// A hint describes the problem with a wrong name.
type hint expression.Missing

func (h hint) Missing() expression.Missing { return expression.Missing(h) }

// suggest suggests the most similar of names. It offers a fix only if nothing else can be meant.
func (h *hint) suggest(name string, names []string) {
	if near := diag.Nearest(name, names); near != "" {
		h.Help = `did you mean "` + near + `"?`
		h.Suggest = diag.Certain(name, names)
	}
}

// fix returns the edit that corrects a name, or nil if the correction is not certain.
func fix(name string, names []string, at diag.Range) *diag.Fix {
	near := diag.Certain(name, names)
	if near == "" {
		return nil
	}
	return &diag.Fix{Title: "write " + near, Range: at, Text: near}
}

func (c *compiler) knows(step string) bool {
	return slices.ContainsFunc(c.known, func(k knownStep) bool { return k.id == step })
}

// mayLack reports whether a member, or a member's member, of an object may be null.
func mayLack(t schema.Type, members []string) bool {
	for _, name := range members {
		f, ok := t.Field(name)
		if t = f.Type; !ok || t.Nullable {
			return true
		}
	}
	return false
}

// why returns the reason why a value can be null.
func (c *compiler) why(path string) string {
	id, output, _ := strings.Cut(strings.TrimPrefix(path, "steps."), ".")
	switch {
	case strings.HasPrefix(path, "inputs.") && len(expression.Members(path)) > 2:
		members := expression.Members(path)
		return `the member "` + members[len(members)-1] + `" of an input is not required`
	case strings.HasPrefix(path, "inputs."):
		return `input "` + strings.TrimPrefix(path, "inputs.") + `" is not required`
	case path == "failure" || strings.HasPrefix(path, "failure."):
		return "the run may not have failed"
	case path == "run.url":
		return "the web console may have no public address"
	case !strings.HasPrefix(path, "steps."):
		return ""
	}
	for _, k := range c.known {
		switch {
		case k.id != id:
		case k.lenient:
			return `step "` + id + `" may have failed`
		case k.inside != "":
			return `step "` + id + `" may have failed or may not have run, because "` + k.inside + `" around it may have failed`
		case len(k.conjuncts) > 0:
			return `step "` + id + `" runs only if ` + strings.Join(k.conjuncts, " && ")
		case k.conjuncts != nil:
			return `step "` + id + `" runs only under its ` + "`if`"
		case k.standIn:
			return `step "` + id + `" runs only if another step failed`
		default:
			if mayLack(k.outputs, expression.Members(output)) {
				return k.task + " does not always return it"
			}
			return `step "` + id + `" may not have run`
		}
	}
	return ""
}
