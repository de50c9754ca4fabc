package console

import (
	"net/http"
	"slices"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/catalog"
	"errand/engine/diag"
)

// Definitions are the texts of the workflows.
type Definitions interface {
	// Definitions returns the names of all workflows that have a text, sorted, also of those that
	// cannot be started.
	Definitions() []string
	// Definition returns the present text of a workflow. ok is false if there is none.
	Definition(name string) (d catalog.Definition, ok bool)
}

// A workflowsPage lists what can be started.
type workflowsPage struct {
	frame
	Rows      []workflowRow
	SeesRuns  bool
	MayStart  bool
	Looked    int  // how many runs were read to find the last ones
	Truncated bool // there are older runs, which were not read
}

// A workflowRow is a workflow in the list.
type workflowRow struct {
	Name, Title, Description string
	Paused                   bool
	Problems                 *state // such as "1 error, 2 warnings"; nil if there are none
	Broken                   bool   // it has errors, and there is no older text that can be started
	Older                    bool   // it has errors, and an older text is used
	Last                     *runRow
}

// lastRuns is how many runs are read to find the last one of each workflow.
const lastRuns = 1000

// showWorkflows lists the workflows that the person sees.
func showWorkflows(c *Console, v *visit) error {
	p := workflowsPage{frame: c.frame(v, "Workflows"), SeesRuns: seesRuns.Allows(v.client.Token()), MayStart: starts.Allows(v.client.Token())}
	if p.SeesRuns {
		p.Live = "all"
	}
	paused, err := c.paused(v)
	if err != nil {
		return err
	}
	last := map[string]runRow{}
	if p.SeesRuns {
		runs, err := v.client.List(v.context(), engine.Query{Limit: lastRuns})
		if err != nil {
			return err
		}
		p.Looked, p.Truncated = len(runs), len(runs) == lastRuns
		for _, run := range slices.Backward(runs) {
			last[run.Workflow] = c.row(run)
		}
	}
	for _, name := range c.allWorkflowNames(v) {
		row := workflowRow{Name: name, Paused: slices.Contains(paused, name), Broken: true}
		if program, err := v.client.Workflow(name); err == nil {
			row.Title, row.Broken = program.Title, false
			row.Description, _ = cut(program.Description, 240)
		}
		if d, ok := c.definition(name); ok {
			row.Problems, row.Older = problemsState(d.Problems), d.Older
		}
		if run, ok := last[name]; ok {
			row.Last = &run
		}
		p.Rows = append(p.Rows, row)
	}
	c.write(v, http.StatusOK, v.page.name, p)
	return nil
}

// problemsState returns how many problems a definition has, or nil if it has none.
func problemsState(problems []diag.Problem) *state {
	if len(problems) == 0 {
		return nil
	}
	kind := "ask"
	if diag.HasErrors(problems) {
		kind = "bad"
	}
	return &state{diag.Summary(problems), kind, icons[kind]}
}

// allWorkflowNames lists the workflows that the person sees, also those that cannot be started.
func (c *Console) allWorkflowNames(v *visit) []string {
	names := c.workflowNames(v)
	if c.Definitions != nil {
		for _, name := range c.Definitions.Definitions() {
			if v.client.Token().MayUse(name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// definition returns the present text of a workflow.
func (c *Console) definition(name string) (d catalog.Definition, ok bool) {
	if c.Definitions == nil {
		return d, false
	}
	return c.Definitions.Definition(name)
}

// paused returns the names of the workflows that are paused.
func (c *Console) paused(v *visit) (names []string, err error) {
	paused, err := c.Pauses.Paused(v.context())
	if err != nil {
		return nil, troubled("reading the pauses", err)
	}
	for _, p := range paused {
		if p.Name != access.PausedIntake {
			names = append(names, p.Name)
		}
	}
	return names, nil
}
