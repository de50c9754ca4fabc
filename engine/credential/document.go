package credential

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"errand/engine/task"
)

// A document is the content of credentials.json. An example, with the sealed texts shortened:
//
//	{
//	  "version": 1,
//	  "store": "mzxw6ytboi2gk3tdnrxxk5dfon",   the id of the store, random
//	  "key": {
//	    "fingerprint": "3f0a9c51d2e47b86",     of the wrapping key
//	    "argon2id": {…}                        only if the key is derived from a passphrase:
//	                                           salt, time, memory (KiB), threads
//	  },
//	  "keyset": "Eoo…",                        the wrapped data key: an encrypted Tink keyset,
//	                                           binary, in base64
//	  "credentials": [                         sorted by connector and name
//	    {
//	      "connector": "ec2",
//	      "name": "production",
//	      "added": "2026-03-01T10:00:00Z",
//	      "edited": "2026-03-01T10:00:00Z",
//	      "validated": "2026-03-01T10:01:00Z", omitted if it was not validated
//	      "parameters": [                      the given ones, sorted by name
//	        {"name": "access_key_id", "sealed": "AQd…"},
//	        {"name": "region_endpoint", "value": "ec2.eu-west-1.amazonaws.com"}
//	      ]
//	    }
//	  ],
//	  "ciphers": [                             the keys of ciphers, sorted by purpose and time;
//	                                           omitted if there are none
//	    {
//	      "purpose": "temporal",
//	      "name": "8d2f00b1c94e6a37",
//	      "made": "2026-03-01T10:00:00Z",
//	      "sealed": "AQd…"
//	    }
//	  ],
//	  "deleted": [                             credentials that were deleted while runs needed them, the
//	                                           first one first; omitted if there are none
//	    {
//	      "connector": "ec2",
//	      "name": "production",
//	      "deleted": "2026-03-01T10:00:00.123456789Z",
//	      "target": "9f86d081884c…"            the SHA-256 of where its requests went
//	    }
//	  ],
//	  "seal": "AQd…"                           authenticates everything above
//	}
//
// A document with deleted credentials has version 3, one with ciphers version 2, and every other one
// version 1: programs that know neither read it.
//
// The file is byte for byte what encode writes. Another text with the same JSON value was not
// written by this package and is refused.
type document struct {
	Version     int      `json:"version"`
	Store       string   `json:"store"`
	Key         keyNote  `json:"key"`
	Keyset      string   `json:"keyset"`
	Credentials []record `json:"credentials"`

	Ciphers []cipherRecord  `json:"ciphers,omitempty"`
	Deleted []deletedRecord `json:"deleted,omitempty"`

	Seal string `json:"seal"`
}

// The versions of the file format.
const (
	version            = 1
	versionWithCiphers = 2
	versionWithDeleted = 3
)

// format returns the version that the content of the document needs.
func (d *document) format() int {
	switch {
	case len(d.Deleted) > 0:
		return versionWithDeleted
	case len(d.Ciphers) > 0:
		return versionWithCiphers
	}
	return version
}

// A keyNote identifies the key that wraps the data key.
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

// A parameter has a value, or a sealed one.
type parameter struct {
	Name   string `json:"name"`
	Value  string `json:"value,omitempty"`
	Sealed string `json:"sealed,omitempty"`
}

// encode returns the document as JSON. Texts that are not UTF-8 are refused before.
func (d *document) encode() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		panic("credential: cannot encode the document: " + err.Error())
	}
	return b.Bytes()
}

// parse reads a document without verifying its seal. The argument file is for messages.
func parse(file string, raw []byte) (*document, error) {
	var head struct{ Version *int }
	if err := json.Unmarshal(raw, &head); err != nil || head.Version == nil {
		return nil, damageError(file, "is truncated, or not a file of credentials")
	}
	if *head.Version > versionWithDeleted {
		return nil, &VersionError{Fault{file + " was written by a newer errand", "use that version, or another home; nothing was changed"}, *head.Version}
	}
	d := &document{}
	if err := json.Unmarshal(raw, d); err != nil || d.Version != d.format() || !bytes.Equal(d.encode(), raw) {
		return nil, damageError(file, "was changed by something other than errand")
	}
	return d, nil
}

// find returns the index at which a credential is, or at which it belongs. The document may be nil.
func (d *document) find(connector, name string) (int, bool) {
	if d == nil {
		return 0, false
	}
	return slices.BinarySearchFunc(d.Credentials, place{connector, name}, func(r record, p place) int {
		return cmp.Or(cmp.Compare(r.Connector, p.connector), cmp.Compare(r.Name, p.name))
	})
}

// insert adds a credential, or replaces the one with the same name.
func (d *document) insert(r record) {
	d.restored(r.Connector, r.Name)
	i, found := d.find(r.Connector, r.Name)
	if found {
		d.Credentials[i] = r
		return
	}
	d.Credentials = slices.Insert(d.Credentials, i, r)
}

// isEncrypted returns a function that reports whether the connector encrypts a parameter.
func isEncrypted(c task.Connector) func(string) bool {
	return func(name string) bool {
		i := slices.IndexFunc(c.Credential, func(p task.Parameter) bool { return p.Name == name })
		return i >= 0 && c.Credential[i].Encrypted
	}
}
