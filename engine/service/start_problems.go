package service

import (
	"errand/engine/home"
	"errand/engine/program"
)

// StartProblems words what is wrong with the request and the inputs of a start, as POST /v1/runs does.
// It is for faces that read the inputs themselves, such as a form.
func StartProblems(p *program.Program, request string, inputs []home.InputProblem) []FieldProblem {
	problems := inputProblems(inputs)
	if problem := requestProblem(p, request); problem != nil {
		problems = append(problems, *problem)
	}
	return problems
}
