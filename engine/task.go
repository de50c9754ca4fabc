package engine

import (
	"errors"
	"time"

	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
)

// task calls a task type until the step is done: through "not done yet", transient failures and polls.
func (x *run) task(s *program.Step, t *program.Task, at int) error {
	input, err := t.Input.Render(x.env)
	if err != nil {
		return x.fail(s, at, unrendered("", err))
	}
	x.emit(Event{Kind: EventStepStarted, Step: x.key(s), Name: s.Name, Task: t.Type.Name, Input: input})
	now := x.h.Now() // after the event: a host that retries the run from this step moves its clock with it
	x.result.Steps[at].Started = now
	c := &calling{
		x: x, s: s, t: t, at: at, pollEnd: after(now, t.For), deadline: earlier(x.deadline, after(now, s.Timeout)),
		call: task.Call{
			Run: x.id, Step: x.key(s), Type: t.Type.Name, Credential: t.Credential, Input: input,
			Attempt: 1, Started: now, Now: now, Limited: s.Timeout > 0,
		},
	}
	err = c.untilDone()
	if errors.Is(err, ErrCancelled) && x.result.Steps[at].Status == StepRunning {
		x.result.Steps[at].Status = StepCancelled
	}
	c.keepChange()
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
	looks    int           // how often the task was not done yet
	failures int           // since the last answer
	failing  time.Time     // when the first of them happened
	unsure   *task.Failure // the last failure after which the outcome is unknown; nil if it is known
	givenUp  bool          // a person let the step fail, and its outcome stays unknown
	note     string        // the note of the attempt that the engine looks for

	// failedLooks is how many looks for evidence have failed since the last answer to one.
	failedLooks int

	// cancelled is ErrCancelled if the host returned it while the outcome was unknown: it takes
	// effect when the outcome is known.
	cancelled error
}

func (c *calling) untilDone() error {
	for !c.done {
		if c.isLate(0) {
			if err := c.endLate(); err != nil {
				return err
			}
			continue
		}
		c.call.Now, c.call.Deadline = c.x.h.Now(), c.deadline
		if c.looking() { // the step's time may be up
			c.call.Deadline = time.Time{}
		}
		reply, err := c.x.h.Call(c.call)
		if err == nil {
			err = c.take(reply)
		}
		if err = c.postpone(err); err != nil {
			return err
		}
	}
	return c.cancelled
}

func (c *calling) take(reply task.Reply) error {
	if f := reply.Failure; f != nil && f.Unknown && !c.t.Type.Changes(c.call) {
		harmless := *f
		harmless.Unknown = false
		reply.Failure = &harmless
	}
	switch {
	case reply.Failure != nil && reply.Failure.Code == task.CodeInterrupted:
		return c.goOnAfterCrash(reply.Failure)
	case reply.Failure != nil && reply.Failure.Local:
		return c.awaitRepair(reply.Failure)
	case reply.Failure != nil && c.looking():
		return c.takeFailedLook(reply.Failure)
	case reply.Again != nil && c.looking():
		return c.takeLook(reply.Again)
	case reply.Failure != nil:
		c.x.result.Steps[c.at].Attempts++
		return c.takeFailure(reply.Failure)
	case reply.Again != nil:
		return c.takeAgain(reply)
	}
	if !c.looking() || !c.isCounted() {
		c.x.result.Steps[c.at].Attempts += 1 + reply.Looks
		c.call.Attempt += reply.Looks
	}
	return c.takeOutput(reply)
}

// takeAgain waits until the task wants to be called once more.
func (c *calling) takeAgain(reply task.Reply) error {
	again := reply.Again
	c.call.Note = again.Note
	if again.Settled {
		c.call.Settled, c.call.Recover, c.unsure = true, false, nil
		c.accept(again)
	}
	e := Event{Kind: EventStepWaits, Wait: again.After, For: waitsFor(c.t.Type)}
	if e.For == WaitPoll {
		c.looks += 1 + reply.Looks
		e.Looks = c.looks
	}
	return c.wait(e)
}

// takeOutput takes a task's output. The step then ends, unless it polls and the condition does not hold.
func (c *calling) takeOutput(reply task.Reply) error {
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

// pollAgain waits for the next look. The last look is at the end of the poll's time. Each look starts
// afresh: notes and failures belong to the look before.
func (c *calling) pollAgain(message string) error {
	wait := c.t.Every
	if !c.pollEnd.IsZero() {
		rest := c.pollEnd.Sub(c.x.h.Now())
		if rest <= 0 {
			return c.x.fail(c.s, c.at, &task.Failure{
				Code:    task.CodeTimeout,
				Message: "the state to wait for was not reached within " + schema.FormatDuration(c.t.For) + "; last: " + message,
			})
		}
		wait = min(wait, rest)
	}
	looks := c.x.result.Steps[c.at].Attempts
	c.call.Attempt++
	c.call.Note, c.call.Settled, c.failures = "", false, 0
	c.endDoubt()
	return c.wait(Event{Kind: EventStepWaits, Wait: wait, For: WaitPoll, Looks: looks, Message: message})
}

// wait sleeps, at most until the step's time is up.
func (c *calling) wait(e Event) error {
	late := c.isLate(e.Wait)
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
		return c.endLate()
	}
	return nil
}

// isLate reports whether the step's time is up after the duration d. While the engine looks for
// evidence, it is not.
func (c *calling) isLate(d time.Duration) bool {
	return !c.deadline.IsZero() && !c.looking() && !c.x.h.Now().Add(d).Before(c.deadline)
}

func (c *calling) endLate() error {
	message := notWithin("the step", c.s.Timeout)
	if !c.x.deadline.IsZero() && c.deadline.Equal(c.x.deadline) {
		message = c.x.limit
	}
	f := &task.Failure{Code: task.CodeTimeout, Message: message}
	if c.unsure != nil {
		f.Unknown = true
		f.Message += c.x.doubt(lateDoubt)
	}
	return c.end(f)
}

// end concludes the step with a failure. If the task may have acted, and can neither be repeated nor
// looked up, a person must decide instead.
func (c *calling) end(f *task.Failure) error {
	if f.Unknown && !c.t.Type.MayRepeat(c.call) && !c.call.Settled {
		return c.askOutcome(f)
	}
	return c.x.fail(c.s, c.at, f)
}

// pause moves the deadlines by a time that does not count: no process was at work, or a person had to
// decide.
func (c *calling) pause(d time.Duration) {
	c.deadline, c.pollEnd = later(c.deadline, d), later(c.pollEnd, d)
	c.x.pause(d)
}

// pause moves the run's deadline by a time that does not count.
func (x *run) pause(d time.Duration) {
	x.paused += d
	x.deadline = later(x.deadline, d)
}

// later returns a deadline moved by d; zero, which means no deadline, stays zero.
func later(t time.Time, d time.Duration) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(d)
}

// after returns the time d after t, or zero if d is 0.
func after(t time.Time, d time.Duration) time.Time {
	if d == 0 {
		return time.Time{}
	}
	return t.Add(d)
}

// earlier returns the earlier of two deadlines. Zero means no deadline.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
