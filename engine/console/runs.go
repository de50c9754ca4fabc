package console

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/program"
)

// A runRow is a run in a table.
type runRow struct {
	Run, Workflow, Request, Note string
	Started                      time.Time
	State                        state
}

func (c *Console) row(v engine.View) runRow {
	r := runRow{Run: v.Run, Workflow: v.Workflow, Request: v.Request, Started: v.Started, State: runState(v)}
	switch {
	case !v.Pruned.IsZero():
		r.Note = "its record was deleted as old"
	case v.Failure != nil:
		r.Note = "at " + v.Failure.Step + ": " + v.Failure.Message
	case !v.Ended.IsZero():
		r.Note = "took " + span(v.Started, v.Ended)
	default:
		r.Note = waitNote(v, c.now())
	}
	r.Note, _ = cut(r.Note, 300)
	return r
}

func (c *Console) rows(views []engine.View) []runRow {
	rows := make([]runRow, len(views))
	for i, v := range views {
		rows[i] = c.row(v)
	}
	return rows
}

// patternOf folds the items of loops in the key of a step, so that runs can be compared.
func patternOf(step string) string { return string(program.Key(step).Shape()) }

// A runTable is a table of runs.
type runTable struct {
	Label string
	Rows  []runRow
}

// A runsPage lists runs.
type runsPage struct {
	frame
	Runs                        runTable
	Workflow, Request, OfStatus string // what the person asks for
	WaitsFor                    string
	Statuses                    []engine.Status
	Workflows                   []string
	Next                        string // the address of the next page; "" if this is the last one
}

const runsOnAPage = 50

// showRuns lists runs, the newest first.
func showRuns(c *Console, v *visit) error {
	asked := v.request.URL.Query()
	p := runsPage{
		frame: c.frame(v, "Runs"), Workflow: asked.Get("workflow"), Request: strings.TrimSpace(asked.Get("request")), OfStatus: asked.Get("status"), WaitsFor: asked.Get("waits_for"),
		Statuses: []engine.Status{engine.Running, engine.Waiting, engine.Uncertain, engine.Failed, engine.Cancelled, engine.Succeeded}, Workflows: c.workflowNames(v),
	}
	p.Live = "all"
	q := engine.Query{Workflow: p.Workflow, Request: p.Request, Status: engine.Status(p.OfStatus), WaitsFor: engine.WaitFor(p.WaitsFor), After: asked.Get("after"), Pruned: p.Request != "", Limit: runsOnAPage + 1}
	found, err := v.client.List(v.context(), q)
	if err != nil {
		return err
	}
	if len(found) > runsOnAPage {
		found = found[:runsOnAPage]
		asked.Set("after", found[runsOnAPage-1].Run)
		p.Next = "/runs?" + asked.Encode()
	}
	p.Runs = runTable{"Runs, the newest first", c.rows(found)}
	c.write(v, http.StatusOK, v.page.name, p)
	return nil
}

// workflowNames lists the workflows that the person sees.
func (c *Console) workflowNames(v *visit) (names []string) {
	for _, name := range c.Workflows.Names() {
		if v.client.Token().MayUse(name) {
			names = append(names, name)
		}
	}
	return names
}

// find goes to the run or the request that a person looks for.
func find(c *Console, v *visit) error {
	text := strings.TrimSpace(v.request.URL.Query().Get("q"))
	if text == "" {
		c.redirect(v, "/runs")
		return nil
	}
	found, err := v.client.List(v.context(), engine.Query{Run: strings.ToLower(text), Pruned: true, Limit: 1})
	if err != nil {
		return err
	}
	if len(found) == 1 {
		c.redirect(v, runHref(found[0].Run))
		return nil
	}
	c.redirect(v, "/requests/"+url.PathEscape(text))
	return nil
}
