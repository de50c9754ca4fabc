package engine

import (
	"encoding/json"
	"errors"
	"time"

	"errand/engine/program"
	"errand/engine/task"
)

// approval waits for a person's decision, or until its time has passed.
func (x *run) approval(s *program.Step, a *program.Approval, at int) error {
	data, err := a.Ask.Render(x.env)
	var ask string
	if err == nil {
		err = json.Unmarshal(data, &ask)
	}
	if err != nil {
		return x.fail(s, at, unrendered("ask: ", err))
	}
	x.emit(Event{Kind: EventStepStarted, Step: x.key(s), Name: s.Name, Ask: ask})
	now := x.h.Now()
	x.result.Steps[at].Started = now
	until := earlier(earlier(x.deadline, after(now, s.Timeout)), after(now, a.Within))
	x.emit(Event{Kind: EventStepAsks, Step: x.key(s), Name: s.Name, Wait: max(0, wait(now, until)), Ask: ask})
	x.result.Steps[at].Status = StepWaiting
	d, err := x.h.Decide(Question{Step: x.key(s), Ask: ask, By: a.By, AllowRequester: a.AllowRequester, Until: until})
	if errors.Is(err, ErrCancelled) {
		x.result.Steps[at].Status = StepCancelled
	}
	if err != nil {
		return err
	}
	x.keepDecision(at, d)
	message := d.String()
	x.emit(Event{Kind: EventStepDecided, Step: x.key(s), Name: s.Name, Verdict: d.Verdict, By: d.By})
	approved := d.Verdict == VerdictApprove
	if d.Verdict == VerdictExpired {
		if !until.Equal(after(now, a.Within)) {
			return x.fail(s, at, &task.Failure{Code: task.CodeTimeout, Message: "nobody decided before the time of the step or the workflow was up"})
		}
		if a.Otherwise == program.OtherwiseFail {
			return x.fail(s, at, &task.Failure{Code: task.CodeTimeout, Message: "nobody decided in time: " + ask})
		}
		approved = a.Otherwise == program.OtherwiseApprove
	}
	outputs := map[string]any{
		"success": true, "result_code": 0, "result_message": message, "approved": approved,
		"by": orNull(d.By.Name), "comment": orNull(d.Comment), "at": x.h.Now().UTC().Format(time.RFC3339Nano),
	}
	x.conclude(s, at, StepSucceeded, outputs)
	x.emit(Event{Kind: EventStepSucceeded, Step: x.key(s), Name: s.Name, Message: message})
	return nil
}

// keepDecision adds a decision to the result of a step.
func (x *run) keepDecision(at int, d Decision) {
	step := &x.result.Steps[at]
	step.Decisions = append(step.Decisions, Decided{Verdict: d.Verdict, By: d.By.Recorded(), Comment: d.Comment, At: x.h.Now().UTC()})
}

// wait returns the time until a point in time, or 0 if that is zero.
func wait(now, until time.Time) time.Duration {
	if until.IsZero() {
		return 0
	}
	return until.Sub(now)
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
