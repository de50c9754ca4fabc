package console

import (
	"encoding/json"
	"fmt"
	"net/http"

	"errand/engine"
	"errand/engine/graph"
	"errand/engine/service"
	"errand/engine/timeline"
)

// A runPage shows one run.
type runPage struct {
	frame
	Run       engine.View
	State     state
	Note      string
	Failure   *engine.Failure // why the run failed or was cancelled; nil if it is uncertain: its question says more
	Inputs    json.RawMessage
	Questions []service.Question
	Graph     []byte
	Timeline  *timeline.Timeline
	Picture   []byte // of the timeline
	Steps     []stepCalls
	Rounds    []engine.Round
	MayCancel bool
	MayRetry  bool
	HasTest   bool
	Trouble   string
	Pruned    bool
}

// showRun shows a run.
func showRun(c *Console, v *visit) error {
	run, err := c.readRun(v)
	if err != nil {
		return err
	}
	p := runPage{frame: c.frame(v, runTitle(run)), Run: run, State: runState(run), Inputs: run.Inputs, Rounds: run.Rounds, Pruned: !run.Pruned.IsZero()}
	p.Note = waitNote(run, c.now())
	if run.Status != engine.Uncertain {
		p.Failure = run.Failure
	}
	p.Status = fmt.Sprintf("Run %s: %s. %s", run.Run, p.State.Word, p.Note)
	if p.Pruned {
		c.write(v, http.StatusOK, v.page.name, p)
		return nil
	}
	if run.Ended.IsZero() {
		p.Live = "run=" + run.Run
	}
	mayOperate := operates.Allows(v.client.Token())
	p.MayCancel = mayOperate && run.Ended.IsZero() && !run.Cancelling
	p.MayRetry = mayOperate && (run.Status == engine.Failed || run.Status == engine.Cancelled)
	p.HasTest = c.Test != nil && !run.Ended.IsZero()
	p.Questions = v.client.Questions(run)
	if run.Trouble != nil {
		p.Trouble = run.Trouble.Error()
	}
	events, err := v.client.Events(v.context(), run.Run)
	if err != nil && p.Trouble == "" {
		p.Trouble = err.Error()
	}
	p.Timeline = timeline.New(run, events, c.now())
	p.Picture = p.Timeline.SVG()
	if run.Program != nil {
		p.Graph = graph.New(run.Program).Inline(graph.StatesOf(run))
	}
	record, err := v.client.Record(v.context(), run.Run)
	if err != nil && p.Trouble == "" {
		p.Trouble = err.Error()
	}
	p.Steps = stepsOf(run, record.Moments)
	c.write(v, http.StatusOK, v.page.name, p)
	return nil
}

// readRun returns the run in the address of a visit, or what is left of one whose record was deleted.
func (c *Console) readRun(v *visit) (engine.View, error) {
	return v.client.Kept(v.context(), v.request.PathValue("id"))
}

func runTitle(v engine.View) string {
	if v.Request == "" {
		return fmt.Sprintf("%s: %s", v.Workflow, v.Status)
	}
	return fmt.Sprintf("%s for %s: %s", v.Workflow, v.Request, v.Status)
}

// An actPage asks whether a run shall be cancelled or retried.
type actPage struct {
	frame
	Run     engine.View
	State   state
	From    string              // the step that was chosen; "" for the one that failed
	Preview engine.RetryPreview // of a retry
	Steps   []string            // that a retry can go on from
	May     bool
}

// showCancel says what cancelling does, with the button.
func showCancel(c *Console, v *visit) error { return c.showAct(v, nil) }

// cancelRun cancels a run.
func cancelRun(c *Console, v *visit) error {
	return c.act(v, func(run string, _ map[string][]string) error {
		return v.client.Call(v.context(), http.MethodPost, "/v1"+runHref(run)+"/cancel", nil, map[string]string{}, nil)
	})
}

// showRetry says what a retry keeps and what it does again, with the button.
func showRetry(c *Console, v *visit) error {
	run, err := c.readRun(v)
	if err != nil {
		return err
	}
	p := actPage{frame: c.frame(v, runTitle(run)), Run: run, State: runState(run), From: v.request.URL.Query().Get("from")}
	p.May = operates.Allows(v.client.Token())
	p.Preview, err = v.client.Preview(v.context(), run.Run, p.From)
	p.Steps = p.Preview.Steps
	status := http.StatusOK
	if err != nil {
		problem := problemOf(err)
		p.Refusal, p.May, p.Steps, status = problem, false, problem.Steps, problem.Status
	}
	c.write(v, status, v.page.name, p)
	return nil
}

// retryRun retries a run.
func retryRun(c *Console, v *visit) error {
	return c.act(v, func(run string, form map[string][]string) error {
		return v.client.Call(v.context(), http.MethodPost, "/v1"+runHref(run)+"/retry", nil, map[string]string{"from": one(form, "from")}, nil)
	})
}

// act does something to a run and shows the run. A refusal is shown on the page that asked.
func (c *Console) act(v *visit, do func(run string, form map[string][]string) error) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	id := v.request.PathValue("id")
	err = do(id, form)
	if refusal := refusalOf(err); refusal != nil {
		return c.showAct(v, refusal)
	}
	if err != nil {
		return err
	}
	c.redirect(v, runHref(id))
	return nil
}

// showAct shows the page that asks, with a refusal if that is not nil.
func (c *Console) showAct(v *visit, refusal *service.Problem) error {
	run, err := c.readRun(v)
	if err != nil {
		return err
	}
	p := actPage{frame: c.frame(v, runTitle(run)), Run: run, State: runState(run)}
	p.May = operates.Allows(v.client.Token())
	status := http.StatusOK
	if refusal != nil {
		p.Refusal, p.Steps, status = refusal, refusal.Steps, refusal.Status
	}
	c.write(v, status, v.page.name, p)
	return nil
}

// downloadTest makes a test case of a run.
func downloadTest(c *Console, v *visit) error {
	if c.Test == nil {
		return errNoPage
	}
	id := v.request.PathValue("id")
	data, err := c.Test(v.context(), v.client, id)
	if err != nil {
		return err
	}
	h := v.write.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="run-`+id+`.txtar"`)
	send(v.write, v.request, http.StatusOK, data)
	return nil
}
