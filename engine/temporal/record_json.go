package temporal

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// A plainRecord is a Record that is encoded member by member.
type plainRecord Record

// MarshalJSON implements json.Marshaler. The record becomes a string, the base64 of its compressed
// JSON: a payload must not be too large, and json.Marshal would replace <, > and & in an object. A
// replay compares what calls sent byte for byte.
func (r Record) MarshalJSON() ([]byte, error) {
	packed, err := r.pack()
	if err != nil {
		return nil, err
	}
	return json.Marshal(packed)
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *Record) UnmarshalJSON(text []byte) error {
	var packed []byte
	if err := json.Unmarshal(text, &packed); err != nil {
		return unreadable(err)
	}
	if packed == nil {
		return nil // null changes nothing, as in encoding/json
	}
	unpacked, err := unpack(packed)
	if err == nil {
		*r = unpacked
	}
	return err
}

// plainJSON returns the record as JSON, with the bytes of what calls sent.
func (r Record) plainJSON() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(plainRecord(r))
	return b.Bytes(), err
}

// pack returns the compressed JSON of a record.
func (r Record) pack() ([]byte, error) {
	plain, err := r.plainJSON()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	z := compressors.Get().(*gzip.Writer)
	defer compressors.Put(z)
	z.Reset(&b)
	if _, err := z.Write(plain); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

// compressors are not in use. A new one allocates about 1 MB.
var compressors = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is one of gzip's
	}
	return z
}}

// unpack returns the record that was packed.
func unpack(packed []byte) (Record, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return Record{}, unreadable(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		return Record{}, unreadable(err)
	}
	return decodeRecord(plain)
}

// decodeRecord decodes what plainJSON returns. The times of the record are in UTC.
func decodeRecord(plain []byte) (Record, error) {
	var r plainRecord
	err := json.Unmarshal(plain, &r)
	if version := versionOf(plain, r, err); version != recordVersion {
		return Record{}, fmt.Errorf("the record of a run has version %d; this program reads version %d", version, recordVersion)
	}
	if err != nil {
		return Record{}, unreadable(err)
	}
	r.Run.Started, r.State.Ended, r.State.Changed = r.Run.Started.UTC(), r.State.Ended.UTC(), r.State.Changed.UTC()
	for i, e := range r.Entries {
		r.Entries[i] = e.InUTC()
	}
	for i := range r.Messages {
		r.Messages[i].At = r.Messages[i].At.UTC()
	}
	for i := range r.State.Waits {
		w := &r.State.Waits[i]
		w.Since, w.Due = w.Since.UTC(), w.Due.UTC()
	}
	return Record(r), nil
}

// versionOf returns the version of a record, also if the record was not decoded because another version
// has other members.
func versionOf(plain []byte, decoded plainRecord, err error) int {
	if err == nil {
		return decoded.Version
	}
	version := struct {
		Version int `json:"version"`
	}{recordVersion}
	_ = json.Unmarshal(plain, &version)
	return version.Version
}

func unreadable(err error) error { return fmt.Errorf("the record of a run cannot be read: %w", err) }
