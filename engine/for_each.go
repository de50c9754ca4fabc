package engine

import (
	"fmt"

	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
)

// forEach runs the steps once for each item. Items that run side by side are assigned to lanes in
// advance: with a limit of 2, the first lane has the items 0, 2, 4, …. So the order of the items in a
// lane does not depend on how long each takes.
func (x *run) forEach(s *program.Step, a *program.ForEach, at int) error {
	data, err := a.Items.Render(x.env)
	if err != nil {
		return x.fail(s, at, unrendered("", err))
	}
	value, err := schema.ListOf(a.Item).Decode(data)
	if err != nil {
		return x.fail(s, at, &task.Failure{Code: task.CodeInput, Message: "for_each: " + err.Error()})
	}
	items := value.([]any)
	if len(items) > program.MaxItems {
		return x.fail(s, at, &task.Failure{Code: task.CodeLimit, Message: fmt.Sprintf("for_each has %d items; at most %d are allowed", len(items), program.MaxItems)})
	}
	number := len(items)
	x.begin(s, at, Event{Items: &number, Input: data})
	restore := x.applyTimeout(s)
	entries := make([]any, len(items))
	lane := func(y *run, first, stride int) error {
		for i := first; i < len(items); i += stride {
			entry, err := y.item(s, a, i, items[i])
			if err != nil {
				return err
			}
			entries[i] = entry
		}
		return nil
	}
	if lanes := min(a.Limit, len(items)); lanes > 1 {
		err = x.fork(lanes, func(i int, y *run) error { return lane(y, i, lanes) })
	} else {
		err = lane(x, 0, 1)
	}
	restore()
	return x.concludeGroup(s, at, err, map[string]any{"items": entries})
}

// item runs the steps of a loop for one item. It returns the item under its name, and the outputs of
// the steps by id.
func (x *run) item(s *program.Step, a *program.ForEach, i int, item any) (map[string]any, error) {
	y := x.branch(x.h)
	y.in = x.in.Step(s.Key).Item(i)
	y.env[a.As] = item
	err := y.list(a.Steps)
	entry := map[string]any{a.As: item}
	for _, id := range a.IDs {
		entry[id] = y.steps[id]
		delete(y.steps, id) // other steps see them in `items` only
	}
	x.join([]*run{y})
	x.pause(y.paused)
	x.ended += y.ended
	return entry, err
}
