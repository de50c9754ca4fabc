package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/schema"
)

// inputs gathers a run's inputs: from a file, then from flags, then from whoever sits at the terminal. Every input that does not
// fit is named, before anything runs.
func (c *Command) inputs(x *cli.Context, p *program.Program) (map[string]any, error) {
	given, wrong, err := c.given(x, p)
	if err != nil {
		return nil, err
	}
	if len(wrong) == 0 {
		if err := c.missing(p, given, &wrong); err != nil {
			return nil, err
		}
	}
	if len(wrong) > 0 {
		return nil, wrongInputs(p, wrong)
	}
	value, err := p.Inputs.Canonical(given)
	if err != nil {
		return nil, wrongInputs(p, misfits("", err))
	}
	return value.(map[string]any), nil
}

// wrongInputs is one error for all that is wrong.
func wrongInputs(p *program.Program, wrong []string) error {
	return &Exit{Code: ExitUsage, Message: strings.Join(wrong, "\nerrand: "), Hint: "errand show " + p.Name + " describes the inputs; nothing was run"}
}

// given are the inputs of the file and the flags, and what is wrong with them.
func (c *Command) given(x *cli.Context, p *program.Program) (given map[string]any, wrong []string, err error) {
	given = map[string]any{}
	if file := x.String("inputs"); file != "" {
		data, err := c.data(file)
		if err != nil {
			return nil, nil, err
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(data, &members); err != nil {
			return nil, nil, usage("%s does not hold inputs by name: a mapping is wanted at its top", file)
		}
		for name, raw := range members {
			field, known := p.Inputs.Field(name)
			if !known {
				wrong = append(wrong, unknownInput(p, name))
				continue
			}
			value, err := field.Type.Decode(raw)
			if err != nil {
				wrong = append(wrong, misfits(name, err)...)
				continue
			}
			given[name] = value
		}
	}
	for _, text := range x.StringSlice("input") {
		name, value, ok := strings.Cut(text, "=")
		field, known := p.Inputs.Field(name)
		switch {
		case !ok:
			wrong = append(wrong, fmt.Sprintf("--input %s: write it as NAME=VALUE", text))
			continue
		case !known:
			wrong = append(wrong, unknownInput(p, name))
			continue
		}
		v, err := field.Type.FromText(value)
		if err != nil {
			wrong = append(wrong, misfits(name, err)...)
			continue
		}
		given[name] = v
	}
	return given, wrong, nil
}

// missing asks for inputs that have no value, where somebody can answer; else it says which they are.
func (c *Command) missing(p *program.Program, given map[string]any, wrong *[]string) error {
	for _, f := range p.Inputs.Fields {
		if _, ok := given[f.Name]; ok || !f.Required {
			continue
		}
		if !c.asks() {
			*wrong = append(*wrong, fmt.Sprintf("input %q is missing: %s", f.Name, inputHelp(f)))
			continue
		}
		answer, err := c.askInput(f)
		if err != nil {
			return err
		}
		given[f.Name] = answer
	}
	return nil
}

func inputHelp(f schema.Field) string {
	help := "add --input " + f.Name + "=… (" + f.Type.NotNull().Article()
	if f.Description != "" {
		help += ": " + strings.TrimSuffix(f.Description, ".")
	}
	return help + ")"
}

func unknownInput(p *program.Program, name string) string {
	message := fmt.Sprintf("%s has no input %q", p.Name, name)
	if help := diag.DidYouMean(name, p.Inputs.FieldNames()); help != "" {
		message += "; " + help
	}
	return message
}

// misfits words what is wrong with an input, a line for each cause.
func misfits(name string, err error) []string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var lines []string
		for _, one := range joined.Unwrap() {
			lines = append(lines, misfits(name, one)...)
		}
		return lines
	}
	m, ok := errors.AsType[schema.Misfit](err)
	if !ok {
		return []string{"input " + name + ": " + err.Error()}
	}
	path := m.Path
	switch {
	case name != "" && path != "" && !strings.HasPrefix(path, "["):
		path = name + "." + path
	case name != "":
		path = name + path
	}
	return []string{"input " + path + ": " + diag.Printable(m.Message)}
}
