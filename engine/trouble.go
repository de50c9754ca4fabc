package engine

// A Trouble is something wrong with what carries out runs: the journal, its disk, a credential or a run's
// record. It says nothing about the systems that runs change, and no step has failed because of it.
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

	// The system that keeps the runs, which is not on this machine, cannot be reached or refuses this
	// program.
	TroubleUnreachable TroubleCode = "unreachable"

	// These keep a call from being made. The run waits (WaitTrouble).
	TroubleCredential TroubleCode = "credential" // no credential, or a store or a key that cannot be read
	TroubleMachine    TroubleCode = "machine"    // no memory, no more files, no more connections
)

func (t *Trouble) Error() string { return t.Err.Error() }

// Unwrap returns Err.
func (t *Trouble) Unwrap() error { return t.Err }
