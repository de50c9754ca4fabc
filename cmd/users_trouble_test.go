package cmd_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/cmd"
	"errand/tasks"
)

// A broken directory cannot be read: not at all, or not for one question.
type broken struct {
	people
	name   string // whose name it does not tell; "" is the process's user
	all    bool   // it tells the name of nobody
	groups bool   // it tells no groups
}

var errBroken = errors.New("the directory does not answer")

func (b broken) Name(of string) (string, error) {
	if b.all || b.name != "" && of == b.name {
		return "", errBroken
	}
	return b.people.Name(of)
}

func (b broken) Groups(of string) ([]string, error) {
	if b.groups {
		return nil, errBroken
	}
	return b.people.Groups(of)
}

// If the directory of users cannot be read, a command says so and changes nothing: a person is not
// taken for nobody, nor for somebody without groups.
func TestABrokenDirectoryOfUsers(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	file := filepath.Join(t.TempDir(), "ask.yaml")
	if err := os.WriteFile(file, []byte(askWorkflow), 0o600); err != nil {
		t.Fatal(err)
	}
	errand := func(users cmd.Directory, args ...string) (int, string, string) {
		var stdout, stderr bytes.Buffer
		c := &cmd.Command{
			Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Connectors: tasks.Connectors,
			Getenv: func(string) string { return "kim" }, Users: users,
		}
		return c.Run(t.Context(), append(args, "--home", home)), stdout.String(), stderr.String()
	}
	if code, _, stderr := errand(people{}, "run", file, "--request", "1", "--input", "who=Kim"); code != cmd.ExitUncertain {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	_, before, _ := errand(people{}, "runs", "show", "1", "-o", "json")
	_, listed, _ := errand(people{}, "runs", "list", "-o", "json")
	approve := []string{"runs", "approve", "1", "ok", "--approve"}
	for _, test := range []struct {
		users broken
		args  []string
		says  string
	}{
		{broken{all: true}, []string{"run", file, "--request", "2", "--input", "who=Kim"}, "cannot look up the user of this process: "},
		{broken{all: true}, approve, "cannot look up the user of this process: "},
		{broken{all: true}, []string{"runs", "cancel", "1"}, "cannot look up the user of this process: "},
		{broken{name: "kim"}, append(approve, "--as", "kim"), `cannot look up user "kim": `},
		{broken{name: "kim"}, []string{"runs", "resolve", "1", "ok", "--done", "--as", "kim"}, `cannot look up user "kim": `},
		{broken{people: people{"kim"}, groups: true}, approve, `cannot look up the groups of user "kim": `},
	} {
		code, stdout, stderr := errand(test.users, test.args...)
		if code != cmd.ExitConfiguration || stdout != "" || !strings.Contains(stderr, "errand: "+test.says+errBroken.Error()+"\n") || !strings.Contains(stderr, "  hint: ") {
			t.Errorf("%q: exit code %d, and stderr does not say %q: %s%s", test.args, code, test.says, stdout, stderr)
		}
	}
	if _, after, _ := errand(people{}, "runs", "show", "1", "-o", "json"); after != before {
		t.Errorf("the run was\n%sand is\n%s", before, after)
	}
	if _, after, _ := errand(people{}, "runs", "list", "-o", "json"); after != listed {
		t.Errorf("the runs were\n%sand are\n%s", listed, after)
	}
}
