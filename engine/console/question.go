package console

import (
	"net/http"
	"slices"
	"strconv"

	"errand/engine"
	"errand/engine/plan"
	"errand/engine/service"
)

// A questionPage shows one question of a run, or how it was decided.
type questionPage struct {
	frame
	Run      engine.View
	State    state
	Step     string
	StepName string
	Question *service.Question // nil if it was decided, or if the run has not come to it
	Choices  []choice
	Decided  []engine.Decided
	Taken    bool // a decision was made, and the run has not put it on record yet
	Round    int  // of those that the step has, counted from 1
	Rounds   int
	Comment  string
	Evidence []stepCalls // what the run did so far
	Ahead    *plan.Plan  // from the step on; nil if it cannot be planned
}

// A choice is a button of a question.
type choice struct {
	Verdict     engine.Verdict
	Word        string
	Consequence string
}

// choicesOf returns the buttons of a question.
func choicesOf(q service.Question) (choices []choice) {
	verdicts := engine.Verdicts
	if q.Kind == "approval" {
		verdicts = []engine.Verdict{engine.VerdictApprove, engine.VerdictReject}
	}
	for _, verdict := range verdicts {
		word := verdictWords[verdict]
		if verdict == engine.VerdictRetry && q.Cancelling {
			word = "It did not"
		}
		choices = append(choices, choice{verdict, word, q.Consequences[verdict]})
	}
	return choices
}

// showQuestion shows a question, also after it was decided.
func showQuestion(c *Console, v *visit) error { return c.writeQuestion(v, nil, "") }

func (c *Console) writeQuestion(v *visit, refusal *service.Problem, comment string) error {
	run, err := c.readRun(v)
	if err != nil {
		return err
	}
	step := v.request.PathValue("step")
	p := questionPage{frame: c.frame(v, "Question of "+runTitle(run)), Run: run, State: runState(run), Step: step, StepName: run.Program.KeyNames().Of(step), Comment: comment}
	if !p.fill(v, run) {
		return &service.Problem{Status: http.StatusNotFound, Code: "no_step", Detail: "run " + run.Run + " has not come to a step " + strconv.Quote(step) + " that asks", Hint: "the page of the run shows its steps", Run: run.Run}
	}
	if run.Ended.IsZero() {
		p.Live = "run=" + run.Run
	}
	p.Evidence = c.evidence(v, run)
	if p.Question != nil {
		p.Choices = choicesOf(*p.Question)
		p.Ahead = c.ahead(v, run, step)
		p.Status = "Waits for a decision"
	} else {
		p.Status = "Decided"
	}
	status := http.StatusOK
	if refusal != nil {
		p.Refusal, status = refusal, refusal.Status
	}
	c.write(v, status, v.page.name, p)
	return nil
}

// fill adds the question and the decisions of the round that the address asks for: ?round=N, the latest
// one if it does not say. It reports false if the step asks nothing.
func (p *questionPage) fill(v *visit, run engine.View) bool {
	rounds := [][]engine.StepResult{}
	for _, r := range run.Rounds {
		rounds = append(rounds, r.Steps)
	}
	rounds = append(rounds, run.Steps)
	var asked []engine.StepResult
	for _, steps := range rounds {
		at := slices.IndexFunc(steps, func(s engine.StepResult) bool { return s.ID == p.Step })
		if at >= 0 {
			asked = append(asked, steps[at])
		}
	}
	open := slices.IndexFunc(run.Questions, func(q engine.Open) bool { return q.Step == p.Step })
	if len(asked) == 0 {
		return false
	}
	p.Rounds = len(asked)
	p.Round = p.Rounds
	if n, err := strconv.Atoi(v.request.URL.Query().Get("round")); err == nil && n >= 1 && n <= p.Rounds {
		p.Round = n
	}
	p.Decided = asked[p.Round-1].Decisions
	if name := asked[p.Round-1].Name; name != "" {
		p.StepName = name
	}
	if open >= 0 && p.Round == p.Rounds {
		p.Question = &v.client.Questions(run)[open]
	}
	last := asked[p.Round-1].Status
	p.Taken = p.Question == nil && run.Ended.IsZero() && p.Round == p.Rounds && (last == engine.StepWaiting || last == engine.StepUncertain)
	return p.Question != nil || p.Taken || len(p.Decided) > 0
}

// evidence returns what a run did so far.
func (c *Console) evidence(v *visit, run engine.View) []stepCalls {
	record, err := v.client.Record(v.context(), run.Run)
	if err != nil {
		return stepsOf(run, nil) // the steps are known all the same
	}
	return stepsOf(run, record.Moments)
}

// ahead returns the plan of what follows a step, or nil if there is none.
func (c *Console) ahead(v *visit, run engine.View, step string) *plan.Plan {
	if run.Program == nil || run.Cancelling {
		return nil
	}
	inputs, err := run.Program.Inputs.Decode(run.Inputs)
	if err != nil {
		return nil
	}
	given, _ := inputs.(map[string]any)
	made, err := plan.New(v.context(), run.Program, plan.Options{Request: run.Request, Inputs: given, Registry: c.Registry, Now: c.now()})
	if err != nil {
		return nil
	}
	return after(made, patternOf(step))
}

// after keeps of a plan what follows one of its main steps.
func after(p *plan.Plan, step string) *plan.Plan {
	at := slices.IndexFunc(p.Steps, func(s plan.Step) bool { return s.ID == step })
	if at < 0 {
		return p
	}
	before := map[string]bool{}
	addSteps(before, p.Steps[:at+1])
	p.Steps = p.Steps[at+1:]
	p.Effects = slices.DeleteFunc(p.Effects, func(e plan.Effect) bool { return before[e.Step] })
	return p
}

// addSteps adds the keys of steps and of those inside them.
func addSteps(keys map[string]bool, steps []plan.Step) {
	for _, s := range steps {
		keys[s.ID] = true
		for _, g := range s.Groups {
			addSteps(keys, g.Steps)
		}
		addSteps(keys, s.OnFailure)
	}
}

// decide answers a question. A refusal is shown on the page of the question, which says who decided.
func decide(c *Console, v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	id, step, verdict := v.request.PathValue("id"), v.request.PathValue("step"), one(form, "verdict")
	action, body := "/resolve", map[string]string{"step": step, "verdict": verdict, "comment": one(form, "comment")}
	if verdict == string(engine.VerdictApprove) || verdict == string(engine.VerdictReject) {
		action, body = "/approve", map[string]string{"step": step, "decision": verdict, "comment": one(form, "comment")}
	}
	header := http.Header{}
	if etag := one(form, "etag"); etag != "" {
		header.Set("If-Match", etag)
	}
	err = v.client.Call(v.context(), http.MethodPost, "/v1"+runHref(id)+action, header, body, nil)
	if refusal := refusalOf(err); refusal != nil {
		return c.writeQuestion(v, refusal, one(form, "comment"))
	}
	if err != nil {
		return err
	}
	c.redirect(v, questionHref(id, step))
	return nil
}
