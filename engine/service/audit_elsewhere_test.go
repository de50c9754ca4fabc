package service_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/service"
)

// elsewhere is a runner without an audit log: it is no engine.Auditor.
type elsewhere struct{ service.Runner }

// The service itself puts a start on record if the runner has no audit log: before the order, and again
// if that made no run. Without the log nothing starts.
func TestStartsOnRecordForARunnerWithoutAnAuditLog(t *testing.T) {
	b := newBench(t, func(c *service.Config) { c.Runner = elsewhere{c.Runner} })
	desk := b.as("desk", access.Requester)
	const body = `{"workflow":"greet","request":"100-1","inputs":{"who":"Kim"}}`
	run := b.ask(desk, http.MethodPost, "/v1/runs", body).want(http.StatusCreated).member("run")
	b.ask(desk, http.MethodPost, "/v1/runs", body).want(http.StatusOK)
	b.ask(desk, http.MethodPost, "/v1/runs", strings.Replace(body, "Kim", "Dana", 1)).want(http.StatusConflict)
	b.ask(desk, http.MethodPost, "/v1/runs", `{"workflow":"nothing"}`).want(http.StatusNotFound)

	asked := `run.start {"request":"100-1","workflow":"greet"}`
	want := []string{
		"1 " + asked + " the run",
		"2 " + asked + " another",
		"3 run.start entry 2 not carried out: the request has a run already the run",
		"4 " + asked + " another",
		"5 run.start entry 4 refused: conflict another",
		`6 run.start {"request":"","workflow":"nothing"} `,
		"7 run.start entry 6 refused: no_workflow ",
	}
	var got []string
	for _, e := range b.entries() {
		of := e.Run
		switch {
		case of == run:
			of = "the run"
		case of != "":
			of = "another"
		}
		got = append(got, fmt.Sprintf("%d %s %s %s", e.Seq, e.Action, e.Detail, of))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the audit log has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	b.forbidEntries()
	b.ask(desk, http.MethodPost, "/v1/runs", strings.Replace(body, "100-1", "100-2", 1)).want(http.StatusServiceUnavailable)
	if runs, err := b.runner.List(t.Context(), engine.Query{Request: "100-2"}); err != nil || len(runs) > 0 {
		t.Errorf("without a log there is %+v, %v", runs, err)
	}
}
