package temporal

import (
	"time"

	"errand/engine/task"
)

// limits say how long calls may take. The server gives a call up when its time is over, or when its
// worker has not answered for so long. The worker ends the request a grace earlier, measured by its own
// clock, so that nothing is sent after the engine looks for what the call did.
type limits struct {
	call    time.Duration // of a request whose step has no time-out
	grace   time.Duration // between the end of a request and the end of its activity
	silence time.Duration // after so long without a heartbeat, the server gives a worker up
	beat    time.Duration // between two heartbeats
	unheard time.Duration // after so long without an answer to a heartbeat, a worker ends its request
}

// usualLimits are the limits outside of tests. unheard is shorter than silence, by the time that a
// request may need to arrive.
var usualLimits = limits{
	call:    2 * time.Minute,
	grace:   15 * time.Second,
	silence: 30 * time.Second,
	beat:    5 * time.Second,
	unheard: 20 * time.Second,
}

// of returns how long the request of a call may take.
func (l limits) of(c task.Call) time.Duration {
	if c.Deadline.IsZero() {
		return l.call
	}
	return min(l.call, max(0, c.Deadline.Sub(c.Now)))
}
