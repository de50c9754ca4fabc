package credential

import (
	"fmt"
	"strings"

	"errand/engine/diag"
)

// A Fault is what every error of this package says: what is wrong, and apart from it what to do, which may be empty. Neither ever
// holds a secret.
type Fault struct {
	Message string
	Hint    string
}

// Explain gives the two, to those who print them apart whichever error it is.
func (f *Fault) Explain() (message, hint string) { return f.Message, f.Hint }

// Error is the message and the hint, for those who print errors in one piece.
func (f *Fault) Error() string {
	if f.Hint == "" {
		return f.Message
	}
	return f.Message + "; " + f.Hint
}

type (
	// An ExistsError is the error of adding a credential that is there.
	ExistsError struct {
		Fault
		Connector, Name string
	}

	// A NotFoundError is the error where no credential has the name.
	NotFoundError struct {
		Fault
		Connector, Name string
	}

	// An InvalidError is the error of storing what a connector does not take. Its Message is that of all problems.
	InvalidError struct {
		Fault
		Problems []Problem
	}

	// A KeyError is the error where the store cannot be opened, or begun, for want of the wrapping key.
	KeyError struct {
		Fault
		Reason KeyReason
	}

	// A DamageError is the error where the file is not as it was written. Nothing of it is used.
	DamageError struct{ Fault }

	// A VersionError is the error where the file was written by a newer Errand.
	VersionError struct {
		Fault
		Version int
	}

	// A StoreError is a failure of the file system. What was stored before is not lost.
	StoreError struct {
		Fault
		Locked bool // another process holds the store; later it may work
		Err    error
	}

	// An ArchiveError is the error where an escrow or an export cannot be used.
	ArchiveError struct{ Fault }
)

// A Problem is one thing that is wrong with a credential. Parameter is empty where it is about the credential as a whole.
type Problem struct{ Parameter, Message, Hint string }

// A KeyReason says what is the matter with the wrapping key.
type KeyReason string

// The reasons of a KeyError.
const (
	KeyLost     KeyReason = "lost"     // no source has a key, and the store needs one
	KeyWrong    KeyReason = "wrong"    // the sources' keys are not the store's
	KeyUnusable KeyReason = "unusable" // a source has one that must not or cannot be used
	KeyMissing  KeyReason = "missing"  // the store begins, no source has a key, and none may be made
)

// Unwrap returns the file system's error.
func (e *StoreError) Unwrap() error { return e.Err }

func exists(r record) error {
	return &ExistsError{Fault{fmt.Sprintf("a credential of %s is stored under the name %q already", r.Connector, r.Name), "edit it, or take another name"}, r.Connector, r.Name}
}

// notFound takes a document that may be nil.
func notFound(d *document, connector, name string) error {
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
		hint = "none of " + connector + " is stored"
	}
	return &NotFoundError{Fault{fmt.Sprintf("no credential of %s is stored under the name %q", connector, name), hint}, connector, name}
}

// invalid is nil where there is no problem.
func invalid(all []Problem) error {
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

func unusable(message, hint string) error {
	return &KeyError{Fault{message, hint}, KeyUnusable}
}

func damaged(file, why string) error {
	return &DamageError{Fault{file + " " + why, "nothing of it was used; put back a copy that was not changed, or move it away and import an export"}}
}

func failed(doing string, err error) error {
	return &StoreError{Fault: Fault{"the credentials cannot be " + doing + ": " + err.Error(), "what was stored before is not lost"}, Err: err}
}

func unarchived(message, hint string) error { return &ArchiveError{Fault{message, hint}} }
