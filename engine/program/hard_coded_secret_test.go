package program_test

import (
	"strings"
	"testing"

	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
)

// The test joins keys that look real from parts, so that no file of the project contains one.
const (
	keyID  = "AKIA" + "J3XSQW5TWQJ7MZPQ"
	tempID = "ASIA" + "J3XSQW5TWQJ7MZPR"
	key    = "q9Xr7TzB/uQ2mNfLw0c" + "V5yKd+eJhRgA8tPs1iOZb"
)

func TestHardCodedAWSKeys(t *testing.T) {
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	cases := []struct {
		name, fields string
		want         []string // for each problem: its line and the start of its message
	}{
		{"an id", "A: " + keyID, []string{"6 the id of an AWS access key"}},
		{"a temporary one, in a comment", "A: a # " + tempID, []string{"6 the id of an AWS access key"}},
		{"the key beside it", "A: " + keyID + "\n        B: '" + key + "'", []string{"6 the id of an AWS access key", "7 an AWS secret access key"}},
		{"the key on the same line", "A: " + keyID + ":" + key, []string{"6 the id of an AWS access key", "6 an AWS secret access key"}},
		{"the key before it", "A: " + key + "\n\n\n        B: " + keyID, []string{"6 an AWS secret access key", "9 the id of an AWS access key"}},
		{"the key far from it", "A: " + key + "\n\n\n\n        B: " + keyID, []string{"10 the id of an AWS access key"}},
		{"the key alone", "A: " + key, nil},
		{"a commit beside it", "A: " + keyID + "\n        B: 3b18e512dba79e4c8300dd08aeb37f8e728b8dad", []string{"6 the id of an AWS access key"}},
		{"within an expression", `A: ${{ "` + keyID + `" }}`, []string{"6 the id of an AWS access key"}},
		{"named too", "Token: " + keyID, []string{"6 the id of an AWS access key"}},
		{"of Amazon's own documentation", "A: AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", nil},
		{"too long", "A: " + keyID + "X", nil},
		{"within a word", "A: X" + keyID, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			source := "workflow: secrets\nsteps:\n  - task: worklog.format\n    with:\n      fields:\n        " + c.fields + "\n"
			_, problems := program.Load("secrets.yaml", []byte(source), registry)
			shown := string(render(t, problems, []byte(source)))
			if len(problems) != len(c.want) {
				t.Fatalf("there are %d problems; want %d:\n%s", len(problems), len(c.want), shown)
			}
			for i, p := range problems {
				line, what, _ := strings.Cut(c.want[i], " ")
				if !strings.HasPrefix(p.Error(), "secrets.yaml:"+line+":") || !strings.HasPrefix(p.Message, what) || !p.IsError() {
					t.Errorf("got %v; want %q on line %s", p, what, line)
				}
			}
			for _, secret := range []string{keyID, tempID, key} {
				if len(problems) > 0 && strings.Contains(shown, secret) && c.name != "the key far from it" {
					t.Errorf("a secret is shown:\n%s", shown)
				}
			}
		})
	}
}
