package reference

import (
	"errand/engine/definition"
	"errand/engine/program"
	"errand/engine/task"
)

// Results returns the outputs of every step in Markdown.
func Results() string { return outputTable(task.Result) }

// Codes returns the codes of failures that are not a remote system's, in Markdown.
func Codes() string {
	var rows [][]string
	for _, c := range task.Codes() {
		rows = append(rows, []string{Code(c.Code), Plain(c.Doc)})
	}
	return table([]string{"code", "meaning"}, rows)
}

// everyForm has a step of each form that always has outputs of its own.
const everyForm = `workflow: every-form
steps:
  - {id: for_each, for_each: [1], as: item, steps: [{approval: {ask: a, by: [a]}}]}
  - {id: approval, approval: {ask: a, by: [a]}}
`

// Forms returns the outputs of the forms that are not tasks, in Markdown.
func Forms() string {
	d, _ := definition.Parse("", []byte(everyForm))
	p, problems := program.Compile(d, task.NewRegistry())
	if len(p.Steps) != 2 {
		panic(problems)
	}
	var rows [][]string
	for _, s := range p.Steps {
		for _, f := range s.Outputs.Fields[len(task.Result):] {
			rows = append(rows, []string{Code(s.ID), Code(f.Name), f.Title, typeOf(f.Type), Plain(f.Description)})
		}
	}
	return table([]string{"form", "output", "title", "type", "description"}, rows)
}
