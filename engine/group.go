package engine

import "errand/engine/program"

// inOrder runs the steps of a group in order.
func (x *run) inOrder(s *program.Step, a *program.Group, at int) error {
	x.begin(s, at, Event{})
	return x.group(s, at, func() error { return x.list(a.Steps) })
}
