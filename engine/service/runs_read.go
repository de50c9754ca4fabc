package service

import (
	"net/http"
	"net/url"
	"time"

	"errand/engine"
	"errand/engine/pattern"
)

// A runPage is a page of runs, the newest first.
type runPage struct {
	Version int           `json:"version"` // of this shape: 1
	Runs    []engine.View `json:"runs"`
	Next    *string       `json:"next"` // the cursor of the next page; null if this is the last one
}

// statuses and waits are what a query can select.
var (
	statuses = []engine.Status{engine.Succeeded, engine.Failed, engine.Uncertain, engine.Cancelled, engine.Waiting, engine.Running}
	waits    = []engine.WaitFor{
		engine.WaitPerson, engine.WaitTime, engine.WaitRetry, engine.WaitPoll, engine.WaitEvidence, engine.WaitTurn, engine.WaitProcess, engine.WaitAdoption, engine.WaitTrouble,
	}
)

// listRuns returns a page of the runs that the caller sees.
func listRuns(s *Server, c *call) (answer, error) {
	asked := c.http.URL.Query()
	q, err := s.runQuery(c, asked)
	if err != nil {
		return answer{}, err
	}
	limit := q.Limit
	q.Limit++ // one more says whether there is another page
	found, err := s.Runner.List(c.context(), c.who.sight.query(q))
	if err != nil {
		return answer{}, err
	}
	page := runPage{Version: 1, Runs: found}
	if len(found) > limit {
		page.Runs = found[:limit]
		page.Next = s.seal(c.route, asked, page.Runs[limit-1].Run)
	}
	if page.Runs == nil {
		page.Runs = []engine.View{}
	}
	return answer{status: http.StatusOK, body: page}, nil
}

// runQuery returns the query for a page of runs.
func (s *Server) runQuery(c *call, asked url.Values) (q engine.Query, err error) {
	q = engine.Query{Workflow: asked.Get("workflow"), Request: asked.Get("request"), Status: engine.Status(asked.Get("status")), WaitsFor: engine.WaitFor(asked.Get("waits_for"))}
	q.Pruned = q.Request != "" // the request has a run, although its record was deleted
	if err := oneOf("status", asked.Get("status"), statuses); err != nil {
		return q, err
	}
	if err := oneOf("waits_for", asked.Get("waits_for"), waits); err != nil {
		return q, err
	}
	if asked.Has("since") {
		if q.Changed, err = time.Parse(time.RFC3339, asked.Get("since")); err != nil {
			return q, badQuery("since", "since "+quoted(asked.Get("since"))+": expected a time such as 2026-03-01T10:00:00Z")
		}
	}
	if q.Limit, err = limitOf(asked); err != nil {
		return q, err
	}
	q.After, err = s.open(c.route, asked)
	return q, err
}

// runID matches a run's id. What does not match is no run.
var runID = pattern.New(runIDForm)

const runIDForm = `^[a-z0-9]{1,64}$`

// idOf returns the run in the address of a call. An id that no run can have is refused like an
// unknown one.
func idOf(c *call) (string, error) {
	id := c.http.PathValue("id")
	if !runID.MatchString(id) {
		return "", &engine.Refusal{Code: engine.RefusedNotFound, Run: id}
	}
	return id, nil
}

// showRun returns a run.
func showRun(s *Server, c *call) (answer, error) {
	id, err := idOf(c)
	if err != nil {
		return answer{}, err
	}
	v, err := s.read(c.context(), c.who, id)
	return answer{status: http.StatusOK, body: v}, err
}
