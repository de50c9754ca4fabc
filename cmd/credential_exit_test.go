package cmd

import (
	"errors"
	"fmt"
	"testing"

	"errand/engine/credential"
)

// credentialExit keeps the message and the hint of a credential error, and adds the exit code of
// its kind.
func TestCredentialExit(t *testing.T) {
	fault := credential.Fault{Message: "what is wrong", Hint: "what to do"}
	for _, test := range []struct {
		name string
		err  error
		want Exit
	}{
		{"exists", &credential.ExistsError{Fault: fault}, Exit{6, "what is wrong", "what to do"}},
		{"not found", &credential.NotFoundError{Fault: fault}, Exit{6, "what is wrong", "what to do"}},
		{"invalid", &credential.InvalidError{Fault: fault}, Exit{2, "what is wrong", "what to do"}},
		{"no key", &credential.KeyError{Fault: fault}, Exit{77, "what is wrong", "what to do"}},
		{"damage", &credential.DamageError{Fault: fault}, Exit{78, "what is wrong", "what to do"}},
		{"a newer version", &credential.VersionError{Fault: fault}, Exit{78, "what is wrong", "what to do"}},
		{"an archive", &credential.ArchiveError{Fault: fault}, Exit{78, "what is wrong", "what to do"}},
		{"the store", &credential.StoreError{Fault: fault}, Exit{78, "what is wrong", "what to do"}},
		{"the store is locked", &credential.StoreError{Fault: fault, Locked: true}, Exit{75, "what is wrong", "what to do"}},
		{"an exit", &Exit{Code: 2, Message: "usage"}, Exit{2, "usage", ""}},
		{"anything else", errors.New("a fault"), Exit{70, "a fault", ""}},
	} {
		for _, err := range []error{test.err, fmt.Errorf("%w", test.err)} {
			if got, ok := credentialExit(err).(*Exit); !ok || *got != test.want {
				t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
			}
		}
	}
	if err := credentialExit(nil); err != nil {
		t.Errorf("without an error, got %v", err)
	}
}
