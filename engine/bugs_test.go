package engine_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// bugs are what the promises of a run could break by, each with the test that must notice it. A bug is put into a file with the go
// command's -overlay, so that the program itself has no switch for it.
var bugs = []struct {
	name          string
	file          string
	old, new      string // old stands in the file once
	where, caught string // the package and the test
}{
	{
		"no intent before an effect", "engine/local/host.go",
		"if err := h.commit(h.working(), h.me); err != nil {\n\t\treturn task.Reply{}, h.halt(err)\n\t}\n\treply := h.carryOut(c)", "reply := h.carryOut(c)",
		"engine/local", "TestAnEffectIsOnRecordBeforeItLeaves",
	},
	{
		"a reply on record before its effect", "engine/local/host.go",
		"if err := h.commit(h.working(), h.me); err != nil {\n\t\treturn task.Reply{}, h.halt(err)\n\t}\n\treply := h.carryOut(c)",
		"h.note(journal.Entry{Kind: journal.Replied, Step: c.Step, Reply: &task.Reply{Output: []byte(`{\"success\":true,\"result_code\":0,\"result_message\":\"\",\"text\":\"\"}`)}})\n" +
			"if err := h.commit(h.working(), h.me); err != nil {\n\t\treturn task.Reply{}, h.halt(err)\n\t}\n\treply := h.carryOut(c)",
		"engine/local", "TestACrashWithAnyCommit",
	},
	{
		"what an effect came to is not on record before a read", "engine/local/host.go",
		"if h.owes || h.create", "if h.create",
		"engine/local", "TestWhatCannotBeRepeatedIsOnRecordBeforeARead",
	},
	{
		"a timer armed anew when the run is resumed", "engine/local/host.go",
		"since, due := e.At, e.Due", "since, due := e.At, h.wall().Add(d)",
		"engine/local", "TestAWaitIsADueTime",
	},
	{
		"an expression evaluated again in place of the request on record", "engine/local/host_diverged.go",
		"bytes.Equal(a.Input, b.Input) &&", "(bytes.Equal(a.Input, b.Input) || true) &&",
		"engine/local", "TestQuarantine",
	},
	{
		"a lease ignored", "engine/local/session.go",
		"if alive {", "if alive && false {",
		"engine/local", "TestLease",
	},
	{
		"a stopped run taken up by itself", "engine/local/ledger.go",
		"state.Wake = time.Time{}", "state.Wake = h.wall().Add(time.Duration(0))",
		"engine/local", "TestAStoppedRunWaitsForAPerson",
	},
	{
		"branches that go on beside one that has failed", "engine/local/host_record.go",
		"if f.failed {", "if f.failed && false {",
		"engine/local", "TestHost",
	},
	{
		"what was left open forgotten in a retry", "engine/retry.go",
		"c.call.Recover = c.unsure != nil", "c.call.Recover = false",
		"engine/virtual", "TestHost",
	},
	{
		"a key that is another with each attempt", "engine/task/call.go",
		`c.Run + "\x00" + c.place()`, `c.Run + "\x00" + c.place() + strconv.Itoa(c.Attempt)`,
		"engine/task", "TestKeyAndReference",
	},
	{
		"no key with a launch", "tasks/ec2/launch.go",
		"ClientToken:       aws.String(token),", "",
		"tasks/ec2", "TestCreateMakesOneInstanceWhateverGoesWrong",
	},
	{
		"evidence not looked for", "tasks/ism/add_worklog.go",
		"if call.Recover {", "if call.Recover && false {",
		"tasks/ism", "TestWorklogIsAddedOnce",
	},
	{
		"a condition of which one half is enough taken for both", "engine/expression/narrow.go",
		`case holds && (operator == "&&" ||`, `case holds && (operator == "||" || operator == "&&" ||`,
		"engine/program", "TestAcceptedDefinitionsDoNotFail",
	},
	{
		"the steps of a case taken for sure to run", "engine/program/switch.go",
		"c.enclose(first, d, s, conditions...)", "c.enclose(first, d, s)",
		"engine/program", "TestAcceptedDefinitionsDoNotFail",
	},
	{
		"a step that may fail taken for sure to return", "engine/program/scope.go",
		"lenient: d.OnFailure != nil}", "lenient: false}",
		"engine/program", "TestAcceptedDefinitionsDoNotFail",
	},
	{
		"a step inside one that may fail taken not to be what failed", "engine/program/scope.go",
		`k.inside != "", k.standIn && k.lenient:`, `k.inside != "" && k.lenient, k.standIn && k.lenient:`,
		"engine/program", "TestAcceptedDefinitionsDoNotFail",
	},
	{
		"a commit that does not wait for the disk", "engine/journal/sqlite.go",
		"synchronous(full)", "synchronous(normal)",
		"engine/journal", "TestACommitWaitsForTheDisk",
	},
}

// The tests bite: each of these bugs, put in on purpose, makes the test fail that is there to notice it.
func TestBugsAreNoticed(t *testing.T) {
	if testing.Short() {
		t.Skip("each bug is a build of its own")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, bug := range bugs {
		t.Run(bug.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(root, filepath.FromSlash(bug.file))
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(source), bug.old); n != 1 {
				t.Fatalf("what the bug takes the place of stands in %s %d times; it must be once: %s", bug.file, n, bug.old)
			}
			folder := t.TempDir()
			buggy, overlay := filepath.Join(folder, "buggy.go"), filepath.Join(folder, "overlay.json")
			replace, err := json.Marshal(map[string]any{"Replace": map[string]string{file: buggy}})
			if err != nil {
				t.Fatal(err)
			}
			for name, text := range map[string]string{buggy: strings.Replace(string(source), bug.old, bug.new, 1), overlay: string(replace)} {
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			command := exec.CommandContext(t.Context(), "go", "test", "-overlay", overlay, "-vet=off", "-ldflags=-s -w", "-count=1", "-timeout", "2m", "-run", "^"+bug.caught+"$", "./"+bug.where)
			command.Dir = root
			out, err := command.CombinedOutput()
			if _, failed := err.(*exec.ExitError); !failed || !strings.Contains(string(out), "--- FAIL: "+bug.caught) {
				t.Errorf("%s does not notice it: %v\n%s", bug.caught, err, out)
			}
		})
	}
}
