package engine

import "errand/engine/task"

// A Trouble is something wrong on this machine: with the journal, its disk, a credential or a run's
// record. It says nothing about the other systems, and is no failure of a step.
type Trouble struct {
	Code TroubleCode
	Run  string // the run whose record is damaged; "" if the trouble is not about one
	Err  error
}

// A TroubleCode says what is wrong.
type TroubleCode string

// The codes of troubles.
const (
	TroubleStore   TroubleCode = "store"   // the journal failed: full, broken, unreadable
	TroubleClosed  TroubleCode = "closed"  // the journal cannot be opened
	TroubleLocked  TroubleCode = "locked"  // another process holds the journal
	TroubleGone    TroubleCode = "gone"    // the journal was removed or replaced while it was open
	TroubleVersion TroubleCode = "version" // a newer program wrote the journal
	TroubleForeign TroubleCode = "foreign" // the file in the journal's place is a database of another program
	TroubleDamaged TroubleCode = "damaged" // the record of one run cannot be read

	// These keep a call from being made. The run waits (WaitTrouble).
	TroubleCredential TroubleCode = "credential" // no credential, or a store or a key that cannot be read
	TroubleMachine    TroubleCode = "machine"    // no memory, no more files, no more connections
)

// troubleOf returns the code of the trouble that kept a call from being made.
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

func (t *Trouble) Error() string { return t.Err.Error() }

// Unwrap returns Err.
func (t *Trouble) Unwrap() error { return t.Err }
