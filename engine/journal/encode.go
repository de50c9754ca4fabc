package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// encode is the entries of a change as they are stored. What a call sends is stored as it is, without the escapes that json.Marshal
// adds for HTML: the same bytes go out again.
func (c *Change) encode() ([]string, error) {
	if c.Create != nil && c.Create.ID != c.Run {
		return nil, errors.New("a change of run " + strconv.Quote(c.Run) + " creates run " + strconv.Quote(c.Create.ID))
	}
	if len(c.Entries) == 0 {
		return nil, nil
	}
	encoded := make([]string, len(c.Entries))
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	for i := range c.Entries {
		b.Reset()
		if err := encoder.Encode(&c.Entries[i]); err != nil {
			return nil, err
		}
		encoded[i] = strings.TrimSuffix(b.String(), "\n")
	}
	return encoded, nil
}

// decode reads what encode wrote. Times come back in UTC.
func decode(data []byte) (Entry, error) {
	var e Entry
	if err := json.Unmarshal(data, &e); err != nil {
		return Entry{}, err
	}
	e.At, e.Due = e.At.UTC(), e.Due.UTC()
	if c := e.Call; c != nil {
		c.Started, c.Now, c.Deadline = c.Started.UTC(), c.Now.UTC(), c.Deadline.UTC()
	}
	return e, nil
}

// The earliest and the latest time that a run's record can hold, in the years 1677 and 2262.
var (
	earliest = time.Unix(0, math.MinInt64).UTC()
	latest   = time.Unix(0, math.MaxInt64).UTC()
)

// storable is the time that is stored for a time: the nearest one that fits into nanoseconds since 1970, in UTC. The zero time,
// which means none, stays as it is.
func storable(t time.Time) time.Time {
	switch {
	case t.IsZero():
		return time.Time{}
	case t.Before(earliest):
		return earliest
	case t.After(latest):
		return latest
	}
	return t.Round(0).UTC()
}

// damage is why a run cannot be read although its row can: this program does not know its version, or its definition is gone.
func (r *Run) damage() error {
	switch {
	case r.Version != Version:
		return &DamageError{Run: r.ID, Reason: "it has version " + strconv.Itoa(r.Version) + ", and this program knows version " + strconv.Itoa(Version)}
	case r.Source == nil && r.Digest != "":
		return &DamageError{Run: r.ID, Reason: "its definition is missing"}
	}
	return nil
}
