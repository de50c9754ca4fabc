package plan

import (
	"encoding/json"
	"slices"

	"errand/engine/program"
	"errand/engine/task"
)

// An Effect is a change that a run would make in a system.
type Effect struct {
	Verb   task.Verb `json:"verb"`   // creates, changes or destroys
	System string    `json:"system"` // the connector
	What   string    `json:"what"`   // "EC2 instance i-0a1b2c3d4e5f60001"
	Done   string    `json:"done"`   // "started"
	Step   string    `json:"step"`
	When   []string  `json:"when,omitempty"` // conditions for it that are not known yet

	label string // the step for people
	sort  string // the kind of thing that it acts on
	known bool   // its name is known
}

// effect records the change that a call makes. A type without a Change that is neither pure nor
// reads changes its system.
func (w *walk) effect(a *program.Task, filled program.Filled, st *Step) {
	if a.Type.Effect == task.Pure || a.Type.Effect == task.Reads {
		return
	}
	if e := w.effectOf(a, filled, st); w.offPath {
		w.later = append(w.later, e)
	} else {
		w.effects, w.blocks = append(w.effects, e), append(w.blocks, e)
	}
}

func (w *walk) effectOf(a *program.Task, filled program.Filled, st *Step) Effect {
	c := a.Type.Change
	if c.Verb == "" {
		c = task.Change{Verb: task.Changes, What: a.Type.Connector(), Done: a.Type.Title}
	}
	e := Effect{Verb: c.Verb, System: a.Type.Connector(), Step: st.ID, When: slices.Clone(w.when), label: st.Label, sort: c.What}
	e.What, e.known = subject(c.What, filled)
	e.known = e.known && c.Verb != task.Creates && c.What != task.Insert(c.What, func(string) string { return "" })
	e.Done, _ = subject(c.Done, filled)
	return e
}

// subject replaces the parameters in a text by the known values of an input. It reports whether all
// are known.
func subject(text string, filled program.Filled) (made string, known bool) {
	known = true
	made = task.Insert(text, func(parameter string) string {
		part, given := filled.Part(parameter)
		if !given {
			known = false
			return "‹" + parameter + "›"
		}
		known = known && part.Known()
		var value string
		if json.Unmarshal(part.JSON, &value) != nil {
			return string(part.JSON)
		}
		return value
	})
	return made, known
}
