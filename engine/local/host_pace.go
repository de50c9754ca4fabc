package local

import (
	"errand/engine"
	"errand/engine/journal"
	"errand/engine/task"
)

// keepPace waits until a call may leave. The wait comes before the call's intent, and nothing of it
// is on record: a replay comes to the same call and asks again. So the run can be parked, and the
// pace changes no more than the times of what the run records. If the step's time is up after a
// wait, the call is not made: late says that reply is the answer.
func (h *host) keepPace(c task.Call) (reply task.Reply, late bool, err error) {
	since := h.wall()
	h.paced = 0
	for {
		wait := h.r.Paces.MayCall(c)
		if wait == 0 {
			return task.Reply{}, false, nil
		}
		w := engine.Wait{For: engine.WaitRetry, Step: c.Step, Since: since, Due: h.wall().Add(wait), Reason: PacedReason}
		if !c.Deadline.IsZero() && w.Due.After(c.Deadline) {
			w.Due = c.Deadline
		}
		stay, err := h.rest(w, false)
		if err != nil {
			return task.Reply{}, false, h.halt(err)
		}
		if !stay {
			return task.Reply{}, false, h.halt(errParked)
		}
		if err := h.mayAct(); err != nil {
			return task.Reply{}, false, err
		}
		h.paced = h.wall().Sub(since)
		if !c.Deadline.IsZero() && !h.wall().Before(c.Deadline) {
			failure := &task.Failure{Code: task.CodeTimeout, Message: "the step's time was up before the call could be made", Transient: true}
			return h.note(journal.Entry{Kind: journal.Replied, Step: c.Step, Reply: &task.Reply{Failure: failure}}), true, nil
		}
	}
}
