package journal

import "time"

// A Change is what one commit does to one run. The journal makes it only if the run is in the state
// that the writer has seen: the run has Next entries and the holder From, and it is not to be
// cancelled unless Knows is set. A run that has to wait for its turn gets another State: see turn.go.
type Change struct {
	Run    string
	Next   int
	From   string    // the holder before the change; "" means nobody
	Knows  bool      // the writer knows that the run is to be cancelled
	Create *Run      // creates the run; its State, Changed, Next, Holder, Cancel and Turn are ignored
	At     time.Time // when the run changes; zero, if it is not created, leaves Changed as it was
	Again  bool      // of Create: the workflow may have other runs for the same request
	Audit  *Addition // to the audit log, made with the change; nil means none; a Memory has no audit log

	// Parks says that the change leaves the run to its waits. It is refused with ErrMail if the inbox
	// has more than Read messages: the run has something to do.
	Parks bool
	Read  int

	Entries []Entry // to append
	Fold    *Fold   // of entries that are stored; nil means none
	Holder  string  // the holder after the change
	State   State   // replaces the state

	Uncancel bool   // the run is not to be cancelled any more
	Source   []byte // if not nil: the definition from now on, with File and Digest
	File     string
	Digest   string
}
