package golden

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/schema"
)

// inputs returns the inputs of the case, converted to the types that the program declares.
func (c *Case) inputs(p *program.Program) (map[string]any, error) {
	raw := []byte("{}")
	if c.Inputs != nil {
		var err error
		if raw, err = json.Marshal(c.Inputs); err != nil {
			return nil, err
		}
	}
	value, err := p.Inputs.Decode(raw)
	if err != nil {
		return nil, c.wrongInputs(p, err)
	}
	return value.(map[string]any), nil
}

// wrongInputs returns an error that has a line for each problem of the inputs.
func (c *Case) wrongInputs(p *program.Program, err error) error {
	var all []error
	for _, m := range schema.Misfits(err) {
		path := append([]string{"inputs"}, strings.FieldsFunc(m.Path, func(r rune) bool { return strings.ContainsRune(".[]", r) })...)
		if m.Unknown != "" && m.Unknown == m.Path {
			m.Path, m.Message = "", fmt.Sprintf("%s has no input %s", p.Name, schema.Show(m.Unknown))
		}
		all = append(all, c.about.fault(c.about.at(path...), "inputs: %s", withHelp(m)))
	}
	return errors.Join(all...)
}

// withHelp returns a misfit and the name that was probably meant.
func withHelp(m schema.Misfit) string {
	if m.Unknown == "" {
		return m.Error()
	}
	return helped(m.Error(), diag.DidYouMean(m.Unknown, m.Known))
}

// helped returns a message with its help, which may be empty.
func helped(message, help string) string {
	if help == "" {
		return message
	}
	return message + "; " + help
}
