package program

import "errand/engine/definition"

// A standing is a step and what is around it.
type standing struct {
	*Step
	d       *definition.Step
	section string      // steps, on_failure or finally
	around  []enclosing // the outermost first
}

// An enclosing is a step around another, and the list of it that the other belongs to.
type enclosing struct {
	*Step
	d    *definition.Step
	list string // "" for the lists of its form, else undo or on_failure
}

// standings are all steps that were compiled. It is called when all are.
func (c *compiler) standings() []standing {
	if c.stand != nil {
		return c.stand
	}
	var all []standing
	var add func(section string, around []enclosing, steps []*Step)
	add = func(section string, around []enclosing, steps []*Step) {
		for _, s := range steps {
			d := c.written[s]
			all = append(all, standing{s, d, section, around})
			inside := func(list string, steps []*Step) {
				if len(steps) == 0 {
					return
				}
				add(section, append(around[:len(around):len(around)], enclosing{s, d, list}), steps)
			}
			for _, list := range s.Lists() {
				inside("", list)
			}
			inside("undo", s.Undo)
			inside("on_failure", s.OnFailure)
		}
	}
	add("steps", nil, c.program.Steps)
	add("on_failure", nil, c.program.OnFailure)
	add("finally", nil, c.program.Finally)
	c.stand = all
	return all
}

// items are the names of the loops' items that the step sees.
func (s standing) items() []string {
	var names []string
	for _, e := range s.around {
		if loop, ok := e.Action.(*ForEach); ok && e.list == "" {
			names = append(names, loop.As)
		}
	}
	return names
}
