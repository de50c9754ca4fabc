package program

import (
	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/schema"
)

// condition compiles the `if` of a step. A null result counts as false.
func (c *compiler) condition(d *definition.Step, s *Step, v view) {
	if d.If != nil {
		s.If = c.boolean(d.If, "if", c.scope(v, nil))
	}
}

// boolean compiles an expression whose type must be boolean.
func (c *compiler) boolean(e *definition.Expression, key string, scope expression.Scope) *expression.Program {
	compiled := c.compileExpression(e, scope)
	if compiled == nil {
		return nil
	}
	t := compiled.Type()
	if t.Kind != schema.Boolean && t.Kind != "" {
		help := "compare it with a value, such as `" + operand(e) + " == …`"
		switch {
		case t.Nullable && t.Kind != schema.Null:
			help = "compare it: " + operand(e) + " != nil"
		case t.Kind == schema.List:
			help = "compare its length: len(" + e.Source + ") > 0"
		case t.Kind == schema.Object:
			help = "compare one of its members"
		}
		c.report(diag.Problem{Rule: "wrong-type", Range: e.Range, Label: labelOf(t), Message: "`" + key + "` must be true or false", Help: help})
		return nil
	}
	c.constantCondition(e, key, compiled, scope.Facts)
	return compiled
}
