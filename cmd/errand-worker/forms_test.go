package main_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/definition"
	"errand/engine/golden"
	"errand/engine/temporal/temporaltest"
)

// A formCase is a run of a definition with forms of steps that no shipped workflow has, or one about which
// persons do something.
type formCase struct {
	name      string
	file      string
	inputs    string // as JSON
	faults    string // of the world, as YAML
	status    engine.Status
	cancel    time.Duration
	decisions map[string][]decision
	retries   []string
}

// The folder of the definitions that the tests of kills use.
const killed = "../testdata/kill/"

var formCases = []formCase{
	{name: "an example that starts", file: "../../examples/bring-up-instance.yaml", inputs: `{"instance_id":"i-0a1b2c3d4e5f60001","reason":"a build"}`, status: engine.Succeeded},
	{name: "an example that restarts", file: "../../examples/bring-up-instance.yaml", inputs: `{"instance_id":"i-0a1b2c3d4e5f60002"}`, status: engine.Succeeded},
	{name: "parallel, the else of a switch, and a called workflow", file: killed + "side-by-side.yaml", inputs: `{"start":"i-0a1b2c3d4e5f60001","stop":"i-0a1b2c3d4e5f60002","mode":"start"}`, status: engine.Succeeded},
	{
		name: "a case of a switch, and the undo of a called workflow", file: killed + "side-by-side.yaml", inputs: `{"start":"i-0a1b2c3d4e5f60001","stop":"i-0a1b2c3d4e5f60002","mode":"retire"}`,
		faults: `[{system: ism, action: POST Worklog, error: it is under review, times: 99, status: 400}]`, status: engine.Failed,
	},
	{name: "a poll, a stand-in, and a group with a fail", file: killed + "looks.yaml", faults: `[{system: ec2, action: StopInstances, throttle: 1}]`, status: engine.Succeeded},
	{
		name: "approvals in a loop, and undo", file: killed + "retire-assets.yaml", inputs: `{"assets":["one","two","three"]}`,
		faults: `[{system: ism, action: PUT Ticket, error: it is under review, times: 99, status: 400}]`, status: engine.Failed,
		decisions: map[string][]decision{"each[0].ok": approved, "each[1].ok": approved, "each[2].ok": rejected},
	},
	{name: "cancelled while it asks", file: killed + "retire-assets.yaml", inputs: `{"assets":["one","two","three"]}`, status: engine.Cancelled, cancel: time.Minute, decisions: map[string][]decision{"each[0].ok": approved}},
	{
		name: "an approval and an uncertain step side by side", file: killed + "beside-a-person.yaml", status: engine.Succeeded,
		faults:    `[{system: ec2, action: RebootInstances, lose_reply: 1}]`,
		decisions: map[string][]decision{"ok": approved, "restart": verdicts(engine.VerdictDone)},
	},
	{
		name: "uncertain steps in a loop", file: killed + "restart-each.yaml", inputs: two, status: engine.Succeeded,
		faults:    `[{system: ec2, action: RebootInstances, lose_reply: 3}]`,
		decisions: map[string][]decision{"each[0].restart": verdicts(engine.VerdictRetry, engine.VerdictDone), "each[1].restart": verdicts(engine.VerdictDone)},
	},
	{name: "an uncertain step that failed", file: killed + "restart-each.yaml", inputs: two, status: engine.Failed, faults: `[{system: ec2, action: RebootInstances, lose_reply: 1}]`, decisions: map[string][]decision{"each[0].restart": verdicts(engine.VerdictFail)}},
	{name: "nobody decides about an uncertain step", file: killed + "restart-each.yaml", inputs: two, status: engine.Uncertain, faults: `[{system: ec2, action: RebootInstances, lose_reply: 1}]`},
	{name: "retried from the failed step", file: killed + "restart-each.yaml", inputs: two, status: engine.Succeeded, faults: closesLater, retries: []string{""}},
	{name: "retried from a step in a loop", file: killed + "restart-each.yaml", inputs: two, status: engine.Succeeded, faults: closesLater, retries: []string{"each[1].restart"}},
	{name: "retried twice", file: killed + "side-by-side.yaml", inputs: `{"start":"i-0a1b2c3d4e5f60001","stop":"i-0a1b2c3d4e5f60002","mode":"start"}`, status: engine.Succeeded, faults: `[{system: ism, action: POST Worklog, error: it is under review, times: 2, status: 400}]`, retries: []string{"", "worklog"}},
	{name: "retried after it was cancelled", file: killed + "retire-assets.yaml", inputs: `{"assets":["one"]}`, status: engine.Succeeded, cancel: time.Minute, retries: []string{"each[0].ok"}, decisions: map[string][]decision{"each[0].ok": {{after: time.Hour, Decision: engine.Decision{Verdict: engine.VerdictApprove, By: kim}}}}},
	{name: "a concurrency key", file: "testdata/forms/keyed.yaml", status: engine.Succeeded},
}

const (
	two         = `{"instances":["i-0a1b2c3d4e5f60002","i-0a1b2c3d4e5f60003"]}`
	closesLater = `[{system: ism, action: PUT Ticket, error: it is under review, times: 1, status: 400}]`
)

var approved, rejected = verdicts(engine.VerdictApprove), verdicts(engine.VerdictReject)

// verdicts returns decisions of Kim, the first one first.
func verdicts(all ...engine.Verdict) (made []decision) {
	for _, v := range all {
		made = append(made, decision{Decision: engine.Decision{Verdict: v, By: kim, Comment: "I looked"}})
	}
	return made
}

// formWorld is what the forms act on.
const formWorld = `
tickets: [{id: 100-291, status: New}]
instances:
  - {id: i-0a1b2c3d4e5f60001, state: stopped}
  - {id: i-0a1b2c3d4e5f60002, state: running}
  - {id: i-0a1b2c3d4e5f60003, state: running}
assets: [{identifier: i-0a1b2c3d4e5f60002}, {identifier: one}, {identifier: two}, {identifier: three}]
timing: {pending: 10s, status_checks: 20s, stopping: 10s, shutting_down: 10s}
faults: `

// Every form of a step, and what persons do about a run, has the same effects, results and events on a
// Temporal server as on this machine.
func TestFormsOnTemporal(t *testing.T) {
	temporaltest.Need(t)
	missing := map[string]bool{}
	for _, f := range definition.Forms() {
		missing[f.Name] = true
	}
	var all []*comparison
	for i, f := range formCases {
		c := &course{
			run: fmt.Sprintf("formsrun0%06da", i), request: "100-291", world: worldOf(t, []byte(formWorld+cmp.Or(f.faults, "[]")+"\n")),
			start: golden.Start, cancel: f.cancel, decisions: f.decisions, retries: f.retries,
		}
		source, err := os.ReadFile(f.file)
		if err != nil {
			t.Fatal(err)
		}
		inputs := map[string]json.RawMessage{}
		if f.inputs != "" {
			if err := json.Unmarshal([]byte(f.inputs), &inputs); err != nil {
				t.Fatal(err)
			}
		}
		c.load(t, filepath.ToSlash(f.file), source, inputs)
		d, _ := definition.Parse(f.file, source)
		for s := range d.AllSteps() {
			delete(missing, s.Word)
		}
		all = append(all, &comparison{name: f.name, course: c, status: f.status})
	}
	for form := range missing {
		t.Errorf("no case has the form %q", form)
	}
	compare(t, openLanes(t, workers), all)
}
