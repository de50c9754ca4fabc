package temporal

import (
	"time"

	"errand/engine/task"
)

// limits say how long calls may take. The server gives a call up when its time is over, or when its
// worker has not answered for so long. The worker ends the request earlier, measured by its own
// clock, so that nothing is sent after the engine looks for what the call did: see lease.go.
type limits struct {
	call    time.Duration // of a request whose step has no time-out
	grace   time.Duration // between the end of a request and the end of its activity
	silence time.Duration // after so long without a heartbeat, the server gives a worker up
	beat    time.Duration // between two heartbeats
	unheard time.Duration // after so long without an answer to a heartbeat, a worker ends its request
}

// usualLimits are the limits outside of tests.
//
// silence is longer than unheard by the time that a request may need to arrive. So is grace longer than
// silence: a worker makes a call only if the server confirms that it waits for it, and the server does
// that for as long as silence after it gave the call to the worker. So the time of a request begins no
// later than silence after that of its activity, whatever the clocks of the two machines say.
var usualLimits = limits{
	call:    2 * time.Minute,
	grace:   40 * time.Second,
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
