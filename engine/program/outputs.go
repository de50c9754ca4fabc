package program

// workflowOutputs compiles the values that a successful run returns. They see the main steps.
func (c *compiler) workflowOutputs() {
	scope := c.scope(view{}, nil)
	for _, entry := range c.definition.Outputs {
		value, t := c.value(entry.Value, anything, entry.Key.Value, scope)
		c.program.Outputs = append(c.program.Outputs, Output{Name: entry.Key.Value, Type: t, Value: Template{value}})
	}
}
