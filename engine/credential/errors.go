package credential

import (
	"fmt"
	"strings"

	"errand/engine/diag"
)

// A Fault is the content of every error of this package: what is wrong, and a hint on what to do,
// which may be empty. Neither contains a secret.
type Fault struct {
	Message string
	Hint    string
}

// Explain returns the message and the hint separately.
func (f *Fault) Explain() (message, hint string) { return f.Message, f.Hint }

// Error returns the message and the hint in one text.
func (f *Fault) Error() string {
	if f.Hint == "" {
		return f.Message
	}
	return f.Message + "; " + f.Hint
}

type (
	// An ExistsError is returned if a credential with the name exists already.
	ExistsError struct {
		Fault
		Connector, Name string
	}

	// A NotFoundError is returned if no credential has the name.
	NotFoundError struct {
		Fault
		Connector, Name string
	}

	// An InvalidError is returned if the connector does not accept the credential. Its Message
	// contains the messages of all problems.
	InvalidError struct {
		Fault
		Problems []Problem
	}

	// A KeyError is returned if the wrapping key to open or create the store is not available.
	KeyError struct {
		Fault
		Reason KeyReason
	}

	// A DamageError is returned if the file is not as it was written. Nothing in it is used.
	DamageError struct{ Fault }

	// A VersionError is returned if the file was written by a newer Errand.
	VersionError struct {
		Fault
		Version int
	}

	// A StoreError is a failure of the file system.
	StoreError struct {
		Fault
		Locked bool // another process holds the lock; a later attempt may succeed
		Err    error
	}

	// A SealError is returned if a Cipher cannot open a text: Key is the name of a key that the store
	// does not have, or empty if the text is not what the Cipher sealed.
	SealError struct {
		Fault
		Key string
	}

	// An ArchiveError is returned if an escrow or an export cannot be used.
	ArchiveError struct{ Fault }
)

// A Problem is one thing that is wrong with a credential. Parameter is empty if it concerns the
// credential as a whole.
type Problem struct{ Parameter, Message, Hint string }

// A KeyReason says why the wrapping key is not available.
type KeyReason string

// The reasons of a KeyError.
const (
	KeyLost     KeyReason = "lost"     // no source has a key, and the store exists
	KeyWrong    KeyReason = "wrong"    // the sources have other keys than the store needs
	KeyUnusable KeyReason = "unusable" // a source has a key that must not or cannot be used
	KeyMissing  KeyReason = "missing"  // the store is new, no source has a key, none may be made
)

// Unwrap returns the error of the file system.
func (e *StoreError) Unwrap() error { return e.Err }

func existsError(r record) error {
	return &ExistsError{Fault{fmt.Sprintf("a credential of %s is already stored under the name %q", r.Connector, r.Name), "edit it, or use another name"}, r.Connector, r.Name}
}

// notFoundError accepts a nil document.
func notFoundError(d *document, connector, name string) error {
	var names []string
	if d != nil {
		for _, r := range d.Credentials {
			if r.Connector == connector {
				names = append(names, r.Name)
			}
		}
	}
	hint := diag.DidYouMean(name, names)
	if len(names) == 0 {
		hint = "no credential of " + connector + " is stored"
	}
	return &NotFoundError{Fault{fmt.Sprintf("no credential of %s is stored under the name %q", connector, name), hint}, connector, name}
}

// invalidError returns nil if there are no problems.
func invalidError(all []Problem) error {
	if len(all) == 0 {
		return nil
	}
	var messages, hints []string
	for _, p := range all {
		messages = append(messages, p.Message)
		if p.Hint != "" {
			hints = append(hints, p.Hint)
		}
	}
	return &InvalidError{Fault{strings.Join(messages, "; "), strings.Join(hints, "; ")}, all}
}

func unusableKeyError(message, hint string) error {
	return &KeyError{Fault{message, hint}, KeyUnusable}
}

func damageError(file, why string) error {
	return &DamageError{Fault{file + " " + why, "nothing in it was used; restore an unchanged copy, or move the file away and import an export"}}
}

// storeError returns the error for a file that cannot be read or written. If writing the store
// fails, the old file or the new one is there.
func storeError(doing string, err error) error {
	hint := "the store is as it was, or has the change; errand credentials list shows it"
	switch doing {
	case reading:
		hint = "nothing was changed; check the permissions of the file and its disk"
	case writingOut:
		hint = "the store was not changed; what was written is not complete"
	}
	return &StoreError{Fault: Fault{"the credentials cannot be " + doing + ": " + err.Error(), hint}, Err: err}
}

// The words of storeError for what failed.
const (
	reading    = "read"
	writing    = "written"
	writingOut = "written out"
	sealing    = "sealed"
)

func noCipherError(s *Store, purpose string) error {
	return &NotFoundError{Fault: Fault{"the credentials in " + s.Home + " have no key for " + purpose, ""}}
}

func unknownKeyError(s *Store, name string) error {
	return &SealError{Fault{"it was sealed with the key " + name + ", which " + s.file() + " does not have",
		"all machines need the same credentials.json: copy it from the machine where the key was made, or where it was rotated"}, name}
}

// notSealedError accepts an empty name if the text does not name a key.
func notSealedError(name string) error {
	if name == "" {
		return &SealError{Fault: Fault{"it is not sealed with a key of errand", ""}}
	}
	return &SealError{Fault: Fault{"it was changed after it was sealed with the key " + name + ", or sealed for something else", ""}}
}

func archiveError(message, hint string) error { return &ArchiveError{Fault{message, hint}} }
