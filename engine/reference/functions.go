package reference

import (
	"errand/engine/expression"
	"errand/engine/schema"
)

// Functions returns the reference of the functions of expressions in Markdown, each with an example
// and its result. It panics if an example is wrong.
func Functions() string {
	var rows [][]string
	for _, f := range expression.Functions() {
		p, problems := expression.Compile(f.Example, expression.Scope{})
		if len(problems) > 0 {
			panic("reference: the example of " + f.Name + ": " + problems[0].Message)
		}
		value, constant := p.Constant()
		if !constant {
			panic("reference: the example of " + f.Name + " is not constant")
		}
		rows = append(rows, []string{Code(f.Signature), Plain(f.Doc), Code(f.Example), Code(string(schema.Encode(value)))})
	}
	return table([]string{"function", "returns", "example", "result"}, rows)
}
