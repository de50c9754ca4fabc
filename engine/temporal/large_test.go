package temporal

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/task"
	"errand/engine/temporal/temporaltest"
)

// blobs is a registry of tasks whose outputs do not compress.
func blobs() *task.Registry {
	c := task.Connector{Name: "blob", Title: "Blobs", Description: "Returns random texts."}
	for _, effect := range []task.Effect{task.Reads, task.Keyed} {
		c.Types = append(c.Types, task.Define("blob."+string(effect), "Returns a random text.", effect,
			func(_ context.Context, c task.Call, in blobIn) (blobOut, error) {
				return blobOut{blob(c.Step, in.KiB)}, nil
			}))
	}
	return task.NewRegistry(c)
}

type blobIn struct {
	KiB   int      `json:"kib" doc:"How long the text is, in KiB." min:"0" max:"100000"`
	Texts []string `json:"texts" doc:"Any texts."`
}

type blobOut struct {
	Text string `json:"text" doc:"The text."`
}

// Summary returns the result message.
func (blobOut) Summary() string { return "done" }

// blob returns a text of so many KiB, another one for each seed.
func blob(seed string, kib int) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(seed))
	source := rand.NewChaCha8([32]byte(h.Sum([]byte(strings.Repeat(" ", 24)))))
	raw := make([]byte, kib<<10*3/4)
	_, _ = source.Read(raw)
	return base64.StdEncoding.EncodeToString(raw)
}

// A run whose record is longer than a payload goes on without continuing as new. While it is open and
// after its end it is read in pages. It cannot be retried.
func TestRecordLongerThanAPayload(t *testing.T) {
	at := install(t, temporaltest.Options{SuggestContinueAsNewAfter: 60})
	registry := blobs()
	runner := at.runner(t, "large", registry)
	work(t, runner)
	p := compile(t, registry, `
steps:
  - id: all
    for_each: ${{ 1..34 }}
    as: item
    steps: [{id: blob, task: blob.keyed, with: {kib: 90}}]
  - {id: ok, approval: {ask: May it be, by: [Kim]}}
  - {id: end, fail: It may not}
outputs:
  texts: ${{ map(steps.all.items, len(.blob.text)) }}
`)
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	o := engine.Order{Run: "largerun00000000", Request: "1", Program: p, Inputs: map[string]any{}}
	_, err := runner.Accept(ctx, o)
	must(t, err)
	v, err := runner.Read(ctx, o.Run)
	for ; err == nil && len(v.Questions) == 0 && v.Ended.IsZero(); v, err = runner.Read(ctx, o.Run) {
		time.Sleep(time.Second) // following a long record is work
	}
	must(t, err)
	if len(v.Questions) != 1 || v.Questions[0].Step != "ok" {
		t.Fatalf("the run is %s, and asks %v", v.Status, v.Questions)
	}
	times := executions(t, runner, flowID(o), 2)
	must(t, runner.Decide(ctx, o.Run, "ok", engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "Kim"}}))
	must(t, runner.Client.GetWorkflow(ctx, flowID(o), "").Get(ctx, nil))
	v, err = runner.Read(ctx, o.Run)
	must(t, err)
	if v.Status != engine.Failed || v.Failure.Step != "end" {
		t.Fatal(v.Status, v.Failure)
	}
	if again := executions(t, runner, flowID(o), 2); again != times {
		t.Errorf("the run continued as new with a record that is too long: its workflow had %d executions, and has %d", times, again)
	}
	var last Record
	must(t, runner.Client.GetWorkflow(ctx, flowID(o), "").Get(ctx, &last))
	if !last.Cut || len(last.Entries) > 0 {
		t.Errorf("the result of the workflow has %d entries", len(last.Entries))
	}
	events, err := runner.Events(ctx, o.Run, engine.EventID{})
	must(t, err)
	if len(events) != 10+2*34 || len(v.Steps) != 3+34 {
		t.Errorf("the run has %d events and %d steps", len(events), len(v.Steps))
	}
	for _, s := range v.Steps {
		if key := s.ID; strings.HasPrefix(key, "all[") && s.Outputs["text"] != blob(key, 90) {
			t.Errorf("the output of %s is another one", key)
		}
	}
	list, err := runner.List(ctx, engine.Query{Run: o.Run})
	must(t, err)
	if len(list) != 1 || list[0].Failure == nil || list[0].Failure.Step != "end" {
		t.Errorf("the list has %+v", list)
	}
	mark, err := runner.Mark(ctx, o.Run)
	must(t, err)
	if r := mustRefuse(t, runner.Retry(ctx, o.Run, engine.Retry{From: "ok", By: engine.Person{Name: "Kim"}}), engine.RefusedLarge); r.Status != engine.Failed || !strings.Contains(r.Error(), "cannot go on") {
		t.Error(r)
	}
	if now, err := runner.Mark(ctx, o.Run); err != nil || now != mark {
		t.Errorf("the refused retry has changed the run: %s, %v", now, err)
	}
}

// A run that would not fit into a payload is refused before anything is on record.
func TestRunTooLargeToBegin(t *testing.T) {
	at := install(t, temporaltest.Options{})
	registry := blobs()
	runner := at.runner(t, "large", registry)
	p := compile(t, registry, "inputs: {text: {type: string}}\nsteps: [{task: blob.reads, with: {kib: 0}}]\n")
	o := engine.Order{Run: "largerun00000000", Request: "1", Program: p, Inputs: map[string]any{"text": blob("inputs", 3000)}}
	_, err := runner.Accept(t.Context(), o)
	if r := mustRefuse(t, err, engine.RefusedLarge); r.Status != "" || !strings.Contains(r.Error(), "cannot begin") {
		t.Error(r)
	}
	_, err = runner.Read(t.Context(), o.Run)
	mustRefuse(t, err, engine.RefusedNotFound)
	o.Inputs["text"] = strings.Repeat("x", 3000<<10) // it is compressed
	_, err = runner.Accept(t.Context(), o)
	must(t, err)
}

// A call whose request or answer is larger than a payload fails, and is not repeated for ever.
func TestCallLargerThanAPayload(t *testing.T) {
	at := install(t, temporaltest.Options{})
	registry := blobs()
	runner := at.runner(t, "large", registry)
	work(t, runner)
	for i, c := range []struct{ step, message string }{
		{"{id: step, task: blob.reads, with: {kib: 3000}}", "the answer has"},
		{"{id: step, task: blob.keyed, with: {kib: 3000}}", "the answer has"},
		{"{id: step, task: blob.reads, with: {kib: 0, texts: [" + strings.Repeat(`"${{ inputs.text }}", `, 40) + "]}}", "the request has"},
	} {
		p := compile(t, registry, "inputs: {text: {type: string}}\nsteps: ["+c.step+"]\n")
		o := engine.Order{Run: fmt.Sprintf("largerun0000000%d", i), Program: p, Inputs: map[string]any{"text": blob("inputs", 60)}}
		v, err := runner.Start(t.Context(), o, engine.Following{})
		must(t, err)
		if v.Status != engine.Failed || v.Failure.Code != task.CodeLimit || !strings.Contains(v.Failure.Message, c.message) {
			t.Errorf("%s: the run %s with %+v", c.step[:40], v.Status, v.Failure)
		}
	}
}

// mustRefuse returns the refusal that an error is.
func mustRefuse(t *testing.T, err error, code engine.RefusalCode) *engine.Refusal {
	t.Helper()
	r, ok := errors.AsType[*engine.Refusal](err)
	if !ok || r.Code != code {
		t.Fatalf("the error is %v, expected the refusal %s", err, code)
	}
	return r
}
