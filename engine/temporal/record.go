package temporal

import (
	"encoding/json"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// recordVersion is the version of a Record. A worker refuses a record of another version.
const recordVersion = 1

// A Record is everything that is known of a run. A workflow of Temporal begins with one, answers a
// query with one, passes one on when it continues as new, and returns one at its end. So a run can be
// read, decided about and retried by the code that reads a journal.
type Record struct {
	Version int    `json:"version"`
	Run     Header `json:"run"`

	Entries  []journal.Entry   `json:"entries,omitempty"`
	Messages []journal.Message `json:"messages,omitempty"` // what persons decided, the first one first
	Cancel   bool              `json:"cancel,omitempty"`   // the run is to be cancelled
	Told     map[string]int    `json:"told,omitempty"`     // by branch: how many events workers have passed on
	State    State             `json:"state"`

	// Reset says what a reset by an operator left of the run; nil if there was none.
	Reset *Reset `json:"reset,omitempty"`

	// Cut says that the record is too long for one payload, and has no entries: see pages.go.
	Cut bool `json:"cut,omitempty"`

	// Replaced are the definitions that earlier rounds of the run used, if a retry replaced them.
	Replaced []Definition `json:"replaced,omitempty"`
}

// A Header is what was known of a run when it was put on record.
type Header struct {
	ID         string          `json:"id"`
	Workflow   string          `json:"workflow"`
	Request    string          `json:"request,omitempty"`    // the service request's id
	StartedBy  string          `json:"started_by,omitempty"` // who asked for the run
	Requesters []string        `json:"requesters,omitempty"` // none of them approves
	Owners     []string        `json:"owners,omitempty"`     // who sees the run among those who see only their own
	Key        string          `json:"key,omitempty"`        // the concurrency key
	URL        string          `json:"url,omitempty"`        // the run's page
	Inputs     json.RawMessage `json:"inputs"`               // canonical, as schema.Encode writes them
	Started    time.Time       `json:"started"`
	Definition Definition      `json:"definition"` // of the present round
}

// A Definition is the source of a workflow and of those that it calls.
type Definition struct {
	File   string `json:"file"`
	Digest string `json:"digest"` // its SHA-256, hexadecimal
	Source []byte `json:"source"`
}

// A State is how a run stands.
type State struct {
	Status engine.Status   `json:"status"`
	Waits  []engine.Wait   `json:"waits,omitempty"`
	Ended  time.Time       `json:"ended,omitzero"`
	Result json.RawMessage `json:"result,omitempty"` // of a run that has ended: an engine.Result

	Changed time.Time `json:"changed,omitzero"` // of a published State: when the run changed
}
