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

// inputFlags give a run its service request and its inputs.
type inputFlags struct {
	request string
	values  cli.StringSlice
	file    string
}

func (f *inputFlags) flags(request, input string) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "request", Usage: request, Destination: &f.request},
		&cli.StringSliceFlag{Name: "input", Usage: input, Destination: &f.values},
		&cli.StringFlag{Name: "inputs", Usage: "take inputs from a YAML or JSON `FILE`", Destination: &f.file},
	}
}

// collect returns a run's inputs: those of the file, then those of the flags, then those that a
// person answers. The error names every input that does not fit.
func (f *inputFlags) collect(t *terminal, p *program.Program) (map[string]any, error) {
	given, wrong, err := f.read(t, p)
	if err != nil {
		return nil, err
	}
	if len(wrong) == 0 {
		if wrong, err = askMissing(t, p, given); err != nil {
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

// requestID returns the service request. It asks for one, or returns an error, if the workflow needs
// one and none is given.
func (f *inputFlags) requestID(t *terminal, p *program.Program) (string, error) {
	id := strings.TrimSpace(f.request)
	if id == "" && p.NeedsRequest {
		if t.asks() {
			return t.ask("request (the service request's id, such as 100-291)", schema.Of(schema.String))
		}
		return "", &Exit{Code: ExitUsage, Message: p.Name + " works on a service request; none was named", Hint: "add --request ID, such as --request 100-291"}
	}
	return id, nil
}

// wrongInputs returns one error for everything that is wrong.
func wrongInputs(p *program.Program, wrong []string) error {
	return &Exit{Code: ExitUsage, Message: strings.Join(wrong, "\nerrand: "), Hint: "errand show " + p.Name + " describes the inputs; nothing was run"}
}

// read returns the inputs of the file and of the flags, and what is wrong with them.
func (f *inputFlags) read(t *terminal, p *program.Program) (given map[string]any, wrong []string, err error) {
	given = map[string]any{}
	if f.file != "" {
		data, err := readData(t, f.file)
		if err != nil {
			return nil, nil, err
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(data, &members); err != nil {
			return nil, nil, usage("%s does not hold inputs by name: a mapping is wanted at its top", f.file)
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
	for _, text := range f.values.Value() {
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

// askMissing asks for the inputs that are needed and have no value. If nobody can be asked, it
// returns which they are.
func askMissing(t *terminal, p *program.Program, given map[string]any) (missing []string, err error) {
	for _, f := range p.Inputs.Fields {
		if _, ok := given[f.Name]; ok || !f.Required {
			continue
		}
		if !t.asks() {
			missing = append(missing, fmt.Sprintf("input %q is missing: %s", f.Name, inputHelp(f)))
			continue
		}
		answer, err := t.askInput(f)
		if err != nil {
			return nil, err
		}
		given[f.Name] = answer
	}
	return missing, nil
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

// misfits returns what is wrong with an input, a line for each cause.
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
