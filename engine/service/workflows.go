package service

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"errand/engine/access"
	"errand/engine/home"
	"errand/engine/plan"
	"errand/engine/program"
)

// A workflowList lists the workflows that the caller may see.
type workflowList struct {
	Version   int               `json:"version"` // of this shape: 1
	Workflows []workflowSummary `json:"workflows"`
}

// A workflowSummary describes a workflow in a list.
type workflowSummary struct {
	Workflow    string `json:"workflow"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Digest      string `json:"digest"` // of its definition
	Paused      bool   `json:"paused"` // the service starts no runs of it
}

// listWorkflows lists the workflows.
func listWorkflows(s *Server, c *call) (answer, error) {
	paused, err := s.Pauses.Paused(c.context())
	if err != nil {
		return answer{}, unreadable("reading the pauses", err)
	}
	list := workflowList{Version: 1, Workflows: []workflowSummary{}}
	for _, name := range s.Workflows.Names() {
		p, ok := s.Workflows.Workflow(name)
		if !ok || !c.who.token.MayUse(name) {
			continue
		}
		list.Workflows = append(list.Workflows, workflowSummary{
			Workflow: name, Title: p.Title, Description: p.Description, Digest: p.Digest,
			Paused: slices.ContainsFunc(paused, func(one access.Pause) bool { return one.Name == name }),
		})
	}
	return answer{status: http.StatusOK, body: list}, nil
}

// showWorkflow describes a workflow. Its inputs are a JSON Schema.
func showWorkflow(s *Server, c *call) (answer, error) {
	p, err := s.workflow(c.who, c.http.PathValue("name"))
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: p.Describe()}, nil
}

// A planBody says with which inputs a plan is made. Inputs that are missing are unknown in the plan.
type planBody struct {
	Request string                     `json:"request" maxlen:"200" doc:"The service request; unknown if empty."`
	Inputs  map[string]json.RawMessage `json:"inputs" doc:"The workflow's inputs, by name. Those that are missing are unknown in the plan."`
}

// planWorkflow returns what a run would call. It calls nothing.
func planWorkflow(s *Server, c *call) (answer, error) {
	b := c.body.(*planBody)
	p, err := s.workflow(c.who, c.http.PathValue("name"))
	if err != nil {
		return answer{}, err
	}
	inputs, problems := plannedInputs(p, b.Inputs)
	if len(problems) > 0 {
		return answer{}, unfit("the workflow "+p.Name+" cannot be planned with this", problems)
	}
	made, err := plan.New(c.context(), p, plan.Options{Request: b.Request, Inputs: inputs, Registry: s.Registry, Now: time.Now()})
	if err != nil {
		return answer{}, unfit(err.Error(), []FieldProblem{{Field: "inputs", Message: err.Error(), Hint: "plan it with shorter lists"}})
	}
	return answer{status: http.StatusOK, body: made}, nil
}

// plannedInputs returns the inputs for a plan, or what is wrong with those that are given.
func plannedInputs(p *program.Program, given map[string]json.RawMessage) (map[string]any, []FieldProblem) {
	in, problems := givenInputs(p, given)
	if len(problems) > 0 {
		return nil, problems
	}
	inputs, err := plan.Inputs(p, in.Given())
	if err != nil {
		return nil, inputProblems(home.InputMisfits(err))
	}
	return inputs, nil
}
