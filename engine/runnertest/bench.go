package runnertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/hosttest"
	"errand/engine/program"
	"errand/engine/task"
)

// A bench is what one case has: runners, and task types that answer as the case says.
type bench struct {
	*testing.T
	Runners
	ctx    context.Context
	first  engine.Runner // a process that is open
	reg    *task.Registry
	mu     sync.Mutex
	calls  []task.Call           // the calls of probe.*, in their order
	answer func(task.Call) error // the answer of probe.*; nil means success

	settle  func()        // waits until all other goroutines wait
	calling func()        // is called before each call of probe.*
	goesOn  bool          // runs go on while no process follows them
	slack   time.Duration // by how much a time may be later than the contract says
	brief   bool          // rest takes a second at most

	kept  []string // the steps that the last retry keeps, by its preview
	since int      // how many calls there were before it
}

type probeIn struct {
	Text string `json:"text" doc:"Any text."`
}

type probeOut struct {
	Text string `json:"text" doc:"The text."`
}

// newBench returns a bench with the task types of hosttest, and probe.once, probe.evident,
// probe.reads and probe.settling, which record their calls and answer as the case says. The last
// one reads its outputs after its change.
func newBench(t *testing.T, runners func(Setup) Runners) *bench {
	b := prepareBench(t)
	b.open(runners)
	return b
}

// prepareBench returns a bench without runners.
func prepareBench(t *testing.T) *bench {
	b := &bench{T: t, ctx: t.Context(), settle: synctest.Wait, calling: func() {}}
	t.Cleanup(b.expectKept)
	probe := task.Connector{Name: "probe", Title: "Probe", Description: "Answers as the case says."}
	for name, effect := range map[string]task.Effect{"once": task.Once, "evident": task.Evident, "reads": task.Reads, "settling": task.Once} {
		probe.Types = append(probe.Types, task.Define("probe."+name, "Answers as the case says.", effect,
			func(_ context.Context, c task.Call, in probeIn) (probeOut, error) {
				b.calling()
				b.mu.Lock()
				b.calls = append(b.calls, c)
				answer := b.answer
				b.mu.Unlock()
				if answer == nil {
					return probeOut(in), nil
				}
				return probeOut(in), answer(c)
			}))
	}
	for i := range probe.Types {
		probe.Types[i].Settles = probe.Types[i].Name == "probe.settling"
	}
	b.reg = task.NewRegistry(append(hosttest.Registry(func() {}).Connectors(), probe)...)
	return b
}

// open opens the first process.
func (b *bench) open(runners func(Setup) Runners) {
	b.Runners = runners(Setup{T: b.T, Registry: b.reg})
	b.first = b.Open("the first process")
}

// count returns the number of calls of probe.*.
func (b *bench) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.calls)
}

// called returns the steps of the calls of probe.*, in their order.
func (b *bench) called() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var steps []string
	for _, c := range b.calls {
		steps = append(steps, c.Step)
	}
	return strings.Join(steps, " ")
}

func (b *bench) program(source string) *program.Program {
	b.Helper()
	p, problems := program.Load("case.yaml", []byte("workflow: case\n"+source), b.reg)
	if diag.HasErrors(problems) {
		b.Fatal(problems)
	}
	return p
}

const run = "testrun000000000"

// runID returns the id of one of several runs of a case. The first is run.
func runID(i int) string { return fmt.Sprintf("testrun%09d", i) }

// order returns an order of Dana.
func (b *bench) order(source string) engine.Order {
	b.Helper()
	return engine.Order{Run: run, Request: "100-291", StartedBy: "Dana", Inputs: map[string]any{}, Program: b.program(source)}
}

// start starts a run and expects its status and steps afterwards.
func (b *bench) start(source string, status engine.Status, steps string) engine.View {
	b.Helper()
	v, err := b.first.Start(b.ctx, b.order(source), engine.Following{})
	b.expect(v, err, status, steps)
	return v
}

// follow follows the run in another process and expects its status and steps afterwards.
func (b *bench) follow(status engine.Status, steps string) engine.View {
	b.Helper()
	v, err := b.Open("another process").Follow(b.ctx, run, engine.Following{})
	b.expect(v, err, status, steps)
	return v
}

// read reads the run in another process.
func (b *bench) read() engine.View {
	b.Helper()
	v, err := b.Open("a reader").Read(b.ctx, run)
	if err != nil || v.Trouble != nil {
		b.Fatal(err, v.Trouble)
	}
	return v
}

// expect expects the status and steps of a run, both in what a method returned and in what another
// process reads.
func (b *bench) expect(v engine.View, err error, status engine.Status, steps string) {
	b.Helper()
	if err != nil || v.Status != status {
		b.Fatalf("the run is %q (%v, %v), want %q", v.Status, v.Failure, err, status)
	}
	read, err := b.Open("a reader").Read(b.ctx, v.Run)
	if err != nil || read.Status != status {
		b.Fatalf("another process reads that the run is %q (%v), want %q", read.Status, err, status)
	}
	for _, v := range []engine.View{v, read} {
		var got []string
		for _, s := range v.Steps {
			got = append(got, s.ID+" "+string(s.Status))
		}
		if got := strings.Join(got, ", "); got != steps {
			b.Errorf("the steps: %s\nwant:      %s", got, steps)
		}
	}
}

// expectRefusal expects that an error is a refusal about the run with a code, and returns it.
func (b *bench) expectRefusal(err error, code engine.RefusalCode) engine.Refusal {
	b.Helper()
	refusal, ok := errors.AsType[*engine.Refusal](err)
	if !ok {
		b.Fatalf("got %v, want the refusal %s", err, code)
	}
	if refusal.Code != code || refusal.Run != run {
		b.Errorf("got the refusal %s about run %q (%v), want %s about %s", refusal.Code, refusal.Run, refusal, code, run)
	}
	if refusal.Error() == "" || strings.HasPrefix(refusal.Error(), "refused: ") {
		b.Errorf("the refusal %s has no message", code)
	}
	return *refusal
}

// rest lets a time pass in which nothing happens. If the clock cannot be moved, a second stands for it.
func (b *bench) rest(d time.Duration) {
	if b.brief {
		d = min(d, time.Second)
	}
	b.Pass(d)
}

// isAfter reports whether a time is one that the contract says, or later by no more than the slack.
func (b *bench) isAfter(at, said time.Time) bool { return b.lasts(at.Sub(said), 0) }

// isDue reports whether a run waits for a process that carries it on. A run that goes on by itself may
// have got further.
func (b *bench) isDue(v engine.View) bool {
	return b.goesOn || v.Status == engine.Waiting && !v.Due.IsZero() && len(v.Waits) == 1 && v.Waits[0].For == engine.WaitProcess
}

// lasts reports whether something took as long as the contract says, or longer by no more than the
// slack.
func (b *bench) lasts(took, said time.Duration) bool { return took >= said && took <= said+b.slack }

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// decide decides as Kim, who belongs to the group operators.
func (b *bench) decide(step string, verdict engine.Verdict) error {
	kim := engine.Person{Name: "Kim", Groups: []string{"operators"}}
	return b.Open("Kim's process").Decide(b.ctx, run, step, engine.Decision{Verdict: verdict, By: kim})
}

// retry retries the run as Kim.
func (b *bench) retry(from string) error {
	b.Helper()
	return b.retryWith(engine.Retry{From: from, By: engine.Person{Name: "Kim"}})
}

// retryWith retries the run. The preview must be refused if the retry is, unless another definition is
// the reason, and nothing that it says is kept may be called until the next retry.
func (b *bench) retryWith(retry engine.Retry) error {
	b.Helper()
	b.expectKept()
	runner := b.Open("Kim's process")
	preview, refused := runner.Preview(b.ctx, run, retry)
	b.mu.Lock()
	calls := len(b.calls)
	b.mu.Unlock()
	err := runner.Retry(b.ctx, run, retry)
	if differs := retry.Program != nil && refused == nil; !differs && ((refused == nil) != (err == nil) || err != nil && refused.Error() != err.Error()) {
		b.Errorf("the preview ends with %v, and the retry with %v", refused, err)
	}
	if err == nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.kept, b.since = preview.Keeps, calls
	}
	return err
}

// expectKept reports calls of steps that the last retry was to keep.
func (b *bench) expectKept() {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.calls[b.since:] {
		if slices.Contains(b.kept, c.Step) {
			b.Errorf("step %s is called again, although the preview of the retry keeps it", c.Step)
		}
	}
}

// startAndEnd starts a run in a process whose work ends during the call of step act, and returns the
// run.
func (b *bench) startAndEnd(source string, cause error) engine.View {
	b.Helper()
	ctx, end := context.WithCancelCause(b.ctx)
	b.answer = func(c task.Call) error {
		if c.Step == "act" {
			end(cause)
		}
		return nil
	}
	v, startErr := b.first.Start(ctx, b.order(source), engine.Following{})
	b.must(startErr)
	b.answer = nil
	if b.goesOn {
		b.await(func(now engine.View) bool { v = now; return now.Status == engine.Waiting })
	}
	return v
}

// failing returns answers that refuse a step for good.
func failing(step string) func(task.Call) error {
	return func(c task.Call) error {
		if c.Step == step {
			return &task.Failure{Code: "Refused", Message: "not like this", Status: 400}
		}
		return nil
	}
}

// losing returns answers that lose the first answer of step act.
func losing() func(task.Call) error {
	return func(c task.Call) error {
		if c.Step == "act" && c.Attempt == 1 && !c.Recover {
			return &task.Failure{Code: task.CodeNoReply, Message: "no answer came", Transient: true, Unknown: true}
		}
		return nil
	}
}
