package program

import (
	"cmp"

	"errand/engine/definition"
)

// A Fail fails.
type Fail struct {
	Message Template // a text
	Code    string
}

// Form returns the word of the form.
func (*Fail) Form() string { return definition.FailForm }

// Lists returns nil: a failure holds no steps.
func (*Fail) Lists() [][]*Step { return nil }

// fail compiles the form `fail:`.
func (c *compiler) fail(form *definition.Fail, d *definition.Step, s *Step, v view) {
	if d.If != nil && s.If == nil {
		defer c.dropMaybeNull(len(c.problems))
	}
	message, _ := c.value(form.Message, text, definition.FailForm, c.scope(v, s.If))
	s.Outputs, s.Action = resultOf(), &Fail{Template{message}, cmp.Or(form.Code.Value, definition.FailForm)}
}
