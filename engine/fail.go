package engine

import (
	"encoding/json"

	"errand/engine/program"
	"errand/engine/task"
)

// failAsWritten fails with the message and the code of the definition.
func (x *run) failAsWritten(s *program.Step, a *program.Fail, at int) error {
	data, err := a.Message.Render(x.env)
	var message string
	if err == nil {
		err = json.Unmarshal(data, &message)
	}
	if err != nil {
		return x.fail(s, at, unrendered("fail: ", err))
	}
	x.begin(s, at, Event{})
	failed, _ := asFailure(x.fail(s, at, &task.Failure{Code: a.Code, Message: message}))
	failed.Intended = true
	return failed
}
