package operations_test

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// analyze runs systemd-analyze, which needs no systemd that is running, and skips the test if it is
// not installed. failed reports whether the exit code is not 0.
func analyze(t *testing.T, args ...string) (out string, failed bool) {
	t.Helper()
	program, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("the units were not checked: systemd-analyze is not installed")
	}
	text, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		t.Fatal(err)
	}
	return string(text), err != nil
}

var (
	anyUser  = regexp.MustCompile(`(?m)^(User|Group)=errand$`)
	programs = regexp.MustCompile(`/usr/local/(bin/errand|lib/errand/%i/errand-worker)\b`)
)

// installed writes the units to a folder, with a program and a user that this machine has. change
// changes the service further.
func installed(t *testing.T, change *strings.Replacer) (units []string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	group, err := user.LookupGroupId(me.Gid)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{"User": me.Username, "Group": group.Name}
	folder := t.TempDir()
	for name, source := range map[string]string{"errand.service": "errand.service", "errand.socket": "errand.socket", "errand-worker@1.4.2.service": "errand-worker@.service"} {
		unit := programs.ReplaceAllString(read(t, filepath.Join("systemd", source)), program)
		unit = anyUser.ReplaceAllStringFunc(unit, func(line string) string {
			key, _, _ := strings.Cut(line, "=")
			return key + "=" + names[key]
		})
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(change.Replace(unit)), 0o600); err != nil {
			t.Fatal(err)
		}
		units = append(units, file)
	}
	return units
}

// systemd finds nothing to say about the units.
func TestSystemdReadsTheUnits(t *testing.T) {
	t.Parallel()
	if out, failed := analyze(t, append([]string{"verify"}, installed(t, strings.NewReplacer())...)...); failed || out != "" {
		t.Errorf("systemd-analyze verify (failed: %t):\n%s", failed, out)
	}
	// It would say so if a setting were misspelled, or had a value that does not exist.
	for _, wrong := range [][]string{{"WatchdogSec=", "WachdogSec="}, {"ProtectProc=invisible", "ProtectProc=invisble"}, {"ListenStream=", "ListenSteam="}, {"StartLimitIntervalSec=0", "StartLimitInterval=never"}} {
		if out, _ := analyze(t, append([]string{"verify"}, installed(t, strings.NewReplacer(wrong...))...)...); out == "" {
			t.Errorf("systemd-analyze verify accepts %s", wrong[1])
		}
	}
}

// The services can reach little of the machine. systemd rates a service without restrictions as 9.6;
// what is left of ours is the network, which they need.
func TestSystemdRatesTheServices(t *testing.T) {
	t.Parallel()
	for _, unit := range services {
		file, err := filepath.Abs(filepath.Join("systemd", unit))
		if err != nil {
			t.Fatal(err)
		}
		if out, failed := analyze(t, "security", "--no-pager", "--offline=true", "--threshold=20", file); failed {
			t.Errorf("the exposure of %s is more than 2.0:\n%s", unit, out)
		}
	}
}
