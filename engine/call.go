package engine

import (
	"errors"
	"time"

	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
)

// task calls a task type until it is done: through "not done yet", failures that may pass, and polls.
func (x *run) task(s *program.Step, t *program.Task, at int) error {
	input, err := t.Input.Render(x.env)
	if err != nil {
		return x.fail(s, at, &task.Failure{Code: task.CodeInput, Message: err.Error()})
	}
	x.emit(Event{Kind: EventStepStarted, Step: x.key(s), Name: s.Name, Task: t.Type.Name, Input: input})
	now := x.h.Now() // not before the event: a host that has the run done again from this step moves its clock with it
	x.result.Steps[at].Started = now
	c := &calling{
		x: x, s: s, t: t, at: at, pollEnd: after(now, t.For), deadline: earlier(x.deadline, after(now, s.Timeout)),
		call: task.Call{
			Run: x.id, Step: x.key(s), Type: t.Type.Name, Credential: t.Credential, Input: input,
			Attempt: 1, Started: now, Now: now,
		},
	}
	c.call.Deadline = c.deadline
	err = c.untilDone()
	if errors.Is(err, ErrCancelled) && x.result.Steps[at].Status == StepRunning {
		x.result.Steps[at].Status = StepCancelled
	}
	return err
}

// A calling is the state of one step's calls.
type calling struct {
	x        *run
	s        *program.Step
	t        *program.Task
	at       int
	call     task.Call
	done     bool
	deadline time.Time     // when the step's time is up; zero means never
	pollEnd  time.Time     // when polling ends; zero means never
	failures int           // since the last answer
	failing  time.Time     // when the first of them was
	unsure   *task.Failure // the last failure that left open whether the call took effect
}

func (c *calling) untilDone() error {
	for !c.done {
		if c.late(0) {
			if err := c.timeUp(); err != nil {
				return err
			}
			continue
		}
		c.call.Now = c.x.h.Now()
		reply, err := c.x.h.Call(c.call)
		if err != nil {
			return err
		}
		switch {
		case reply.Failure != nil && reply.Failure.Code == task.CodeInterrupted:
			err = c.interrupted(reply.Failure)
		case reply.Failure != nil:
			c.x.result.Steps[c.at].Attempts++
			err = c.failed(reply.Failure)
		case reply.Again != nil:
			c.call.Note = reply.Again.Note
			if reply.Again.Settled {
				c.call.Settled, c.call.Recover, c.unsure = true, false, nil
			}
			err = c.wait(Event{Kind: EventStepWaits, Wait: reply.Again.After})
		default:
			c.x.result.Steps[c.at].Attempts++
			err = c.answered(reply)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// answered takes a task's output. It is the end of the step unless it is polled and the condition does not hold.
func (c *calling) answered(reply task.Reply) error {
	value, err := c.t.Type.Output.Decode(reply.Output)
	if err != nil {
		return c.x.fail(c.s, c.at, &task.Failure{Code: task.CodeInternal, Message: c.t.Type.Name + " returned what it does not declare: " + err.Error()})
	}
	outputs := value.(map[string]any)
	message, _ := outputs["result_message"].(string)
	if c.t.Until != nil {
		holds, err := c.holds(outputs)
		if err != nil {
			return c.x.fail(c.s, c.at, &task.Failure{Code: task.CodeLimit, Message: "until: " + err.Error()})
		}
		if !holds {
			return c.pollAgain(message)
		}
	}
	c.succeed(outputs, message)
	return nil
}

func (c *calling) succeed(outputs map[string]any, message string) {
	c.done = true
	c.x.conclude(c.s, c.at, StepSucceeded, outputs)
	c.x.emit(Event{Kind: EventStepSucceeded, Step: c.call.Step, Name: c.s.Name, Task: c.t.Type.Name, Message: message})
}

func (c *calling) holds(outputs map[string]any) (bool, error) {
	c.x.env["result"] = outputs
	defer delete(c.x.env, "result")
	v, err := c.t.Until.Eval(c.x.env)
	return v == true, err
}

// pollAgain waits for the next look; the last one is when the poll's time is over. A look starts anew: what was noted and what
// failed belonged to the one before.
func (c *calling) pollAgain(message string) error {
	wait := c.t.Every
	if !c.pollEnd.IsZero() {
		rest := c.pollEnd.Sub(c.x.h.Now())
		if rest <= 0 {
			return c.x.fail(c.s, c.at, &task.Failure{
				Code:    task.CodeTimeout,
				Message: "what `until` asks for did not come within " + schema.FormatDuration(c.t.For) + "; last: " + message,
			})
		}
		wait = min(wait, rest)
	}
	c.call.Attempt++
	c.call.Note, c.call.Recover, c.call.Settled, c.failures, c.unsure = "", false, false, 0, nil
	return c.wait(Event{Kind: EventStepWaits, Wait: wait, Message: message})
}

// wait sleeps, at most until the step's time is up.
func (c *calling) wait(e Event) error {
	late := c.late(e.Wait)
	if late {
		e.Wait = max(0, c.deadline.Sub(c.x.h.Now()))
	}
	if e.Wait > 0 {
		e.Step, e.Name = c.call.Step, c.s.Name
		c.x.emit(e)
		if err := c.x.h.Sleep(e.Wait); err != nil {
			return err
		}
	}
	if late {
		return c.timeUp()
	}
	return nil
}

// late tells whether the step's time is up so much later than now.
func (c *calling) late(d time.Duration) bool {
	return !c.deadline.IsZero() && !c.x.h.Now().Add(d).Before(c.deadline)
}

func (c *calling) timeUp() error {
	message := notWithin("the step", c.s.Timeout)
	if !c.x.deadline.IsZero() && c.deadline.Equal(c.x.deadline) {
		message = c.x.limit
	}
	f := &task.Failure{Code: task.CodeTimeout, Message: message}
	if c.unsure != nil {
		f.Unknown = true
		f.Message += LateDoubt
	}
	return c.ended(f)
}

// ended concludes the step with a failure, or with doubt where a task that can neither be repeated nor looked up may have acted.
func (c *calling) ended(f *task.Failure) error {
	if f.Unknown && !c.t.Type.Effect.Repeatable() && !c.call.Settled {
		return c.doubt(f)
	}
	return c.x.fail(c.s, c.at, f)
}

// pause moves the deadlines by a time that does not count: nobody was at work, or a person was thinking.
func (c *calling) pause(d time.Duration) {
	for _, t := range []*time.Time{&c.deadline, &c.call.Deadline, &c.pollEnd} {
		*t = later(*t, d)
	}
	c.x.pause(d)
}

// pause moves the run's deadline by a time that does not count.
func (x *run) pause(d time.Duration) {
	x.paused += d
	x.deadline = later(x.deadline, d)
}

// later is a deadline so much later, or zero where it is none.
func later(t time.Time, d time.Duration) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(d)
}

// after is a point in time, or zero where the duration is.
func after(t time.Time, d time.Duration) time.Time {
	if d == 0 {
		return time.Time{}
	}
	return t.Add(d)
}

// earlier is the earlier of two deadlines, of which zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
