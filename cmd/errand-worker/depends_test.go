package main

import (
	"os/exec"
	"strings"
	"testing"
)

// Errand does not link Temporal, which would make each of its commands start later. This program does.
func TestOnlyThisProgramLinksTemporal(t *testing.T) {
	for program, want := range map[string]bool{"errand": false, "errand-worker": true} {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "errand/cmd/"+program).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if got := strings.Contains(string(out), "go.temporal.io/"); got != want {
			t.Errorf("%s depends on Temporal: %t, want %t", program, got, want)
		}
	}
}
