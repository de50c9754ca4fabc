package temporal

import (
	"compress/zlib"
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
	State    State             `json:"state"`

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
}

// base returns the record of a run as it is now, without its state.
func (l *ledger) base(began Record) Record {
	began.Entries, began.Messages, began.Cancel = l.entries(), l.messages, l.cancel
	return began
}

// record returns the record of a run that has not ended, as it is now.
func (l *ledger) record(began Record) Record {
	r := l.base(began)
	r.State = State{Status: l.status()}
	if r.State.Status != engine.Running {
		r.State.Waits = l.waits()
	}
	return r
}

// mostBytes is how large a record may be, compressed, to be passed on: Temporal takes 2 MiB.
const mostBytes = 1800 << 10

// fits reports whether Temporal takes the record as the input of a workflow.
func (r Record) fits() bool {
	encoded, err := json.Marshal(r)
	if err != nil || len(encoded) <= mostBytes {
		return err == nil
	}
	var size counter
	w, err := zlib.NewWriterLevel(&size, zlib.DefaultCompression)
	if err != nil {
		return false
	}
	_, _ = w.Write(encoded) // a counter does not fail
	_ = w.Close()
	return size <= mostBytes
}

// A counter counts the bytes that are written to it.
type counter int

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// queryRecord is the query that a workflow answers with the record of its run.
const queryRecord = "record"
