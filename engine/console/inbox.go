package console

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"errand/engine"
	"errand/engine/service"
)

// Limits of the inbox.
const (
	inboxQuestions = 50                  // runs with questions
	inboxFailures  = 500                 // failed runs
	inboxDays      = 14 * 24 * time.Hour // how long ago a run may have failed
	inboxWaits     = 30                  // runs that go on by themselves
)

// An inboxPage shows what needs the person first, and then what goes on by itself.
type inboxPage struct {
	frame
	Mine      []asked // questions that the person may decide
	Others    []asked // that somebody else must decide
	SetAside  []runRow
	Failures  []failureGroup
	Waits     []runRow
	MayRetry  bool
	SeesRuns  bool
	Truncated bool // there are more questions
}

// An asked question is one that waits for a person.
type asked struct {
	service.Question
	Since time.Time // when the run was started
}

// Choices are the buttons of the question.
func (a asked) Choices() []choice { return choicesOf(a.Question) }

// A failureGroup has the runs of a workflow that failed at one step in one way.
type failureGroup struct {
	Workflow, Step, Code string
	Message              string // of the newest
	Runs                 []engine.View
}

// showInbox shows the inbox.
func showInbox(c *Console, v *visit) error {
	p := inboxPage{frame: c.frame(v, "Inbox")}
	p.Live = "all"
	p.SeesRuns = seesRuns.Allows(v.client.Token())
	p.MayRetry = operates.Allows(v.client.Token())
	if p.SeesRuns {
		if err := c.fillInbox(v.context(), v.client, &p); err != nil {
			return err
		}
	}
	p.Status = fmt.Sprintf("%s for you, %s for others, %s failed", count(len(p.Mine), "decision"), count(len(p.Others), "decision"), count(p.FailedRuns(), "run"))
	if n := len(p.Mine) + len(p.SetAside); n > 0 {
		p.Title = fmt.Sprintf("(%d) Inbox", n)
	}
	c.write(v, http.StatusOK, v.page.name, p)
	return nil
}

// FailedRuns is how many runs have failed.
func (p inboxPage) FailedRuns() (n int) {
	for _, g := range p.Failures {
		n += len(g.Runs)
	}
	return n
}

func (c *Console) fillInbox(ctx context.Context, client service.Client, p *inboxPage) error {
	asking, err := client.List(ctx, engine.Query{WaitsFor: engine.WaitPerson, Open: true, Limit: inboxQuestions + 1})
	if err != nil {
		return err
	}
	p.Truncated = len(asking) > inboxQuestions
	for _, listed := range asking[:min(len(asking), inboxQuestions)] {
		run, err := client.Read(ctx, listed.Run)
		if err != nil {
			continue // it is gone, or its record is damaged: then it is among those that are set aside
		}
		for _, q := range client.Questions(run) {
			if q.May {
				p.Mine = append(p.Mine, asked{q, run.Started})
			} else {
				p.Others = append(p.Others, asked{q, run.Started})
			}
		}
	}
	slices.SortStableFunc(p.Mine, func(a, b asked) int { return cmp.Compare(rank(a), rank(b)) })
	for _, w := range []engine.WaitFor{engine.WaitTrouble, engine.WaitAdoption} {
		found, err := client.List(ctx, engine.Query{WaitsFor: w, Open: true, Limit: inboxWaits})
		if err != nil {
			return err
		}
		p.SetAside = append(p.SetAside, c.rows(found)...)
	}
	failed, err := client.List(ctx, engine.Query{Status: engine.Failed, Changed: c.now().Add(-inboxDays), Limit: inboxFailures})
	if err != nil {
		return err
	}
	p.Failures = groupFailures(failed)
	return c.fillWaits(ctx, client, p)
}

// rank puts uncertain steps before approvals.
func rank(a asked) int {
	if a.Kind == "uncertain" {
		return 0
	}
	return 1
}

// fillWaits adds the runs that go on by themselves, the next one first.
func (c *Console) fillWaits(ctx context.Context, client service.Client, p *inboxPage) error {
	var found []engine.View
	for _, w := range []engine.WaitFor{engine.WaitRetry, engine.WaitEvidence, engine.WaitPoll, engine.WaitTime} {
		some, err := client.List(ctx, engine.Query{WaitsFor: w, Open: true, Limit: inboxWaits})
		if err != nil {
			return err
		}
		for _, one := range some {
			if !slices.ContainsFunc(found, func(v engine.View) bool { return v.Run == one.Run }) {
				found = append(found, one)
			}
		}
	}
	slices.SortFunc(found, func(a, b engine.View) int { return a.Due.Compare(b.Due) })
	p.Waits = c.rows(found[:min(len(found), inboxWaits)])
	return nil
}

// groupFailures groups runs by workflow, step and code, the largest group first.
func groupFailures(failed []engine.View) []failureGroup {
	var groups []failureGroup
	for _, v := range failed {
		if v.Failure == nil {
			continue
		}
		step := patternOf(v.Failure.Step)
		at := slices.IndexFunc(groups, func(g failureGroup) bool {
			return g.Workflow == v.Workflow && g.Step == step && g.Code == v.Failure.Code
		})
		if at < 0 {
			groups = append(groups, failureGroup{Workflow: v.Workflow, Step: step, Code: v.Failure.Code, Message: v.Failure.Message})
			at = len(groups) - 1
		}
		groups[at].Runs = append(groups[at].Runs, v)
	}
	slices.SortStableFunc(groups, func(a, b failureGroup) int { return cmp.Compare(len(b.Runs), len(a.Runs)) })
	return groups
}

// A retriedPage tells what became of each run of a bulk retry.
type retriedPage struct {
	frame
	Results []retryResult
}

// A retryResult is what became of one run.
type retryResult struct {
	Run     string
	Problem *service.Problem // nil if the run goes on
}

// retrySeveral retries the runs that a form names, each by a call of its own.
func retrySeveral(c *Console, v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	p := retriedPage{frame: c.frame(v, "Retried runs")}
	if len(form["run"]) == 0 {
		return &service.Problem{Status: http.StatusUnprocessableEntity, Code: "nothing", Detail: "no run was chosen", Hint: "go back and choose at least one"}
	}
	for _, run := range form["run"][:min(len(form["run"]), inboxFailures)] {
		err := v.client.Call(v.context(), http.MethodPost, "/v1"+runHref(run)+"/retry", nil, map[string]string{}, nil)
		result := retryResult{Run: run}
		if err != nil {
			result.Problem = problemOf(err)
		}
		p.Results = append(p.Results, result)
	}
	c.write(v, http.StatusOK, v.page.name, p)
	return nil
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
