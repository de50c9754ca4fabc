//go:build unix && ((!cgo && !darwin) || osusergo || android)

package cmd

import (
	"errors"
	"os/user"
	"strings"
	"testing"
	"testing/iotest"
)

// A user counts only if the file has the name with the id. Package os/user makes others of $USER.
func TestListedIn(t *testing.T) {
	const file = "# users\nroot:x:0:0:root:/root:/bin/sh\nkim:x:1000:1000::/home/kim:/bin/sh\n\nbroken\n"
	for _, test := range []struct {
		name, id string
		listed   bool
	}{{"root", "0", true}, {"kim", "1000", true}, {"kim", "54321", false}, {"root", "1000", false}, {"kim:x", "1000", false}, {"broken", "", false}, {"", "", false}} {
		err := listedIn(strings.NewReader(file), &user.User{Username: test.name, Uid: test.id})
		if _, unknown := errors.AsType[user.UnknownUserError](err); unknown == test.listed || (err == nil) != test.listed {
			t.Errorf("%q with the id %q: %v", test.name, test.id, err)
		}
	}
	failure := errors.New("the disk is gone")
	if err := listedIn(iotest.ErrReader(failure), &user.User{Username: "kim", Uid: "1000"}); !errors.Is(err, failure) {
		t.Errorf("a file that cannot be read: %v", err)
	}
}
