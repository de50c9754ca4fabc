package credential

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"errand/engine/task"
)

// An export contains a whole store with its values, as a backup or to move it to another place. It
// is JSON in an age file:
//
//	{"version": 1, "kind": "errand credentials", "store": "mzxw6…",
//	 "made": "2026-03-01T10:00:00Z", "credentials": [
//	  {"connector": "ec2", "name": "production", "added": …, "edited": …, "validated": …,
//	   "values": {"access_key_id": "AKIA…"}}
//	], "ciphers": [
//	  {"purpose": "temporal", "name": "8d2f00b1c94e6a37", "made": …, "key": "mJ4…"}
//	]}
//
// It contains neither the data key nor the wrapping key, and needs neither. An export with ciphers
// has version 2, so that no program leaves them out.
type export struct {
	Version     int       `json:"version"`
	Kind        string    `json:"kind"`
	Store       string    `json:"store"`
	Made        time.Time `json:"made"`
	Credentials []plain   `json:"credentials"`

	Ciphers []plainCipher `json:"ciphers,omitempty"`
}

type plainCipher struct {
	Purpose string    `json:"purpose"`
	Name    string    `json:"name"`
	Made    time.Time `json:"made"`
	Key     []byte    `json:"key"`
}

type plain struct {
	Connector string            `json:"connector"`
	Name      string            `json:"name"`
	Added     time.Time         `json:"added"`
	Edited    time.Time         `json:"edited"`
	Validated time.Time         `json:"validated,omitzero"`
	Values    map[string]string `json:"values"`
}

const exportKind = "errand credentials"

// Export writes the whole store for an age recipient or a passphrase.
func (s *Store) Export(ctx context.Context, w io.Writer, to Recipient) error {
	o, err := s.read(ctx)
	if err != nil {
		return err
	}
	if o == nil {
		return emptyStoreError(s)
	}
	e := export{Version: o.format(), Kind: exportKind, Store: o.Store, Made: s.now(), Credentials: []plain{}}
	for _, r := range o.Credentials {
		values, err := o.values(r)
		if err != nil {
			return err
		}
		texts := map[string]string{}
		for name, value := range values {
			texts[name] = value.Reveal()
		}
		e.Credentials = append(e.Credentials, plain{r.Connector, r.Name, r.Added, r.Edited, r.Validated, texts})
	}
	for _, r := range o.Ciphers {
		key, err := o.cipherKey(r)
		if err != nil {
			return err
		}
		e.Ciphers = append(e.Ciphers, plainCipher{r.Purpose, r.Name, r.Made, []byte(key.Reveal())})
	}
	text, err := json.Marshal(e)
	if err != nil {
		return storeError(writingOut, err)
	}
	return encrypt(w, to, text)
}

// Import stores everything in an export, or nothing. Each credential must fit its connector, and
// must not exist in the store unless replace is set. If the store is new, Import creates it; the
// store keeps its own id and keys, and gets the keys of ciphers that it does not have: the newest
// one of a purpose seals. Import returns the credentials that it stored. Its errors are
// *InvalidError, *ExistsError and *ArchiveError.
func (s *Store) Import(ctx context.Context, r io.Reader, from Identity, connectors []task.Connector, replace bool) ([]Entry, error) {
	text, err := decrypt(r, from)
	if err != nil {
		return nil, err
	}
	var e export
	if json.Unmarshal(text, &e) != nil || e.Kind != exportKind || e.Version < version || e.Version > versionWithCiphers {
		return nil, archiveError("the file is not an export of credentials", "to use an escrow, recover the store from it")
	}
	if err := e.check(connectors); err != nil {
		return nil, err
	}
	var stored []Entry
	err = s.change(ctx, true, func(o *openedFile) error {
		var existing []record
		for _, c := range e.Credentials {
			if i, found := o.find(c.Connector, c.Name); found {
				existing = append(existing, o.Credentials[i])
			}
		}
		if len(existing) > 0 && !replace {
			return allExistError(existing)
		}
		for _, c := range e.Credentials {
			r := record{Connector: c.Connector, Name: c.Name, Added: inSeconds(c.Added), Edited: inSeconds(c.Edited), Validated: inSeconds(c.Validated)}
			connector, _ := findConnector(connectors, c.Connector)
			if err := s.replaceValues(ctx, o, connector, r, trimAll(task.Conceal(c.Values))); err != nil {
				return err
			}
			stored = append(stored, r.entry(nil))
		}
		return o.importCiphers(e.Ciphers)
	})
	if err != nil {
		return nil, err
	}
	return stored, nil
}

// replaceValues puts a credential in the place of the one with its name, if there is one.
func (s *Store) replaceValues(ctx context.Context, o *openedFile, c task.Connector, r record, after task.Values) error {
	var before task.Values
	if i, found := o.find(r.Connector, r.Name); found {
		before, _ = o.values(o.Credentials[i]) // nil if they are damaged
	}
	if err := s.mayMove(ctx, o, c, r.Name, before, after); err != nil {
		return err
	}
	return o.put(c, r, after)
}

// importCiphers adds the keys that the store does not have.
func (o *openedFile) importCiphers(all []plainCipher) error {
	for _, c := range all {
		key := task.NewSecret(string(c.Key))
		if err := checkCipher(c.Purpose, c.Name, key); err != nil {
			return archiveError("the export has a key for "+c.Purpose+" that does not fit its name", "")
		}
		if slices.ContainsFunc(o.Ciphers, func(r cipherRecord) bool { return r.Purpose == c.Purpose && r.Name == c.Name }) {
			continue
		}
		if err := o.putCipher(cipherRecord{Purpose: c.Purpose, Name: c.Name, Made: inSeconds(c.Made)}, key); err != nil {
			return err
		}
	}
	return nil
}

// check returns an *InvalidError with everything that does not fit.
func (e export) check(connectors []task.Connector) error {
	var all []Problem
	for _, c := range e.Credentials {
		connector, known := findConnector(connectors, c.Connector)
		if !known {
			all = append(all, Problem{"", fmt.Sprintf("there is no connector %q for the credential %q", c.Connector, c.Name), ""})
			continue
		}
		values := trimAll(task.Conceal(c.Values))
		if wrong, ok := errors.AsType[*InvalidError](check(connector, c.Name, values, values)); ok {
			for _, p := range wrong.Problems {
				p.Message = c.Connector + " " + c.Name + ": " + p.Message
				all = append(all, p)
			}
		}
	}
	return invalidError(all)
}

func findConnector(connectors []task.Connector, name string) (task.Connector, bool) {
	i := slices.IndexFunc(connectors, func(c task.Connector) bool { return c.Name == name })
	if i < 0 {
		return task.Connector{}, false
	}
	return connectors[i], true
}

func allExistError(existing []record) error {
	if len(existing) == 1 {
		return existsError(existing[0])
	}
	var names []string
	for _, r := range existing {
		names = append(names, r.Connector+" "+r.Name)
	}
	return &ExistsError{Fault: Fault{"already stored: " + strings.Join(names, ", "), "replace them, or delete them first; nothing was imported"}, Connector: existing[0].Connector, Name: existing[0].Name}
}
