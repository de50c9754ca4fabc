package engine

// A Trouble is something wrong on this machine, or between it and the server that keeps the runs: with
// the journal, its disk, a credential, a run's record or a connection. It says nothing about the other
// systems, and no step has failed because of it.
type Trouble struct {
	Code TroubleCode
	Run  string // the run whose record is damaged; "" if the trouble is not about one
	Hint string // what to do; "" if it follows from the code
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

	TroubleUnreachable TroubleCode = "unreachable" // the server that keeps the runs cannot be reached
	TroubleSettings    TroubleCode = "settings"    // a setting of the connection to that server is wrong

	// These keep a call from being made. The run waits (WaitTrouble).
	TroubleCredential TroubleCode = "credential" // no credential, or a store or a key that cannot be read
	TroubleMachine    TroubleCode = "machine"    // no memory, no more files, no more connections
)

func (t *Trouble) Error() string { return t.Err.Error() }

// Unwrap returns Err.
func (t *Trouble) Unwrap() error { return t.Err }
