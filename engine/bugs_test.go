package engine_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// bugs are edits of the program that break a promise of a run, each with the test that must fail.
// The go command's -overlay puts a bug into a file, so the program itself has no switch for it.
var bugs = []struct {
	name          string
	file          string
	old, new      string // old must be in the file once
	where, caught string // the package and the test that must fail, perhaps with flags
}{
	{
		"no intent before an effect", "engine/local/host.go",
		"if err := h.commit(h.working(), h.me); err != nil {\n\t\treturn task.Reply{}, h.halt(err)\n\t}\n\treply, err := h.carryOut(c)", "reply, err := h.carryOut(c)",
		"engine/local", "TestAnEffectIsOnRecordBeforeItLeaves",
	},
	{
		"a reply is on record before its effect", "engine/local/host.go",
		"if err := h.commit(h.working(), h.me); err != nil {\n\t\treturn task.Reply{}, h.halt(err)\n\t}\n\treply, err := h.carryOut(c)",
		"h.note(journal.Entry{Kind: journal.Replied, Step: c.Step, Reply: &task.Reply{Output: []byte(`{\"success\":true,\"result_code\":0,\"result_message\":\"\",\"text\":\"\"}`)}})\n" +
			"if err := h.commit(h.working(), h.me); err != nil {\n\t\treturn task.Reply{}, h.halt(err)\n\t}\n\treply, err := h.carryOut(c)",
		"engine/local", "TestACrashAtAnyCommit",
	},
	{
		"the answer to an effect is not on record before a read", "engine/local/host.go",
		"if h.owes || h.create", "if h.create",
		"engine/local", "TestASettledEffectIsOnRecordBeforeARead",
	},
	{
		"a wait begins again when the run is resumed", "engine/local/host.go",
		"since, due := e.At, e.Due", "since, due := e.At, h.wall().Add(d)",
		"engine/local", "TestAWaitIsADueTime",
	},
	{
		"a request that differs from the one on record is accepted", "engine/local/host_diverged.go",
		"bytes.Equal(a.Input, b.Input) &&", "(bytes.Equal(a.Input, b.Input) || true) &&",
		"engine/local", "TestQuarantine",
	},
	{
		"a lease is ignored", "engine/local/session.go",
		"if alive {", "if alive && false {",
		"engine/local", "TestLease",
	},
	{
		"the time in the queue counts for a time-out", "engine/local/host_record.go",
		"h.clock = e.At\n\t\t}\n\t\th.turned = ", "_ = e.At\n\t\t}\n\t\th.turned = ",
		"engine/local", "TestContract",
	},
	{
		"one workflow after the other", "engine/local/queue.go",
		"\t\tq.lanes[q.at] = rest\n\t\tq.at++", "\t\tq.lanes[q.at] = rest",
		"engine/local", "TestWorkflowsTakeTurns",
	},
	{
		"a turn that begins again with each look", "engine/local/queue.go",
		"lane[0].Workflow > last", "lane[0].Workflow > last && false",
		"engine/local", "TestAFloodKeepsNobodyWaiting",
	},
	{
		"a throttle that slows down nobody", "engine/local/pace.go",
		"p.gap = min(max(2*p.gap, firstGap, p.least), max(longestGap, p.least))", "p.gap = p.least",
		"engine/local", "TestAThrottleSlowsDownACredential",
	},
	{
		"a wait in memory that does not notice a drain", "engine/local/host_rest.go",
		"mail := h.await(told, ends, w)", "if h.ctx.Err() != nil {\n\t\tends = nil\n\t}\n\tmail := h.await(told, ends, w)",
		"engine/local", "TestDrain -rapid.nofailfile",
	},
	{
		"an interrupted call is on record as a failure", "engine/local/drain.go",
		"if reply.Failure != nil && errors.Is(", "if false && errors.Is(",
		"engine/local", "TestInterrupt",
	},
	{
		"a decision that moves the holder", "engine/local/decide.go",
		"err = r.put(id, journal.Message{", "_ = r.store(journal.Change{Run: id, Next: v.run.Next, From: v.run.Holder, Knows: true, State: dueNow(now)})\n" +
			"\terr = r.put(id, journal.Message{",
		"engine/local", "TestContract",
	},
	{
		"a decision stays with the branch that reads it", "engine/local/host_rest.go",
		"l.inbox = mail\n\t\tl.wakeAll()", "l.inbox = mail",
		"engine/local", "TestADecisionReachesItsBranch",
	},
	{
		"a requester decides in another spelling", "engine/person.go",
		"return strings.TrimSpace(folded)", "return folded",
		"engine/virtual", "TestContract",
	},
	{
		"a requester enters the decision of somebody else", "engine/question.go",
		"contains(requesters, by.EnteredBy)", `contains(requesters, "")`,
		"engine/virtual", "TestContract",
	},
	{
		"a stopped run is due by itself", "engine/local/ledger.go",
		"state.Wake = time.Time{}", "state.Wake = h.wall().Add(time.Duration(0))",
		"engine/local", "TestAStoppedRunWaitsForAPerson",
	},
	{
		"branches go on after one has failed", "engine/local/host_record.go",
		"if f.failed {", "if f.failed && false {",
		"engine/local", "TestHost",
	},
	{
		"an attempt after an unknown outcome does not look first", "engine/retry.go",
		"c.call.Recover = c.unsure != nil", "c.call.Recover = false",
		"engine/virtual", "TestHost",
	},
	{
		"trouble on this machine is taken for a failure of the step", "engine/task.go",
		"case reply.Failure != nil && reply.Failure.Local:", "case reply.Failure != nil && reply.Failure.Local && false:",
		"engine/virtual", "TestHost",
	},
	{
		"the time until this machine is mended counts", "engine/repair.go",
		"c.pause(c.x.h.Now().Sub(began))", "c.pause(0 * c.x.h.Now().Sub(began))",
		"engine/virtual", "TestContract",
	},
	{
		"each attempt has another key", "engine/task/call.go",
		`c.Run + "\x00" + c.place()`, `c.Run + "\x00" + c.place() + strconv.Itoa(c.Attempt)`,
		"engine/task", "TestKeyAndReference",
	},
	{
		"a launch has no key", "tasks/ec2/launch_request.go",
		"ClientToken:        aws.String(l.token()),", "",
		"tasks/ec2", "TestCreateMakesOneInstanceWhateverGoesWrong",
	},
	{
		"the environment says where requests with a stored endpoint go", "tasks/ec2/config.go",
		"cfg = alone(cfg)\n\tif to.url", "if to.url",
		"tasks/ec2", "TestStoredCredentialsWin",
	},
	{
		"secrets of the environment are not masked", "engine/home/home.go",
		"hideVariables(mask, connectors)\n\treturn", "return",
		"engine/golden", "TestSecretsAreNowhere",
	},
	{
		"an open run does not keep its endpoint", "engine/credential/moved.go",
		"if s.MayMove == nil ||", "if true || s.MayMove == nil ||",
		"engine/credential", "TestMayMove",
	},
	{
		"a task does not look for its evidence", "tasks/ism/add_worklog.go",
		"if call.Recover {", "if call.Recover && false {",
		"tasks/ism", "TestWorklogIsAddedOnce",
	},
	{
		"evidence is looked for at once", "engine/task/evidence.go",
		"early > 0 && !c.Sent.IsZero()", "early > 0 && !c.Sent.IsZero() && false",
		"engine/golden", "TestEffectsThatComeLate",
	},
	{
		"a handler acts beside an uncertain step", "engine/local/host_record.go",
		"if q.Failure == nil || h.ctx == nil {", "if q.Failure == nil || h.ctx == nil || true {",
		"engine/local", "TestHost",
	},
	{
		"a 503 is taken for a refusal", "engine/task/status.go",
		"switch {\n\tcase status == http.StatusRequestTimeout", "switch {\n\tcase status == http.StatusServiceUnavailable:\n\t\treturn true, false\n\tcase status == http.StatusRequestTimeout",
		"tasks/ism", "TestAnswersThatProveNothing",
	},
	{
		"a short page is taken for the last one", "tasks/ism/list.go",
		"if len(rows) == 0 || total", "if len(rows) < pageSize || total",
		"tasks/ism", "TestWorklogIsFoundOnAnyPage",
	},
	{
		"both halves of an || are taken to hold", "engine/expression/narrow.go",
		`case holds && (operator == "&&" ||`, `case holds && (operator == "||" || operator == "&&" ||`,
		"engine/program", "TestAcceptedDefinitionsDoNotFail -definitions=4000",
	},
	{
		"the steps of a case are taken to run always", "engine/program/switch.go",
		"c.enclose(first, d, s, conditions...)", "c.enclose(first, d, s)",
		"engine/program", "TestAcceptedDefinitionsDoNotFail",
	},
	{
		"a step that may fail is taken to succeed always", "engine/program/scope.go",
		"lenient: d.OnFailure != nil}", "lenient: false}",
		"engine/program", "TestAcceptedDefinitionsDoNotFail",
	},
	{
		"a step inside one that may fail is taken not to fail", "engine/program/scope.go",
		`k.inside != "", k.standIn && k.lenient:`, `k.inside != "" && k.lenient, k.standIn && k.lenient:`,
		"engine/program", "TestAcceptedDefinitionsDoNotFail -definitions=4000",
	},
	{
		"a null that is written is taken for a value", "engine/program/values.go",
		"Nullable: v.Kind == schema.Null}", "Nullable: false}",
		"engine/program", "TestAcceptedDefinitionsDoNotFail",
	},
	{
		"a comment in an expression is left out", "engine/expression/comment.go",
		`case strings.HasPrefix(rest, "//"):`, `case strings.HasPrefix(rest, "//") && false:`,
		"engine/program", "TestAcceptedDefinitionsDoNotFail",
	},
	{
		"computed names are accepted", "engine/expression/path.go",
		"case !isOpen(base.Type) && c.isScopes(base.path):", "case !isOpen(base.Type) && c.isScopes(base.path) && false:",
		"engine/program", "TestAcceptedDefinitionsDoNotFail -definitions=1500",
	},
	{
		"there are two zeros", "engine/expression/operate.go",
		"\tif f == 0 {\n\t\tf = 0\n\t}\n", "",
		"engine/program", "TestAcceptedDefinitionsDoNotFail",
	},
	{
		"a list is taken to be longer than it is", "engine/expression/length.go",
		"s.path == list.path && s.least > n", "s.path == list.path && s.least >= n",
		"engine/program", "TestAcceptedDefinitionsDoNotFail",
	},
	{
		"a switch without else is taken to have run", "engine/program/switch.go",
		"covers := form.Else != nil || exhausts(action.Cases)", "covers := true",
		"engine/program", "TestAcceptedDefinitionsDoNotFail -definitions=6000",
	},
	{
		"a rule is not applied to values that may be null", "engine/program/assumed.go",
		"if a.null && n.program.MayBeNull() {", "if false {",
		"engine/program", "TestAcceptedDefinitionsDoNotFail",
	},
	{
		"a value of any type is taken not to be null", "engine/expression/expression.go",
		"p.mayBeNull = v.Nullable || v.Kind == schema.Any && !neverNull(tree)", "p.mayBeNull = v.Nullable",
		"engine/program", "TestAcceptedDefinitionsDoNotFail -definitions=3000",
	},
	{
		"an element with a number is taken to be there", "engine/expression/path.go",
		"if !constant || !c.hasElement(list, i) {", "if !constant {",
		"engine/program", "TestAcceptedDefinitionsDoNotFail -definitions=3000",
	},
	{
		"a condition with a substitute proves, whatever its value would be", "engine/expression/narrow.go",
		"if v, constant := p.Constant(); !constant || v != !holds {", "if _, constant := p.Constant(); !constant {",
		"engine/program", "TestAcceptedDefinitionsDoNotFail -definitions=6000",
	},
	{
		"a step that did not run is taken not to have failed", "engine/program/scope.go",
		"if k.conjuncts == nil { // the step has run", "if true { // the step has run",
		"engine/program", "TestAcceptedDefinitionsDoNotFail -definitions=4000",
	},
	{
		"numbers tell all integers apart", "engine/expression/length.go",
		"return err == nil && -exactIntegers <= n && n <= exactIntegers", "_ = n\n\treturn err == nil",
		"engine/program", "TestAcceptedDefinitionsDoNotFail",
	},
	{
		"a duration becomes a text in silence", "engine/program/values.go",
		"if c.crossing == intoInput && expression", "if false && expression",
		"engine/program", "TestAcceptedDefinitionsDoNotFail",
	},
	{
		"what an object of an output holds has no type", "engine/program/values.go",
		"if shape.Open || want.Items != nil", "if true || want.Items != nil",
		"engine/program", "TestGoodDefinitions",
	},
	{
		"a loop over more items than a run takes", "engine/program/for_each.go",
		"if n > MaxItems {", "if n > MaxItems && false {",
		"engine/program", "TestLimitsAreKnownBefore",
	},
	{
		"a JSON object with a name twice", "engine/schema/json_reader.go",
		"seen[m.Name.Text]; twice {", "seen[m.Name.Text]; twice && false {",
		"engine/schema", "TestInvalidJSON",
	},
	{
		"JSON with an escape is refused", "engine/schema/json_string.go",
		`'/': '/', `, "",
		"engine/schema", "FuzzReadJSON",
	},
	{
		"half of a character in JSON", "engine/schema/json_string.go",
		"if pair == utf8.RuneError {", "if pair == utf8.RuneError && false {",
		"engine/schema", "FuzzReadJSON",
	},
	{
		"an integer of anything may be out of range", "engine/expression/list.go",
		"if errors.Is(err, errInteger) {", "if errors.Is(err, errInteger) && false {",
		"engine/program", "TestAcceptedDefinitionsDoNotFail",
	},
	{
		"history cut by retry", "engine/local/replay.go",
		"\tr.rounds(run, entries, inbox, w)\n", "",
		"engine/local", "TestContract",
	},
	{
		"an undone step keeps its key", "engine/rounds.go",
		"delete(r.steps, step)", "_ = step",
		"engine/local", "TestContract",
	},
	{
		"a change that was accepted is sent again", "engine/rounds.go",
		"case settled != nil && (same || past.stays):", "case settled != nil && (same || past.stays) && false:",
		"engine/virtual", "TestRetriedDefinitions",
	},
	{
		"a copied home is not noticed", "engine/journal/home_id.go",
		"row.fileIdentity != file:", "row.fileIdentity != file && false:",
		"engine/journal", "TestACopyIsNoticed",
	},
	{
		"an older journal that was put back is not noticed", "engine/journal/home_id.go",
		"case m.generation > row.generation:", "case m.generation > row.generation && false:",
		"engine/journal", "TestACopyIsNoticed",
	},
	{
		"a run of a copied home goes on by itself", "engine/local/work.go",
		"if run.Isolated() {", "if run.Isolated() && false {",
		"engine/local", "TestACopyStartsNothing",
	},
	{
		"an adopted run acts without a look", "engine/local/adopt.go",
		"return l.checked != nil && !l.checked[step]", "return l.checked != nil && !l.checked[step] && false",
		"engine/local", "TestAdoptedRunsLook",
	},
	{
		"an adopted run acts without a look, in the simulation", "engine/local/adopt.go",
		"return l.checked != nil && !l.checked[step]", "return l.checked != nil && !l.checked[step] && false",
		"engine/local", "TestSimulation",
	},
	{
		"a missing sign of life means that a process is dead", "engine/journal/session.go",
		"byteLocked, known := isByteLocked(o.file, byteOf(id))", "byteLocked, known := false, true",
		"engine/journal", "TestASignOfLifeIsMissing",
	},
	{
		"a changed entry is not noticed", "engine/journal/read_entries.go",
		"next, ok := follows(hash, chain, data)", "next, ok := follows(hash, chain, data)\n\t\t\tok = true",
		"engine/journal", "TestAChangedRecordIsFound",
	},
	{
		"a commit does not wait for the disk", "engine/journal/sqlite.go",
		"synchronous(full)", "synchronous(normal)",
		"engine/journal", "TestACommitWaitsForTheDisk",
	},
}

// Each of these bugs makes the test fail that must notice it.
func TestBugsAreNoticed(t *testing.T) {
	if testing.Short() {
		t.Skip("each bug needs a build")
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
				t.Fatalf("%s contains the text that the bug replaces %d times, expected once: %s", bug.file, n, bug.old)
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
			words := strings.Fields(bug.caught)
			args := append([]string{"test", "-overlay", overlay, "-vet=off", "-ldflags=-s -w", "-count=1", "-timeout", "2m", "-run", "^" + words[0] + "$", "./" + bug.where}, words[1:]...)
			command := exec.CommandContext(t.Context(), "go", args...)
			command.Dir = root
			out, err := command.CombinedOutput()
			if _, failed := err.(*exec.ExitError); !failed || !strings.Contains(string(out), "--- FAIL: "+words[0]) {
				t.Errorf("%s does not notice it: %v\n%s", bug.caught, err, out)
			}
		})
	}
}
