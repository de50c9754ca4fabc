package engine

import (
	"fmt"

	"errand/engine/program"
	"errand/engine/task"
)

// choose runs the steps of the first case that holds.
func (x *run) choose(s *program.Step, a *program.Switch, at int) error {
	steps, chosen := a.Else, &Case{Else: len(a.Else) > 0}
	for i, c := range a.Cases {
		holds, err := c.If.Eval(x.env)
		if err != nil {
			return x.fail(s, at, &task.Failure{Code: task.CodeLimit, Message: fmt.Sprintf("switch, case %d: %s", i+1, err)})
		}
		if holds == true {
			steps, chosen = c.Steps, &Case{Number: i + 1, If: c.If.Source()}
			break
		}
	}
	x.begin(s, at, Event{Case: chosen})
	return x.group(s, at, func() error { return x.list(steps) })
}
