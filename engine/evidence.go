package engine

import (
	"errors"
	"time"

	"errand/engine/program"
	"errand/engine/task"
)

// evidence.go handles a call of an Evident type whose outcome is unknown. The engine calls the task
// until it has looked for evidence, and sends again only if there certainly is none. Until then,
// the step's time-out and a cancellation take no effect.

// looking reports whether the step's next call only looks for evidence.
func (c *calling) looking() bool { return c.call.Recover && c.t.Type.Effect == task.Evident }

// beginDoubt makes the next call look for the effect of the one that failed.
func (c *calling) beginDoubt(f *task.Failure) {
	c.unsure, c.call.Recover, c.failedLooks = f, true, 0
	if c.t.Type.Effect != task.Evident {
		return
	}
	c.note, c.call.Note, c.call.Sent = c.call.Note, "", f.Sent
	if f.Sent.IsZero() { // an older program recorded the failure
		c.call.Sent = c.call.Now
	}
}

// endDoubt ends the doubt about the outcome.
func (c *calling) endDoubt() { c.unsure, c.call.Recover, c.call.Sent = nil, false, time.Time{} }

// beginLooks takes a failure after which the outcome is unknown.
func (c *calling) beginLooks(f *task.Failure, wait time.Duration) error {
	c.beginDoubt(f)
	event := Event{Kind: EventStepRetries, Attempt: c.call.Attempt, Wait: wait, For: WaitEvidence, Failure: f}
	c.call.Attempt++
	return c.wait(event)
}

// isCounted reports whether the attempt that the engine looks for is counted already. One that a
// crash interrupted is not. An older program counted the look instead, and recorded no time of the
// attempt.
func (c *calling) isCounted() bool {
	return c.unsure.Code != task.CodeInterrupted && !c.unsure.Sent.IsZero()
}

// takeLook takes the answer of a look that found nothing: it was too early, or there was no effect.
// Then the call is sent again if the step may be tried again. After a crash, that is not a retry.
func (c *calling) takeLook(a *task.Again) error {
	c.call.Note, c.failedLooks = a.Note, 0
	if !a.Absent {
		return c.wait(Event{Kind: EventStepWaits, Wait: a.After, For: WaitEvidence})
	}
	f := *c.unsure
	c.endDoubt()
	c.call.Note = c.note
	switch limit := c.s.Retry.For; {
	case c.cancelled != nil:
		return c.cancelled
	case f.Code == task.CodeInterrupted:
		return nil
	case !c.mayRetry(&f) || limit > 0 && c.x.h.Now().Sub(c.failing) > limit:
		f.Unknown = false
		f.Message += c.x.doubt(foundNothing)
		return c.end(&f)
	}
	return nil
}

// takeFailedLook takes the failure of a look: the outcome stays unknown. A look is retried like a
// read. If it is refused, a person must decide.
func (c *calling) takeFailedLook(f *task.Failure) error {
	c.failedLooks++
	if f.Transient && c.failedLooks < max(c.s.Retry.Attempts, program.DefaultRetry.Attempts) {
		wait := max(backoff(c.s.Retry, c.call, c.failedLooks), f.RetryAfter)
		return c.wait(Event{Kind: EventStepRetries, Wait: wait, For: WaitEvidence, Failure: f})
	}
	told := *c.unsure
	told.Message += c.x.doubt(lookFailed + f.Message)
	return c.askOutcome(&told)
}

// postpone keeps a cancellation until the outcome is known.
func (c *calling) postpone(err error) error {
	if errors.Is(err, ErrCancelled) && c.looking() && !c.done {
		c.cancelled = err
		return nil
	}
	return err
}
