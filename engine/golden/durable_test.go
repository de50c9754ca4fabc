package golden_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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

// crash_test.go, cancel_test.go, lost_test.go and store_test.go run the shipped workflows on the
// durable host, with the real connectors, and disturb them: processes crash, replies are lost, the
// journal fails. The outcome must be that of the undisturbed run, and each request must take effect
// once. The sandbox survives the processes and shows that.
//
// In reading order: durable_test.go (the world of a run and its processes), journal_fault_test.go
// (faults of the journal), ending_test.go (the outcome of a run and how it is compared).

// A workflow is a shipped definition with inputs that fit the sandbox's default world.
type workflow struct {
	program *program.Program
	inputs  map[string]any
	commits int           // the least number of commits of its run; with fewer a test shows nothing
	cancel  time.Duration // the time after which a person cancels the run; 0 means never

	evidenceDelay string // of the credential of ISM; the default if empty
}

const request = "100-291"

// workflows lists the shipped workflows. All tests share them, because programs never change.
var workflows = sync.OnceValue(func() []workflow {
	registry := tasks.Registry(task.Environment{})
	compiled := func(name, inputs string, commits int) workflow {
		source, err := definitions.Files.ReadFile(name + ".yaml")
		if err != nil {
			panic(err)
		}
		p, problems := program.Load(name+".yaml", source, registry)
		if diag.HasErrors(problems) {
			panic(problems[0])
		}
		values, err := p.Inputs.Decode([]byte(inputs))
		if err != nil {
			panic(err)
		}
		return workflow{program: p, inputs: values.(map[string]any), commits: commits}
	}
	return []workflow{
		compiled("start-instance", `{"instance_id":"i-0a1b2c3d4e5f60001"}`, 6),
		compiled("stop-instance", `{"instance_id":"i-0a1b2c3d4e5f60002"}`, 6),
		compiled("restart-instance", `{"instance_id":"i-0a1b2c3d4e5f60002"}`, 5),
		compiled("provision-instance", `{"ami_id":"ami-0a1b2c3d4e5f60000","instance_name":"reports"}`, 8),
		compiled("terminate-instance", `{"instance_id":"i-0a1b2c3d4e5f60002"}`, 8),
	}
})

func TestEveryShippedWorkflowIsDisturbed(t *testing.T) {
	files, err := fs.Glob(definitions.Files, "*.yaml")
	if err != nil || len(files) != len(workflows()) {
		t.Errorf("%d definitions are shipped, and %d are disturbed: %v", len(files), len(workflows()), err)
	}
}

// A world is what survives the processes of its one run: the two systems and the journal.
type world struct {
	workflow
	t        *testing.T
	box      *sandbox.Sandbox
	memory   *journal.Memory
	order    engine.Order // as the latest process would place it
	started  int          // processes
	began    time.Time
	said     []sandbox.Exchange
	stood    []int                                       // for each of said, the number of commits before it
	launches []string                                    // the bodies of the requests that launch an instance
	verdicts []engine.Verdict                            // what a person decided
	away     time.Duration                               // the time in which no process worked on the run
	loses    func(*world, *process, *http.Request) error // lets a request whose answer is lost end; may be nil
	came     *ending                                     // the outcome of the run
	events   []engine.Event                              // of the run, with those of earlier rounds

	mu             sync.Mutex
	plan           []journalFault // the faults of the journal still to come
	calls, commits int            // to the journal since the last fault; a commit is a call, too
	struck         faultKind      // the last fault
	on             string         // the call that failed
}

// disturbed runs a workflow to its end in a bubble of its own, with faults of the sandbox, as JSON,
// and of the journal, and compares the outcome with that of the undisturbed run. It returns the
// world.
func disturbed(t *testing.T, f workflow, calm *ending, faults string, plan ...journalFault) (w *world) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w = newWorld(t, f, faults, plan)
		w.end()
		w.compare(calm)
	})
	return w
}

func newWorld(t *testing.T, f workflow, faults string, plan []journalFault) *world {
	t.Helper()
	document := strings.TrimSpace(string(sandbox.DefaultWorld()))
	document = strings.TrimSuffix(document, "}") + `,"faults":[` + faults + `]}`
	box, err := sandbox.New([]byte(document), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{workflow: f, t: t, box: box, memory: journal.NewMemory(), began: time.Now(), plan: plan}
	box.Observe(func(e sandbox.Exchange) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.said = append(w.said, e)
		w.stood = append(w.stood, w.commits)
	})
	return w
}

// carryOut lets one process after the other work on the run until it has ended. It returns the
// result and the last process.
func (w *world) carryOut() (engine.Result, *process) {
	w.t.Helper()
	if w.cancel > 0 {
		var person sync.WaitGroup
		person.Go(w.cancels)
		defer person.Wait()
	}
	p := w.process()
	for {
		result, err := p.work()
		if err == nil {
			if p.store.broken != nil {
				w.t.Errorf("a process came to the end of the run without a journal")
			}
			return result, p
		}
		w.excuse(err)
		time.Sleep(w.struck.outage)
		w.away += w.struck.outage
		if w.struck.stays {
			p.store.broken = nil
			continue
		}
		_ = p.Close()
		p = w.process()
		p.serves = w.struck.serves
	}
}

// cancels is a person who cancels the run and tries again if the journal fails.
func (w *world) cancels() {
	time.Sleep(w.cancel)
	for {
		ctx := context.Background()
		runs, err := w.memory.List(ctx, journal.Query{})
		if err != nil || len(runs) != 1 {
			w.t.Errorf("the journal has %d runs: %v", len(runs), err)
			return
		}
		p := &local.Runner{Journal: &store{Memory: w.memory, world: w}, About: "a person"}
		err = p.Cancel(ctx, runs[0].ID, engine.Person{Name: "a person"})
		_ = p.Close()
		if err == nil {
			return
		}
		if _, ok := errors.AsType[*journal.StoreError](err); !ok {
			w.t.Errorf("the run cannot be cancelled: %v", err)
			return
		}
	}
}

// excuse fails the test unless an error says that the journal failed. A process must not give up
// because one commit failed once.
func (w *world) excuse(err error) {
	w.t.Helper()
	if !w.isJournals(err) || w.struck.err == nil {
		w.t.Fatalf("the process gave up: %v", err)
	}
	if !w.struck.lasts && w.on == commit {
		w.t.Errorf("the process gave up, although a commit failed only once: %v", err)
	}
}

// isJournals reports whether an error of a runner is one of its journal. The runner reports a
// cancelled call to the journal as context.Canceled.
func (w *world) isJournals(err error) bool {
	_, ok := errors.AsType[*journal.StoreError](err)
	return ok || errors.Is(err, context.Canceled) && errors.Is(w.struck.err, context.Canceled)
}

// A process is a runner with its own access to the journal and the two systems.
type process struct {
	*local.Runner
	world  *world
	store  *store
	serves bool // it works on whatever is due, not on a run that it is given
}

func (w *world) process() *process {
	w.started++
	p := &process{world: w, store: &store{Memory: w.memory, world: w}}
	p.Runner = &local.Runner{
		Journal:  p.store,
		Registry: tasks.Registry(task.Environment{Credentials: sandbox.Credentials{EvidenceDelay: w.evidenceDelay}, Transport: transport{w.box.Transport(), p}}),
		About:    fmt.Sprintf("process %d", w.started),
		Poll:     20 * time.Second,
	}
	w.order = engine.Order{Run: fmt.Sprintf("crashrun%08d", w.started), Request: request, Inputs: w.inputs, Program: w.program}
	return p
}

// work carries the run on until it has ended. If the run is uncertain, a person looks at the
// systems and decides.
func (p *process) work() (engine.Result, error) {
	result, err := p.carryOn()
	for err == nil && result.Status == engine.Uncertain {
		by, verdict := engine.Person{Name: "a person who looked"}, p.world.judge(result)
		if err = p.Decide(context.Background(), result.Run, result.Failure.Step, engine.Decision{Verdict: verdict, By: by}); err == nil {
			result, err = p.carryOn()
		}
	}
	return result, err
}

// carryOn resumes the run, or starts it if it is not on record. It then has another id, as in a new
// process.
func (p *process) carryOn() (engine.Result, error) {
	ctx := context.Background()
	runs, err := p.world.memory.List(ctx, journal.Query{})
	switch {
	case err != nil || len(runs) > 1:
		p.world.t.Fatalf("the journal has %d runs: %v", len(runs), err)
		return engine.Result{}, err
	case len(runs) == 0:
		return resultOf(p.Start(ctx, p.world.order, engine.Following{}))
	case !p.serves:
		return resultOf(p.Follow(ctx, runs[0].ID, engine.Following{}))
	}
	ctx, stop := context.WithTimeout(ctx, 24*time.Hour) // a worker would wait for ever if the run were never due
	defer stop()
	if err := p.Work(ctx, true, nil); err != nil {
		return engine.Result{}, err
	}
	return resultOf(p.Read(ctx, runs[0].ID))
}

// eventsOf returns the events of the run.
func (w *world) eventsOf(run string) []engine.Event {
	w.t.Helper()
	p := &local.Runner{Journal: w.memory, Registry: tasks.Registry(task.Environment{}), About: "a reader"}
	events, err := p.Events(context.Background(), run, engine.EventID{})
	if err != nil {
		w.t.Fatal(err)
	}
	return events
}

// resultOf returns the result within a view.
func resultOf(v engine.View, err error) (engine.Result, error) { return v.Result, err }

// judge decides by whether the instance was rebooted. Nothing else may be uncertain, and nothing
// may have been done since.
func (w *world) judge(result engine.Result) engine.Verdict {
	w.t.Helper()
	if done := effects(w.said); result.Failure.Step != "restart" || len(done) > 1 {
		w.t.Fatalf("step %q is uncertain, and this was done: %q", result.Failure.Step, done)
	}
	verdict := engine.VerdictRetry
	if slices.ContainsFunc(w.box.State().Instances, func(i sandbox.Instance) bool { return i.Reboots > 0 }) {
		verdict = engine.VerdictDone
	}
	w.verdicts = append(w.verdicts, verdict)
	return verdict
}
