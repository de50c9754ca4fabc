package engine

import (
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"time"

	"errand/engine/program"
	"errand/engine/task"
)

// takeFailure decides what a failure means: another attempt after a wait, or the end of the step.
func (c *calling) takeFailure(f *task.Failure) error {
	earlier := c.unsure
	if f.Unknown {
		c.unsure = f
	}
	if c.failures++; c.failures == 1 {
		c.failing = c.x.h.Now()
	}
	wait := max(backoff(c.s.Retry, c.call, c.failures), f.RetryAfter)
	if f.Unknown && c.t.Type.Effect == task.Evident && !c.call.Settled {
		return c.beginLooks(f, wait)
	}
	limit := c.s.Retry.For
	if !c.mayRetry(f) || limit > 0 && c.x.h.Now().Add(wait).Sub(c.failing) > limit {
		if earlier != nil {
			told := *f
			told.Unknown = true
			told.Message += c.x.doubt(earlierDoubt)
			f = &told
		}
		return c.end(f)
	}
	event := Event{Kind: EventStepRetries, Attempt: c.call.Attempt, Wait: wait, For: WaitRetry, Failure: f}
	c.call.Attempt++
	c.call.Recover = c.unsure != nil
	return c.wait(event)
}

// mayRetry reports whether another attempt is allowed: only after a transient failure, and, if the
// call may have taken effect, only if a repeat is safe or the definition asks for it.
func (c *calling) mayRetry(f *task.Failure) bool {
	if !f.Transient || c.failures >= c.s.Retry.Attempts {
		return false
	}
	return c.unsure == nil || c.mayRepeat()
}

// mayRepeat reports whether the call may be made again even if it may have taken effect.
func (c *calling) mayRepeat() bool {
	return c.t.Type.MayRepeat(c.call) || c.s.Retry.Stated || c.call.Settled
}

// goOnAfterCrash goes on after the process ended during the call. This is not another attempt, and
// the time until now does not count.
func (c *calling) goOnAfterCrash(f *task.Failure) error {
	c.pause(c.x.h.Now().Sub(c.call.Now))
	if !c.mayRepeat() {
		c.unsure = f
		return c.askOutcome(f)
	}
	if f.Unknown {
		c.beginDoubt(f)
	}
	c.x.emit(Event{Kind: EventStepInterrupted, Step: c.call.Step, Name: c.s.Name, Failure: f})
	return nil
}

// backoff is the wait before the next attempt: a random time below a ceiling that doubles with each
// failure ("full jitter": runs that failed together do not come back together). It depends only on
// the run, the step and the attempt, so a replay waits as long.
func backoff(r program.Retry, call task.Call, failures int) time.Duration {
	ceiling := r.Shortest
	for i := 1; i < failures && ceiling < r.Longest; i++ {
		ceiling += min(ceiling, r.Longest-ceiling)
	}
	ceiling = min(ceiling, r.Longest)
	if ceiling <= 0 {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(call.Run + "\x00" + call.Step + "\x00" + strconv.Itoa(call.Attempt)))
	source := rand.NewPCG(h.Sum64(), uint64(call.Attempt))
	wait := time.Duration(rand.New(source).Int64N(int64(ceiling)))
	return max(wait.Round(time.Millisecond), time.Millisecond)
}
