package intake

import (
	"errand/engine/expression"
	"errand/engine/program"
)

// A Rule says for which tickets or payloads a workflow starts, and with which inputs.
type Rule struct {
	Name     string
	Workflow *program.Program

	condition *expression.Program // nil: always
	request   program.Template    // of a webhook
	inputs    program.Template    // an object
}
