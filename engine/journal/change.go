package journal

// A Change is what one commit does to one run. It is made only if the run is as its writer has seen it: it has Next entries, is
// held by From, and is not to be cancelled unless the writer knows that.
type Change struct {
	Run    string
	Next   int
	From   string // the holder before; "" means nobody
	Knows  bool   // the writer knows that the run is to be cancelled
	Create *Run   // the run begins with this change; Next is 0, From is "", and of Create's State, Next, Holder and Cancel nothing is read
	Again  bool   // of Create: another run of the same workflow and request is no hindrance

	Entries []Entry // are appended
	Holder  string  // the holder from now on
	State   State   // takes the place of the one before

	Uncancel bool   // nobody wants it cancelled any more
	Source   []byte // not nil: the definition from now on, with File and Digest
	File     string
	Digest   string
}
