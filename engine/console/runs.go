package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/program"
	"errand/engine/service"
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
	case v.Failure != nil && v.Status != engine.Uncertain:
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
	Day                         string // on which they started, in UTC, as 2026-11-03
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
	day, err := dayOf(asked.Get("day"))
	if err != nil {
		return err
	}
	q := engine.Query{Workflow: p.Workflow, Request: p.Request, Status: engine.Status(p.OfStatus), WaitsFor: engine.WaitFor(p.WaitsFor), After: asked.Get("after"), Pruned: p.Request != "" || !day.IsZero(), Limit: runsOnAPage + 1}
	if !day.IsZero() {
		p.Day = day.Format(time.DateOnly)
	}
	found, err := listOfDay(v, q, day)
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

// dayOf returns the first moment of a day in UTC, or the zero time if there is no text.
func dayOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return day, &service.Problem{Status: http.StatusBadRequest, Code: "day", Detail: plain(strconv.Quote(text)) + " is not a day", Hint: "write it like 2026-11-03"}
	}
	return day, nil
}

// listOfDay returns the runs of a query that started on a day, or all if the day is zero. A query has no
// end, so newer runs are read and left out.
func listOfDay(v *visit, q engine.Query, day time.Time) ([]engine.View, error) {
	if day.IsZero() {
		return v.client.List(v.context(), q)
	}
	want := q.Limit
	q.Since, q.Limit = day, historyRead
	var found []engine.View
	for {
		runs, err := v.client.List(v.context(), q)
		if err != nil {
			return nil, err
		}
		for _, run := range runs {
			if run.Started.Before(day.AddDate(0, 0, 1)) {
				found = append(found, run)
			}
			if len(found) == want {
				return found, nil
			}
		}
		if len(runs) < q.Limit {
			return found, nil
		}
		q.After = runs[len(runs)-1].Run
	}
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
