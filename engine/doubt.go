package engine

import (
	"errors"
	"fmt"
	"time"

	"errand/engine/task"
)

// A Question is what a person must decide before the run can go on: whether a step took effect, or whether it goes on at all.
type Question struct {
	Step    string
	Failure *task.Failure // why nobody knows whether the step took effect; nil where an approval is asked for

	// Of an approval:
	Ask            string
	By             []string  // the roles or users that may decide
	AllowRequester bool      // so may who made the request
	Until          time.Time // nobody can decide later; zero means no limit
}

// A Decision is a person's answer.
type Decision struct {
	Verdict Verdict
	By      string // who decided
	Comment string
}

// A Verdict says what became of a step whose outcome is not known, or what is to become of the run.
type Verdict string

// The verdicts.
const (
	VerdictDone  Verdict = "done"  // it took effect: go on after it
	VerdictRetry Verdict = "retry" // it did not: call it again
	VerdictFail  Verdict = "fail"  // the step has failed

	VerdictApprove Verdict = "approve"
	VerdictReject  Verdict = "reject"
	VerdictExpired Verdict = "expired" // nobody decided in time; a host says so
)

// VerdictsOn lists the verdicts that answer a question.
func VerdictsOn(q Question) []Verdict {
	if q.Failure == nil {
		return []Verdict{VerdictApprove, VerdictReject}
	}
	return Verdicts
}

// What the message of a failure ends with where an attempt before it may have taken effect: of one that is final, and of a step whose
// time is up.
const (
	EarlierDoubt = "; an earlier attempt was not answered and may have taken effect"
	LateDoubt    = "; an attempt that was not answered may have taken effect"
)

// Verdicts lists the verdicts on a step whose outcome is not known.
var Verdicts = []Verdict{VerdictDone, VerdictRetry, VerdictFail}

// doubt has a person say whether the step took effect. No handler acts before that: it would act on a guess.
func (c *calling) doubt(f *task.Failure) error {
	step := &c.x.result.Steps[c.at]
	step.Status = StepUncertain
	c.x.emit(Event{Kind: EventStepUncertain, Step: c.call.Step, Name: c.s.Name, Failure: f})
	asked := c.x.h.Now()
	d, err := c.x.h.Decide(Question{Step: c.call.Step, Failure: f})
	if errors.Is(err, ErrUndecided) {
		c.x.doubt = &Failure{Step: c.call.Step, Code: f.Code, Message: f.Message}
	}
	if err != nil {
		return err
	}
	step.Status = StepRunning
	c.pause(c.x.h.Now().Sub(asked))
	c.unsure, c.failures, c.call.Recover = nil, 0, false
	c.x.emit(Event{Kind: EventStepDecided, Step: c.call.Step, Name: c.s.Name, Message: fmt.Sprintf("%s, says %s", d.Verdict, d.By)})
	switch d.Verdict {
	case VerdictDone:
		return c.settled(d)
	case VerdictRetry:
		c.call.Attempt++
		c.call.Note = ""
		return nil
	}
	told := *f
	told.Unknown, told.Transient = false, false
	told.Message += "; it is taken as failed, as " + d.By + " decided"
	return c.x.fail(c.s, c.at, &told)
}

// settled goes on after a step that took effect, as a person says: its outputs are read where the type can, and else empty.
func (c *calling) settled(d Decision) error {
	if c.t.Type.Settles {
		c.call.Settled = true
		return nil
	}
	outputs := c.t.Type.Output.Zero().(map[string]any) // an output is an object
	message := "done, as " + d.By + " decided; its outputs are not known"
	outputs["success"], outputs["result_message"] = true, message
	c.succeed(outputs, message)
	return nil
}
