package journal

import (
	"encoding/json"
	"time"

	"errand/engine"
)

// Version is the version of a run's record: of its entries and of what they mean. A run of another
// version is not replayed.
const Version = 2

// A Run is what is known of a run without reading its entries. Its times are kept to the nanosecond, in UTC, from 1678 to 2261.
type Run struct {
	ID         string
	Version    int
	Workflow   string
	Request    string          // the service request's id; may be empty
	StartedBy  string          // who asked for it; may be empty
	Requesters []string        // the persons whom the service request names; none of them approves
	Inputs     json.RawMessage // an object in canonical form, so that equal inputs have equal bytes
	Started    time.Time

	// What it is carried out with: the definition's bytes, the name of its file and its digest (SHA-256, hexadecimal).
	Source []byte
	File   string
	Digest string

	State
	Next   int    // how many entries there are
	Holder string // the session that works on it; "" means nobody
	Cancel bool   // it is to be cancelled
}

// Mark is what the run is changed with.
func (r *Run) Mark() Mark { return Mark{Next: r.Next, Wake: r.Wake, Holder: r.Holder} }

// A Mark is of a run what every change of it changes, but for one that leaves it all as it was.
type Mark struct {
	Next   int
	Wake   time.Time
	Holder string
}

// Same tells whether nothing has happened between two marks of a run.
func (m Mark) Same(as Mark) bool {
	return m.Next == as.Next && m.Holder == as.Holder && m.Wake.Equal(as.Wake)
}

// A State is where a run stands.
type State struct {
	Status engine.Status
	Wake   time.Time       // when it is to be worked on; zero means not by itself
	Ended  time.Time       // zero means not yet
	Result json.RawMessage // of a run that has ended: an engine.Result
	Waits  []engine.Wait   // what it waits for, if it has not ended and nobody works on it
}

// A Query selects runs. The zero value selects all, the newest first.
type Query struct {
	Workflow string
	Request  string
	Status   engine.Status
	Open     bool      // only those that have not ended
	Due      time.Time // not zero: only those whose Wake is set and not later, the earliest first
	After    string    // only those that follow the run with this id in the answer: none where it is unknown; not together with Due
	Limit    int       // 0 means no limit
}
