package virtual

import "time"

// Next moves the clock to a time, or to the first alarm before it. It returns false if the time is
// zero and there is no alarm.
func (c *Clock) Next(due time.Time) bool { return c.next(due) }
