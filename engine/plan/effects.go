package plan

import (
	"encoding/json"
	"slices"

	"errand/engine/program"
	"errand/engine/task"
)

// An Effect is what a run would do to a system.
type Effect struct {
	Verb   task.Verb `json:"verb"`   // creates, changes or destroys
	System string    `json:"system"` // the connector
	What   string    `json:"what"`   // "EC2 instance i-0a1b2c3d4e5f60001"
	Done   string    `json:"done"`   // "started"
	Step   string    `json:"step"`
	When   []string  `json:"when,omitempty"` // what must be the case, and is not known

	sort  string // what it acts on, without its name
	known bool   // the name is known
}

// effect notes what a call does. A type that does not say what it does, and is neither pure nor reads, changes its system.
func (w *walk) effect(a *program.Task, filled program.Filled, st *Step) {
	if a.Type.Effect == task.Pure || a.Type.Effect == task.Reads {
		return
	}
	if e := w.effectOf(a, filled, st); w.apart {
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
	e := Effect{Verb: c.Verb, System: a.Type.Connector(), Step: st.ID, When: slices.Clone(w.when), sort: c.What}
	e.What, e.known = subject(c.What, filled)
	e.known = e.known && c.Verb != task.Creates && c.What != task.Insert(c.What, func(string) string { return "" })
	e.Done, _ = subject(c.Done, filled)
	return e
}

// subject puts what is known of an input into a text, and reports whether all of it is.
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
