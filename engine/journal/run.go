package journal

import (
	"encoding/json"
	"slices"
	"time"

	"errand/engine"
)

// Version is the version of a run's record: of its entries and of what they mean. A run of another
// version is not replayed.
const Version = 2

// A Run is what a journal has of a run, without its entries. Times are stored in nanoseconds and
// in UTC, from 1678 to 2261.
type Run struct {
	ID         string
	Version    int
	Workflow   string
	Request    string          // the service request's id; may be empty
	StartedBy  string          // who asked for it; may be empty
	Requesters []string        // the persons whom the service request names; none of them approves
	Owners     []string        // who sees the run among those who see only their own; Load and List do not return it
	Key        string          // the concurrency key: of the open runs with one key, one works at a time; "" means none
	URL        string          // the address of its page; may be empty
	Inputs     json.RawMessage // an object in canonical form, so that equal inputs have equal bytes
	Started    time.Time

	Source []byte // the definition that the run is pinned to
	File   string // the name of its file
	Digest string // its SHA-256, hexadecimal

	State
	Changed time.Time // when the run was last changed
	Next    int       // the number of entries
	Holder  string    // the session that works on the run; "" means nobody
	Cancel  bool      // the run is to be cancelled
	Turn    string    // of an open run with a key: the run that has the turn, perhaps this one

	Pruned       time.Time // when what is on record of the run was deleted; zero means that it is there
	InputsDigest []byte    // engine.InputsDigest of a pruned run, which has no Inputs
}

// LongestHeld is how long a run may be held before it is due: the Wake of a Change with a Holder
// must not be later than that. It is how Alive finds the runs of a dead session.
const LongestHeld = 30 * time.Second

// clone returns a copy that shares nothing with the run.
func (r Run) clone() Run {
	r.Inputs, r.Source, r.Result = copyBytes(r.Inputs), copyBytes(r.Source), copyBytes(r.Result)
	r.Requesters, r.Waits, r.InputsDigest = slices.Clone(r.Requesters), slices.Clone(r.Waits), copyBytes(r.InputsDigest)
	return r
}

// Mark returns the run's mark.
func (r *Run) Mark() Mark { return Mark{Next: r.Next, Wake: r.Wake, Holder: r.Holder} }

// A Mark identifies a version of a run: every commit that changes the run changes its Mark.
type Mark struct {
	Next   int
	Wake   time.Time
	Holder string
}

// Same reports whether two marks are equal.
func (m Mark) Same(as Mark) bool {
	return m.Next == as.Next && m.Holder == as.Holder && m.Wake.Equal(as.Wake)
}

// A State is where a run stands.
type State struct {
	Status engine.Status
	Wake   time.Time       // when the run is due; zero means not by itself
	Ended  time.Time       // zero means not yet
	Result json.RawMessage // of a run that has ended: an engine.Result
	Waits  []engine.Wait   // what it waits for, if it has not ended and nobody works on it
}

// A Query selects runs. The zero value selects all, the newest first. After must be empty if Due is
// set.
type Query struct {
	Workflow string
	Request  string
	Status   engine.Status
	WaitsFor engine.WaitFor // only those that wait for this, perhaps for something else too
	Since    time.Time      // if not zero: only those that started then or later
	Changed  time.Time      // if not zero: only those that changed then or later
	Owners   []string       // if not nil: only those of which one of these is an owner
	Run      string         // if not empty: only this one
	Open     bool           // only those that have not ended
	Pruned   bool           // also those that were pruned
	Due      time.Time      // if not zero: only those with a Wake until then, the earliest first
	After    string         // only those that follow the run with this id; none if it is unknown
	Limit    int            // 0 means no limit
	Brief    bool           // only what View.Brief keeps is needed of each run; other members may be missing
}
