package engine

import "errand/engine/task"

// troubleOf returns the code of the trouble in a local failure.
func troubleOf(f *task.Failure) TroubleCode {
	if f.Code == task.CodeCredential {
		return TroubleCredential
	}
	return TroubleMachine
}

// awaitRepair gives the run up because trouble on this machine kept the call from being made. When
// somebody resumes the run, the same call is made again. This is not another attempt, and the time
// until then does not count.
func (c *calling) awaitRepair(f *task.Failure) error {
	began := c.x.h.Now()
	c.x.emit(Event{Kind: EventStepWaits, Step: c.call.Step, Name: c.s.Name, For: WaitTrouble, Failure: f})
	if err := c.x.h.Park(Wait{For: WaitTrouble, Step: c.call.Step, Reason: f.Message, Trouble: troubleOf(f)}); err != nil {
		return err
	}
	c.pause(c.x.h.Now().Sub(began))
	return nil
}
