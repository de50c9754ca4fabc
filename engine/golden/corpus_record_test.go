package golden_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/tools/txtar"

	"errand/definitions"
	"errand/engine"
	"errand/engine/diag"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
	"errand/tasks/sandbox"
)

// A recording says how a file of the corpus is made.
type recording struct {
	name, about string
	workflow    string // the name of a shipped workflow, or the text of a definition
	inputs      string
	faults      string
	course      func(r *recorder) // what processes and persons do; nil means that one process runs it
}

var recordings = []recording{
	{"start", "An instance is started.", "start-instance", `{"instance_id":"i-0a1b2c3d4e5f60001"}`, "", nil},
	{"stop-throttled", "A throttle is waited for, and a lost reply is looked up.", "stop-instance", `{"instance_id":"i-0a1b2c3d4e5f60002"}`,
		`{"system":"ec2","action":"StopInstances","throttle":1},{"system":"ism","action":"POST Worklog","lose_reply":1}`, nil},
	{"provision", "An instance is provisioned, with a poll and a delay.", "provision-instance", `{"ami_id":"ami-0a1b2c3d4e5f60000","instance_name":"reports"}`, "", nil},
	{"provision-crash", "The process dies after the launch has left, and another goes on.", "provision-instance", `{"ami_id":"ami-0a1b2c3d4e5f60000","instance_name":"reports"}`, "",
		func(r *recorder) { r.die("create"); r.resume() }},
	{"terminate", "An instance is terminated.", "terminate-instance", `{"instance_id":"i-0a1b2c3d4e5f60002"}`, "", nil},
	{"restart-uncertain", "A restart whose reply is lost waits for a person.", "restart-instance", `{"instance_id":"i-0a1b2c3d4e5f60002"}`,
		`{"system":"ec2","action":"RebootInstances","lose_reply":1}`, nil},
	{"restart-resolved", "A person has said that the restart took effect.", "restart-instance", `{"instance_id":"i-0a1b2c3d4e5f60002"}`,
		`{"system":"ec2","action":"RebootInstances","lose_reply":1}`,
		func(r *recorder) { r.start(); r.resolve("restart", engine.VerdictDone); r.resume() }},
	{"failed", "What is refused fails the run, after a worklog.", "start-instance", `{"instance_id":"i-0123456789abcdef0"}`, "", nil},
	{"retried", "A run that failed was done again from the failed step.", "start-instance", `{"instance_id":"i-0a1b2c3d4e5f60001"}`,
		`{"system":"ism","action":"PUT Ticket","error":"no","status":400}`,
		func(r *recorder) { r.start(); r.retry(""); r.resume() }},
	{"parked", "A run waits in a delay.", delayed, `{"wait":"1h"}`, "", func(r *recorder) { r.leave(time.Minute) }},
	{"stopped", "A person has stopped a run that waits, and gone on with it.", delayed, `{"wait":"1h"}`, "",
		func(r *recorder) { r.stop(time.Minute); r.resume() }},
	{"cancelled", "A run was cancelled in its delay.", delayed, `{"wait":"1h"}`, "",
		func(r *recorder) { r.leave(time.Minute); r.cancel(); r.resume() }},
	{"keyed", "A run has a concurrency key. It begins with its turn.", keyed, `{"wait":"1h"}`, "", nil},
	{"keyed-retried", "A run with a concurrency key failed, and was done again with another turn.", keyed, `{"wait":"1h"}`,
		`{"system":"ec2","action":"StopInstances","error":"no","status":400}`,
		func(r *recorder) { r.start(); r.retry(""); r.resume() }},
}

const keyed = `workflow: delayed
inputs:
  wait: {type: duration}
concurrency:
  key: request/${{ request.id }}
timeout: 2h
steps:
  - task: timer.delay
    with: {duration: "${{ inputs.wait }}"}
  - parallel:
      left:
        - id: stop
          task: ec2.stop_instance
          with: {instance_id: i-0a1b2c3d4e5f60002}
      right:
        - task: timer.delay
          with: {duration: 1m}
`

const delayed = `workflow: delayed
inputs:
  wait: {type: duration}
steps:
  - id: look
    task: ec2.get_instance_status
    with: {instance_id: i-0a1b2c3d4e5f60002}
  - id: gone
    task: ec2.start_instance
    with: {instance_id: i-0123456789abcdef0}
    on_failure: continue
  - id: wait
    task: timer.delay
    with: {duration: "${{ inputs.wait }}"}
  - id: skipped
    if: steps.look.current_instance_state == "stopped"
    task: ec2.stop_instance
    with: {instance_id: i-0a1b2c3d4e5f60002}
  - id: refused
    task: ism.get_service_request
    with: {ticket: 100-999}
    on_failure:
      - id: instead
        task: ism.get_service_request
        with: {ticket: "${{ request.id }}"}
finally:
  - task: ism.add_worklog
    with: {ticket: "${{ request.id }}", text: "looked: ${{ steps.look.current_instance_state ?? 'no' }}"}
outputs:
  state: ${{ steps.look.current_instance_state }}
`

// A recorder records one run.
type recorder struct {
	t       *testing.T
	journal *journal.Memory
	box     *sandbox.Sandbox
	order   engine.Order
	started int
	dying   string // the step with whose call the process dies
}

func (r *recorder) process() *local.Runner {
	r.started++
	p := &local.Runner{Journal: r.journal, About: fmt.Sprintf("process %d", r.started)}
	p.Registry = tasks.Registry(task.Environment{Credentials: sandbox.Credentials{}, Transport: &fragile{r: r, to: r.box.Transport(), of: p}})
	return p
}

// A fragile transport belongs to a process that may crash during a call.
type fragile struct {
	r  *recorder
	to http.RoundTripper
	of *local.Runner
}

func (f *fragile) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := f.to.RoundTrip(request)
	if f.r.dying != "" {
		runs, listed := f.r.journal.List(context.Background(), journal.Query{})
		if listed == nil && len(runs) == 1 {
			_, entries, _ := f.r.journal.Load(context.Background(), runs[0].ID)
			if last := entries[len(entries)-1]; last.Kind == journal.Intent && last.Step == f.r.dying {
				f.r.dying = ""
				_ = f.of.Close()        // it releases the lease
				time.Sleep(time.Minute) // and continues too late
			}
		}
	}
	return answer, err
}

func (r *recorder) want(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *recorder) start() {
	_, err := r.process().Start(r.t.Context(), r.order, engine.Following{})
	r.want(err)
}

func (r *recorder) resume() {
	_, err := r.process().Follow(r.t.Context(), r.order.Run, engine.Following{})
	r.want(err)
}

func (r *recorder) die(step string) {
	r.dying = step
	go func() {
		if _, err := r.process().Start(context.Background(), r.order, engine.Following{}); !errors.Is(err, journal.ErrMoved) {
			r.t.Errorf("the dead process ended with %v", err)
		}
	}()
	time.Sleep(30 * time.Second)
}

func (r *recorder) leave(after time.Duration) {
	ctx, end := context.WithTimeout(r.t.Context(), after)
	defer end()
	_, err := r.process().Start(ctx, r.order, engine.Following{})
	r.want(err)
}

func (r *recorder) stop(after time.Duration) {
	ctx, stop := context.WithCancelCause(r.t.Context())
	time.AfterFunc(after, func() { stop(engine.ErrStop) })
	_, err := r.process().Start(ctx, r.order, engine.Following{})
	r.want(err)
}

func (r *recorder) resolve(step string, v engine.Verdict) {
	r.want(r.process().Decide(r.t.Context(), r.order.Run, step, engine.Decision{Verdict: v, By: engine.Person{Name: "Kim"}, Comment: "I looked"}))
}

func (r *recorder) retry(from string) {
	r.want(r.process().Retry(r.t.Context(), r.order.Run, engine.Retry{From: from, By: engine.Person{Name: "Kim"}}))
}

func (r *recorder) cancel() { r.want(r.process().Cancel(r.t.Context(), r.order.Run, engine.Person{})) }

// record makes a file of the corpus.
func record(t *testing.T, what recording) (document []byte) {
	source, name := []byte(what.workflow), "delayed.yaml"
	if !strings.Contains(what.workflow, "\n") {
		name = what.workflow + ".yaml"
		var err error
		if source, err = definitions.Files.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	p, problems := program.Load(name, source, tasks.Registry(task.Environment{}))
	if diag.HasErrors(problems) {
		t.Fatal(problems)
	}
	inputs, err := p.Inputs.Decode([]byte(what.inputs))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		world := strings.TrimSuffix(strings.TrimSpace(string(sandbox.DefaultWorld())), "}") + `,"faults":[` + what.faults + `]}`
		box, err := sandbox.New([]byte(world), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		r := &recorder{t: t, journal: journal.NewMemory(), box: box, order: engine.Order{Run: "recordedrun00000", Request: "100-291", Inputs: inputs.(map[string]any), Program: p}}
		if what.course == nil {
			r.start()
		} else {
			what.course(r)
		}
		synctest.Wait()
		run, entries, err := r.journal.Load(t.Context(), r.order.Run)
		r.want(err)
		a := &txtar.Archive{Comment: []byte(what.about + "\n\n")}
		add := func(name string, data []byte) { a.Files = append(a.Files, txtar.File{Name: name, Data: data}) }
		var lines bytes.Buffer
		for _, e := range entries {
			line, err := json.Marshal(e)
			r.want(err)
			lines.Write(append(line, '\n'))
		}
		row := run
		row.Source = nil
		data, err := json.MarshalIndent(row, "", "  ")
		r.want(err)
		add("run.json", append(data, '\n'))
		add("definition.yaml", run.Source)
		add("entries", lines.Bytes())
		trace, result := replayed(t, run, entries, true)
		add("trace", []byte(trace))
		add("result.json", []byte(result))
		document = txtar.Format(a)
	})
	return document
}
