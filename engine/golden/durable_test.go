package golden_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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

// crash_test.go, lost_test.go and store_test.go carry out the shipped workflows on the durable host, through the real connectors, and
// disturb them: the process ends, replies are lost, the journal fails. Whatever befalls a run, it comes to what the undisturbed run
// comes to, and each request takes effect once. The sandbox outlives the processes and is the judge of that.
//
// In reading order: durable_test.go (a run's world and the processes that work on it), strike_test.go (what befalls the journal),
// ending_test.go (what a run came to, and what is compared).

// A workflow is a shipped definition with inputs that fit the sandbox's default world.
type workflow struct {
	program *program.Program
	inputs  map[string]any
	commits int           // that its run makes at least: a test with less to disturb would show nothing
	cancel  time.Duration // after which a person cancels the run; 0: nobody does
}

const request = "100-291"

// workflows lists the shipped workflows. Programs are never changed, so that all tests share them.
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

// A world is what outlives the processes that work on its one run: the two systems and the journal.
type world struct {
	workflow
	t        *testing.T
	box      *sandbox.Sandbox
	memory   *journal.Memory
	order    engine.Order // as the latest process would give it
	started  int          // processes
	began    time.Time
	said     []sandbox.Exchange
	stood    []int            // for each of said, how many commits there were before it
	launches []string         // the bodies of the requests that launch an instance, as they were sent
	verdicts []engine.Verdict // what a person had to say
	away     time.Duration    // in which nobody was there to go on with the run
	came     *ending          // what the run came to

	mu             sync.Mutex
	plan           []strike // what is still to befall the journal
	calls, commits int      // made to the journal since the last strike; a commit is a call too
	struck         kind     // the last strike
	on             string   // the call that it befell
}

// disturbed carries a workflow's run to its end, in a bubble of its own and whatever befalls it, and compares what it came to with the
// undisturbed run. faults are the sandbox's, as JSON. It returns the world as the run left it.
func disturbed(t *testing.T, f workflow, calm *ending, faults string, plan ...strike) (w *world) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w = newWorld(t, f, faults, plan)
		w.end()
		w.compare(calm)
	})
	return w
}

func newWorld(t *testing.T, f workflow, faults string, plan []strike) *world {
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

// live has one process after the other work on the run until it has ended. It returns the result and the process that came to it.
func (w *world) live() (engine.Result, *process) {
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

// cancels is the person who cancels the run, and tries again where the journal fails.
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

// excuse takes a process's error only where it says that the journal failed. A commit that fails once is no excuse.
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

// A process is a runner with its own way to the journal and to the two systems.
type process struct {
	*local.Runner
	world  *world
	store  *store
	serves bool // it carries on whatever is due, and not a run that it was told
}

func (w *world) process() *process {
	w.started++
	p := &process{world: w, store: &store{Memory: w.memory, world: w}}
	p.Runner = &local.Runner{
		Journal:  p.store,
		Registry: tasks.Registry(task.Environment{Credentials: sandbox.Credentials{}, Transport: way{w.box.Transport(), p}}),
		About:    fmt.Sprintf("process %d", w.started),
		Poll:     20 * time.Second,
	}
	w.order = engine.Order{Run: fmt.Sprintf("crashrun%08d", w.started), Request: request, Inputs: w.inputs, Program: w.program}
	return p
}

// work carries the run on until it has ended. Where it is uncertain, a person looks at the systems and says so.
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

// carryOn goes on with the run, or starts it where it is not on record. It has another id then, as it would have in a new process.
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
	ctx, stop := context.WithTimeout(ctx, 24*time.Hour) // a worker to whom the run is never due would wait for ever
	defer stop()
	if err := p.Work(ctx, true, nil); err != nil {
		return engine.Result{}, err
	}
	return resultOf(p.Read(ctx, runs[0].ID))
}

// resultOf is the result within a view.
func resultOf(v engine.View, err error) (engine.Result, error) { return v.Result, err }

// judge looks whether the reboot was asked for. Nothing else may be uncertain, and nothing may have been done since.
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
