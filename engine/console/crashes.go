package console

import (
	"errand/engine/task"
)

// A crashRow says what becomes of a task if the process ends in the middle of a call.
type crashRow struct {
	Task, Title string
	State       state
	Words       string
}

// crashStates are what the engine does after a crash, by the effect of the task.
var crashStates = map[task.Effect]state{
	task.Pure:      marked("is repeated", "work"),
	task.Reads:     marked("is repeated", "work"),
	task.Keyed:     marked("is repeated", "work"),
	task.Converges: marked("is looked up", "wait"),
	task.Evident:   marked("is looked up", "wait"),
	task.Once:      marked("a person is asked", "person"),
}

// crashRows returns the tasks of a registry.
func crashRows(registry *task.Registry) []crashRow {
	var rows []crashRow
	for _, name := range registry.Names() {
		t, _ := registry.Lookup(name)
		r := crashRow{Task: t.Name, Title: t.Title, State: crashStates[t.Effect], Words: t.Effect.Doc()}
		if t.OnlyReads != nil {
			r.Words += "; a call that only reads is repeated"
		}
		rows = append(rows, r)
	}
	return rows
}
