package credential

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"errand/engine/task"
)

// A document is credentials.json. An example, with what is sealed cut short:
//
//	{
//	  "version": 1,
//	  "store": "mzxw6ytboi2gk3tdnrxxk5dfon",       the store's own id, random
//	  "key": {
//	    "fingerprint": "3f0a9c51d2e47b86",         of the wrapping key
//	    "argon2id": {…}                            only where that is made of a passphrase: salt, time, memory (KiB), threads
//	  },
//	  "keyset": "Eoo…",                            the data key, wrapped: a Tink keyset, encrypted, in binary
//	  "credentials": [                             by connector and name
//	    {
//	      "connector": "ec2",
//	      "name": "production",
//	      "added": "2026-03-01T10:00:00Z",
//	      "edited": "2026-03-01T10:00:00Z",
//	      "validated": "2026-03-01T10:01:00Z",     not there where it was not validated
//	      "parameters": [                          by name; those that were given
//	        {"name": "access_key_id", "sealed": "AQd…"},
//	        {"name": "region_endpoint", "value": "ec2.eu-west-1.amazonaws.com"}
//	      ]
//	    }
//	  ],
//	  "seal": "AQd…"                               authenticates all that stands above it
//	}
//
// The file is exactly what encode writes of it, to the byte: whatever else can be read as the same JSON was not written by this
// package and is refused.
type document struct {
	Version     int      `json:"version"`
	Store       string   `json:"store"`
	Key         keyNote  `json:"key"`
	Keyset      string   `json:"keyset"`
	Credentials []record `json:"credentials"`
	Seal        string   `json:"seal"`
}

// version is that of the file's shape.
const version = 1

// A keyNote says which key wraps the data key.
type keyNote struct {
	Fingerprint string   `json:"fingerprint"`
	Stretch     *Stretch `json:"argon2id,omitempty"`
}

type record struct {
	Connector  string      `json:"connector"`
	Name       string      `json:"name"`
	Added      time.Time   `json:"added"`
	Edited     time.Time   `json:"edited"`
	Validated  time.Time   `json:"validated,omitzero"`
	Parameters []parameter `json:"parameters"`
}

// A parameter has a value or is sealed.
type parameter struct {
	Name   string `json:"name"`
	Value  string `json:"value,omitempty"`
	Sealed string `json:"sealed,omitempty"`
}

// encode writes the document. Texts that are not UTF-8 were refused before.
func (d *document) encode() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		panic("credential: a document that cannot be written: " + err.Error())
	}
	return b.Bytes()
}

// parse reads a document, of which nothing is proven yet. file is for messages.
func parse(file string, raw []byte) (*document, error) {
	var head struct{ Version *int }
	if err := json.Unmarshal(raw, &head); err != nil || head.Version == nil {
		return nil, damaged(file, "is cut, or is no file of credentials")
	}
	if *head.Version > version {
		return nil, &VersionError{Fault{file + " was written by a newer errand", "use that errand, or another --home; nothing was changed"}, *head.Version}
	}
	d := &document{}
	if err := json.Unmarshal(raw, d); err != nil || d.Version != version || !bytes.Equal(d.encode(), raw) {
		return nil, damaged(file, "was changed by something else than errand")
	}
	return d, nil
}

// find returns where a credential is, or is to be put. A document that is nil has none.
func (d *document) find(connector, name string) (int, bool) {
	if d == nil {
		return 0, false
	}
	return slices.BinarySearchFunc(d.Credentials, place{connector, name}, func(r record, p place) int {
		return cmp.Or(cmp.Compare(r.Connector, p.connector), cmp.Compare(r.Name, p.name))
	})
}

// insert puts a credential into its place, instead of the one that is there.
func (d *document) insert(r record) {
	i, found := d.find(r.Connector, r.Name)
	if found {
		d.Credentials[i] = r
		return
	}
	d.Credentials = slices.Insert(d.Credentials, i, r)
}

// encrypted names the parameters that a connector has sealed.
func encrypted(c task.Connector) func(string) bool {
	return func(name string) bool {
		i := slices.IndexFunc(c.Credential, func(p task.Parameter) bool { return p.Name == name })
		return i >= 0 && c.Credential[i].Encrypted
	}
}
