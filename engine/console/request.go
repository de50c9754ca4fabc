package console

import (
	"net/http"

	"errand/engine"
	"errand/engine/service"
)

// A requestPage shows everything that was done for a service request.
type requestPage struct {
	frame
	Request string
	Runs    runTable
	Notes   []note
}

// A note is a step of a run, in the order in which they were carried out.
type note struct {
	engine.StepResult
	Run      string
	Workflow string
	State    state
}

// mostForRequest is how many runs the page of a request shows.
const mostForRequest = 50

// showRequest shows the runs of a service request, and what they did.
func showRequest(c *Console, v *visit) error {
	id := v.request.PathValue("id")
	found, err := v.client.List(v.context(), engine.Query{Request: id, Pruned: true, Limit: mostForRequest})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return &service.Problem{Status: http.StatusNotFound, Code: "no_request", Detail: "there is no run for the request " + plain(id), Hint: "a run belongs to a request if it was started with it; the page Runs lists all runs"}
	}
	p := requestPage{frame: c.frame(v, "Request "+id), Request: id, Runs: runTable{"Runs for the request", c.rows(found)}}
	p.Live = "all"
	p.Status = "Request " + plain(id) + ": " + runState(found[0]).Word
	for i := len(found) - 1; i >= 0; i-- {
		run, err := v.client.Read(v.context(), found[i].Run)
		if err != nil {
			continue // its record was deleted or is damaged; the table has the run
		}
		for _, s := range run.Steps {
			p.Notes = append(p.Notes, note{s, run.Run, run.Workflow, stateOf(string(s.Status))})
		}
	}
	c.write(v, http.StatusOK, v.page.name, p)
	return nil
}
