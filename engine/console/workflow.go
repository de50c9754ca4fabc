package console

import (
	"net/http"
	"slices"

	"errand/engine"
	"errand/engine/chart"
	"errand/engine/graph"
	"errand/engine/program"
)

// A workflowPage shows one workflow.
type workflowPage struct {
	frame
	Name, Heading string
	Program       *program.Program // nil if it cannot be started
	Graph         []byte
	Inputs        []inputRow
	MayStart      bool
	Paused        bool
	Older         bool // the present text has errors, and an older one is used
	Source        *sourceText

	SeesRuns  bool
	Runs      runTable
	MoreRuns  bool
	Durations []durationRow
	Measured  int // how many runs the durations are of
	Picture   []byte
	Days      []historyDay
	Month     string // what the runs of the last days came to
}

// An inputRow is an input in a table.
type inputRow struct {
	Name, Type, Value, Description string
}

// A durationRow is how long a step takes.
type durationRow struct {
	Step, Name, Words string
	Picture           []byte
	Failed            int
	Of                int
}

// Limits of the page of a workflow.
const (
	recentRuns   = 20 // in the table
	measuredRuns = 20 // ended ones, whose durations are shown
	lookedAtRuns = 60 // to find the ended ones
)

// showWorkflow shows a workflow.
func showWorkflow(c *Console, v *visit) error {
	name := v.request.PathValue("name")
	p := workflowPage{Name: name, Heading: name, SeesRuns: seesRuns.Allows(v.client.Token()), MayStart: starts.Allows(v.client.Token())}
	found, err := v.client.Workflow(name)
	d, hasText := c.definition(name)
	hasText = hasText && v.client.Token().MayUse(name)
	if err != nil && !hasText {
		return err
	}
	if err == nil {
		p.Program, p.Graph, p.Inputs = found, graph.New(found).Inline(nil), inputRows(found)
		if found.Title != "" {
			p.Heading = found.Title
		}
	}
	p.frame = c.frame(v, p.Heading)
	if hasText {
		p.Source, p.Older = sourceOf(d), d.Older
	}
	paused, err := c.paused(v)
	if err != nil {
		return err
	}
	p.Paused = slices.Contains(paused, name)
	if p.SeesRuns {
		p.Live = "all"
		if err := c.fillRuns(v, &p); err != nil {
			return err
		}
	}
	c.write(v, http.StatusOK, v.page.name, p)
	return nil
}

func inputRows(p *program.Program) (rows []inputRow) {
	for _, f := range p.Inputs.Fields {
		row := inputRow{Name: f.Name, Type: typeWords(f.Type), Description: f.Description}
		switch {
		case f.Required:
			row.Value = "required"
		case f.Default != nil:
			row.Value = "default: " + choiceText(f.Default)
		default:
			row.Value = "optional"
		}
		rows = append(rows, row)
	}
	return rows
}

// fillRuns adds what the runs of the workflow came to.
func (c *Console) fillRuns(v *visit, p *workflowPage) error {
	runs, err := v.client.List(v.context(), engine.Query{Workflow: p.Name, Limit: lookedAtRuns})
	if err != nil {
		return err
	}
	p.Runs = runTable{"Recent runs of the workflow", c.rows(runs[:min(len(runs), recentRuns)])}
	p.MoreRuns = len(runs) > recentRuns
	c.fillDurations(v, p, runs)
	h, _, _, err := c.history(v, engine.Query{Workflow: p.Name}, usualDays)
	if err != nil {
		return err
	}
	p.Month, p.Picture = h.Total.Words(), h.SVG()
	for _, row := range historyRows(h) {
		p.Days = row.Days
	}
	return nil
}

// fillDurations adds how long the steps of ended runs took.
func (c *Console) fillDurations(v *visit, p *workflowPage, runs []engine.View) {
	var ended []engine.View
	for _, run := range runs {
		if !run.Ended.IsZero() && len(ended) < measuredRuns {
			ended = append(ended, run)
		}
	}
	for i := range ended { // a list has no programs, and one of them names the steps that have no id
		if run, err := v.client.Read(v.context(), ended[i].Run); err == nil && run.Program != nil {
			ended[i] = run
			break
		}
	}
	p.Measured = len(ended)
	names := stepNames(p.Program)
	for _, d := range chart.NewDurations(ended) {
		p.Durations = append(p.Durations, durationRow{
			Step: string(d.Step), Name: names[d.Step], Words: d.Words(), Picture: d.SVG(), Failed: d.Failed, Of: len(d.Executions),
		})
	}
}

// stepNames returns the names of the steps of a program, by key. The program may be nil.
func stepNames(p *program.Program) map[program.Key]string {
	names := map[program.Key]string{}
	if p != nil {
		for place := range p.AllPlaces() {
			names[place.Key] = place.Name
		}
	}
	return names
}
