package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"errand/engine"
	"errand/engine/chart"
)

// A historyPage shows what the runs of all workflows came to, day by day.
type historyPage struct {
	frame
	Days    int
	Choices []int
	Picture []byte
	History *chart.History
	Rows    []historyRow
	Total   string
	Read    int    // how many runs were counted
	More    bool   // older runs were not counted
	From    int    // the number of the first workflow on this page, from 1
	All     int    // how many workflows there are
	Before  string // the address of the page before; "" if there is none
	Next    string // the address of the next page; "" if there is none
}

// A historyRow is the history of a workflow in words.
type historyRow struct {
	Workflow, Words string
	Days            []historyDay // those with runs, the newest first
}

// A historyDay is a day of a workflow in words.
type historyDay struct {
	Date, Words, Href string
}

const (
	usualDays = 30
	// historyCells is how many days of workflows a page has at most. More would be more than 50 KB,
	// compressed.
	historyCells = 1500
	// historyRead is how many runs are read at once, and historyMost how many are counted.
	historyRead = 1000
	historyMost = 100_000
)

// showHistory shows the history of all workflows that the person sees.
func showHistory(c *Console, v *visit) error {
	asked := v.request.URL.Query()
	p := historyPage{frame: c.frame(v, "History"), Choices: []int{7, usualDays, 90}, Days: usualDays}
	if days, err := strconv.Atoi(asked.Get("days")); err == nil && slices.Contains(p.Choices, days) {
		p.Days = days
	}
	h, read, more, err := c.history(v, engine.Query{}, p.Days)
	if err != nil {
		return err
	}
	p.Read, p.More, p.All, p.Total = read, more, len(h.Workflows), h.Total.Words()
	page := max(1, historyCells/p.Days)
	first, err := strconv.Atoi(asked.Get("from"))
	if err != nil || first < 1 || first > len(h.Workflows) {
		first = 1
	}
	p.From = first
	address := func(from int) string { return fmt.Sprintf("/history?days=%d&from=%d", p.Days, from) }
	if first > 1 {
		p.Before = address(max(1, first-page))
	}
	if first-1+page < len(h.Workflows) {
		p.Next = address(first + page)
	}
	h.Workflows = h.Workflows[first-1 : min(first-1+page, len(h.Workflows))]
	p.History, p.Picture, p.Rows = h, h.SVG(), historyRows(h)
	c.write(v, http.StatusOK, v.page.name, p)
	return nil
}

// history counts the runs that a query selects and that started today or on one of the days before.
func (c *Console) history(v *visit, q engine.Query, days int) (h *chart.History, read int, more bool, err error) {
	now := c.now().UTC()
	from := time.Date(now.Year(), now.Month(), now.Day()-days+1, 0, 0, 0, 0, time.UTC)
	adder := chart.NewAdder(from, days, time.UTC)
	q.Since, q.Pruned, q.Limit, q.Brief = from, true, historyRead, true
	for read < historyMost {
		runs, err := v.client.List(v.context(), q)
		if err != nil {
			return nil, read, false, err
		}
		for _, run := range runs {
			adder.Add(run)
		}
		if read += len(runs); len(runs) < q.Limit {
			break
		}
		q.After = runs[len(runs)-1].Run
	}
	h = adder.History()
	h.Href = dayHref
	return h, read, read >= historyMost, nil
}

// dayHref is the address of the runs of a workflow that started on a day.
func dayHref(workflow string, day time.Time) string {
	return "/runs?" + url.Values{"workflow": {workflow}, "day": {day.Format(time.DateOnly)}}.Encode()
}

// historyRows returns a history in words.
func historyRows(h *chart.History) (rows []historyRow) {
	for _, w := range h.Workflows {
		row := historyRow{Workflow: w.Workflow, Words: w.Words()}
		for _, d := range slices.Backward(w.Days) {
			if d.Runs > 0 {
				row.Days = append(row.Days, historyDay{d.Date, d.Tally.Words(), dayHref(w.Workflow, d.Start)})
			}
		}
		rows = append(rows, row)
	}
	return rows
}
