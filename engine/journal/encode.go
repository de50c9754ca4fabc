package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"errand/engine"
)

// An encodedChange holds the parts of a change that are stored as JSON.
type encodedChange struct {
	entries    []string
	fold       string // "" if there is none
	requesters string // of Create; "" if there are none
	waits      string // "" if there are none
}

// encode encodes the parts of a change that are stored as JSON. It keeps the bytes of what a call
// sends, without the escapes that json.Marshal adds for HTML, because the same bytes are sent
// again.
func (c *Change) encode() (encodedChange, error) {
	if c.Create != nil && c.Create.ID != c.Run {
		return encodedChange{}, errors.New("a change of run " + strconv.Quote(c.Run) + " creates run " + strconv.Quote(c.Create.ID))
	}
	var encoded encodedChange
	var err error
	if c.Create != nil {
		encoded.requesters, err = encodeList(c.Create.Requesters)
	}
	if err == nil {
		encoded.waits, err = encodeList(c.State.Waits)
	}
	if err == nil {
		encoded.entries, err = encodeEntries(c.Entries)
	}
	if err == nil && c.Fold != nil {
		var folds []string
		if folds, err = encodeEntries([]stored{c.Fold.stored()}); err == nil {
			encoded.fold = folds[0]
		}
	}
	return encoded, err
}

func encodeEntries[T Entry | stored](entries []T) ([]string, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	encoded := make([]string, len(entries))
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	for i := range entries {
		b.Reset()
		if err := encoder.Encode(&entries[i]); err != nil {
			return nil, err
		}
		encoded[i] = strings.TrimSuffix(b.String(), "\n")
	}
	return encoded, nil
}

// encodeList encodes a list; an empty one is "".
func encodeList[T any](list []T) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	data, err := json.Marshal(list)
	return string(data), err
}

// namesJSON returns names as a list for a statement.
func namesJSON(names []string) string {
	data, err := json.Marshal(names)
	if err != nil {
		panic(err) // texts can always be encoded
	}
	return string(data)
}

// decodeList decodes what encodeList returns.
func decodeList[T any](data []byte) (list []T, err error) {
	if len(data) > 0 {
		err = json.Unmarshal(data, &list)
	}
	return list, err
}

// decodeWaits decodes a list of waits. Their times are in UTC.
func decodeWaits(data []byte) ([]engine.Wait, error) {
	waits, err := decodeList[engine.Wait](data)
	for i := range waits {
		waits[i].Since, waits[i].Due = waits[i].Since.UTC(), waits[i].Due.UTC()
	}
	return waits, err
}

// decode decodes an entry. Its times are in UTC.
func decode(data []byte) (Entry, error) {
	var e Entry
	if err := json.Unmarshal(data, &e); err != nil {
		return Entry{}, err
	}
	return e.InUTC(), nil
}

// InUTC returns the entry with its times in UTC. It writes to the entry's Call.
func (e Entry) InUTC() Entry {
	e.At, e.Due = e.At.UTC(), e.Due.UTC()
	if c := e.Call; c != nil {
		c.Started, c.Now, c.Deadline = c.Started.UTC(), c.Now.UTC(), c.Deadline.UTC()
	}
	return e
}

// copyBytes returns a copy, which is nil if there are no bytes.
func copyBytes[T ~[]byte](b T) T {
	if len(b) == 0 {
		return nil
	}
	return bytes.Clone(b)
}
