package cmd

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/diag"
	"errand/engine/home"
	"errand/engine/program"
	"errand/engine/schema"
)

// inputFlags set the service request and the inputs of a run.
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

// collect returns the inputs of a run from the file, from the flags, and from a person, in this
// order. The error names every input that is not valid. typed is the workflow as a person typed it.
func (f *inputFlags) collect(t *terminal, p *program.Program, typed string) (map[string]any, error) {
	given, err := f.read(t, p, typed)
	if err != nil {
		return nil, err
	}
	if t.asks() {
		for _, missing := range given.Missing() {
			if err := t.askInput(given, missing); err != nil {
				return nil, err
			}
		}
	}
	values, wrong := given.Values()
	if len(wrong) > 0 {
		return nil, t.wrongInputs(typed, inputLines(p, wrong))
	}
	return values, nil
}

// requestID returns the service request. If the workflow needs one and none is set, it asks a
// person, or returns an error.
func (f *inputFlags) requestID(t *terminal, p *program.Program) (string, error) {
	id := strings.TrimSpace(f.request)
	if id == "" && p.NeedsRequest {
		if t.asks() {
			return t.ask("request (the service request's id, such as 100-291)", schema.Of(schema.String))
		}
		return "", &Exit{Code: ExitUsage, Message: p.Name + " needs a service request", Hint: "add --request ID, such as --request 100-291"}
	}
	return id, nil
}

// wrongInputs returns one error for several problems. typed is the workflow as a person typed it.
func (t *terminal) wrongInputs(typed string, wrong []string) error {
	return &Exit{Code: ExitUsage, Message: strings.Join(wrong, "\n"+t.program()+": "), Hint: "errand show " + typed + " describes the inputs; nothing was run"}
}

// read returns the inputs from the file and from the flags. The error lists all problems.
func (f *inputFlags) read(t *terminal, p *program.Program, typed string) (*home.Inputs, error) {
	given := home.NewInputs(p)
	var wrong []string
	if f.file != "" {
		data, err := readData(t, f.file)
		if err != nil {
			return nil, err
		}
		problems, err := given.AddJSON(data)
		if err != nil {
			return nil, usage("%s: expected a mapping from input names to values at the top level", f.file)
		}
		wrong = inputLines(p, problems)
	}
	for _, text := range f.values.Value() {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			wrong = append(wrong, fmt.Sprintf("--input %q: expected NAME=VALUE", text))
			continue
		}
		wrong = append(wrong, inputLines(p, given.AddText(name, value))...)
	}
	if len(wrong) > 0 {
		return nil, t.wrongInputs(typed, wrong)
	}
	return given, nil
}

// inputLines returns one line for each problem of the inputs.
func inputLines(p *program.Program, problems []home.InputProblem) []string {
	var lines []string
	for _, problem := range problems {
		line := "input " + problem.Input + ": " + diag.Printable(problem.Message)
		switch problem.Code {
		case home.InputMisfit:
			if help := diag.DidYouMean(problem.Member, problem.Known); problem.Member != "" && help != "" {
				line += "; " + help
			}
		case home.InputUnknown:
			line = fmt.Sprintf("%s has no input %q", p.Name, problem.Input)
			if help := diag.DidYouMean(problem.Input, problem.Known); help != "" {
				line += "; " + help
			}
		case home.InputTwice:
			line = fmt.Sprintf("input %q has two values; only a list takes several --input, each of which appends", problem.Input)
		case home.InputMissing:
			line = fmt.Sprintf("input %q is missing: %s", problem.Input, inputHelp(problem.Field))
		}
		lines = append(lines, line)
	}
	return lines
}

func inputHelp(f schema.Field) string {
	help := "add --input " + f.Name + "=… (" + f.Type.NotNull().Article()
	if f.Description != "" {
		help += ": " + strings.TrimSuffix(f.Description, ".")
	}
	return help + ")"
}
