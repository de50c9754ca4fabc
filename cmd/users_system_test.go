//go:build unix

package cmd

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// id runs the command id, which is the system's own answer.
func id(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "id", args...).Output()
	if err != nil {
		t.Fatalf("id %v: %v", args, err)
	}
	return strings.TrimSpace(string(out))
}

// The person is the user of the process's user id, whatever the environment says.
func TestSystemUsersName(t *testing.T) {
	for _, variable := range []string{"USER", "LOGNAME", "USERNAME"} {
		t.Setenv(variable, "somebody-else")
	}
	users := systemUsers{}
	me := "user id " + strconv.Itoa(os.Getuid())
	if out, err := exec.CommandContext(t.Context(), "id", "-un").Output(); err == nil {
		me = strings.TrimSpace(string(out))
	}
	for of, want := range map[string]string{"": me, "root": "root"} {
		if name, err := users.Name(of); err != nil || name != want {
			t.Errorf("the user %q is %q (%v), want %q", of, name, err, want)
		}
	}
	for _, of := range []string{"somebody-else", " root", "root ", "root:x", "0", "user id 0", "root\n"} {
		if name, err := users.Name(of); !errors.Is(err, ErrNoUser) {
			t.Errorf("%q is the user %q (%v)", of, name, err)
		}
	}
}

// A group is not a person.
func TestSystemUsersAGroup(t *testing.T) {
	found := 0
	for _, name := range []string{"adm", "tty", "disk", "cdrom", "wheel", "staff", "dialout", "shadow", "utmp", "video", "audio"} {
		_, group := user.LookupGroup(name)
		if _, person := user.Lookup(name); group != nil || person == nil {
			continue
		}
		found++
		if is, err := (systemUsers{}).Name(name); !errors.Is(err, ErrNoUser) {
			t.Errorf("the group %q is the user %q (%v)", name, is, err)
		}
	}
	if found == 0 {
		t.Error("this system has none of the groups that the test knows")
	}
}

func TestSystemUsersGroups(t *testing.T) {
	users := systemUsers{}
	got, err := users.Groups("root")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Fields(id(t, "-Gn", "root"))
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("the groups of root are %q, want %q", got, want)
	}
	if none, err := users.Groups("user id 54321"); err != nil || len(none) > 0 {
		t.Errorf("a user without a name has the groups %q (%v)", none, err)
	}
}
