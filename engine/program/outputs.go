package program

// workflowOutputs compiles the values that a successful run returns. They see the main steps, after
// which they are computed.
func (c *compiler) workflowOutputs() {
	facts, _ := passesList(c.program.Steps)
	scope := c.scope(view{facts: facts}, nil)
	for _, entry := range c.definition.Outputs {
		c.crosses(intoReader, func() {
			value, t := c.value(entry.Value, anything, entry.Key.Value, scope)
			c.program.Outputs = append(c.program.Outputs, Output{Name: entry.Key.Value, Type: t, Value: Template{value}})
		})
	}
}
