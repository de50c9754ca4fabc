package cmd_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"errand/cmd"
	"errand/definitions"
)

// What show tells a person to try succeeds, for each shipped workflow.
func TestShownExamplesSucceed(t *testing.T) {
	files, err := fs.Glob(definitions.Files, "*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("there are only %d shipped workflows: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file, ".yaml")
		out, _, _ := typed(t, "show", name)
		_, line, found := strings.Cut(out, "\ntry it: errand ")
		if !found {
			t.Errorf("show %s names no command to try", name)
			continue
		}
		if out, said, code := typed(t, strings.Fields(line)...); code != cmd.ExitSucceeded {
			t.Errorf("errand %sexit code %d\n%s%s", line, code, out, said)
		}
	}
}

// A command of other programs leads to one that exists.
func TestCommandsOfOtherPrograms(t *testing.T) {
	meant := regexp.MustCompile(`did you mean "([a-z ]+)"\?`)
	for _, c := range []struct{ written, meant string }{
		{"ls", "workflows"}, {"list", "workflows"}, {"validate", "check"}, {"lint", "check"}, {"verify", "check"}, {"ps", "runs list"}, {"status", "runs list"},
		{"logs", "runs show"}, {"start", "run"}, {"exec", "run"}, {"describe", "show"}, {"cat", "show"}, {"new", "init"}, {"create", "init"},
	} {
		_, said, code := typed(t, c.written, "x.yaml")
		found := meant.FindStringSubmatch(said)
		if code != cmd.ExitUsage || found == nil || found[1] != c.meant {
			t.Errorf("errand %s: exit code %d\n%s", c.written, code, said)
			continue
		}
		if _, said, code := typed(t, append(strings.Fields(found[1]), "--help")...); code != cmd.ExitSucceeded {
			t.Errorf("errand %s --help: exit code %d\n%s", found[1], code, said)
		}
	}
}

// A name with the ending of JSON is that of no workflow, and the hint says how a file is named.
func TestRunOfAJSONFile(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("say.json", []byte(`{"workflow": "say", "steps": [{"task": "worklog.format", "with": {"note": "hello"}}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, said, code := typed(t, "run", "say.json", "--sandbox")
	if code != cmd.ExitNotFound || !strings.Contains(said, "write its path: ./say.json") {
		t.Errorf("exit code %d\n%s", code, said)
	}
	if out, said, code := typed(t, "run", "./say.json", "--sandbox"); code != cmd.ExitSucceeded {
		t.Errorf("the hint leads to the exit code %d\n%s%s", code, out, said)
	}
}
