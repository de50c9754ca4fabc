package intake

import (
	"encoding/json"
	"time"
)

// overlap is how far before its cursor a source is read again. A desk's times have seconds, and a
// change may become visible after a later one.
const overlap = 5 * time.Minute

// A cursor says how far a source was read: every ticket that had changed until then was dealt with
// by the rules of that version. The time is the desk's, never this machine's.
type cursor struct {
	Changed time.Time `json:"changed,omitzero"`
	Version string    `json:"version"`
}

// parseCursor reads a stored cursor. One that cannot be read, or that is of other rules, is the
// beginning.
func parseCursor(stored, version string) cursor {
	var c cursor
	if json.Unmarshal([]byte(stored), &c) != nil || c.Version != version {
		return cursor{Version: version}
	}
	return c
}

func (c cursor) String() string {
	data, err := json.Marshal(c)
	if err != nil {
		return "" // a year that RFC 3339 does not have; the cursor then stays as it is
	}
	return string(data)
}

// since returns the time from which tickets are read, or zero for all tickets.
func (c cursor) since() time.Time {
	if c.Changed.IsZero() {
		return time.Time{}
	}
	return c.Changed.Add(-overlap)
}
