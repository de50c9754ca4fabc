package local_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/task"
)

func TestHost(t *testing.T) {
	hosttest.Run(t, func(s hosttest.Setup) hosttest.Host { return newDriver(t, s, 0).host() })
}

// Whatever commit the first process dies with, the next process brings the run to the same end,
// with the same trace and the same result except for what reports the crash. The events that were
// on record keep their ids.
func TestHostSurvivesACrashAtAnyCommit(t *testing.T) {
	total := 0
	for commit := 1; ; commit++ {
		died := 0
		t.Run(fmt.Sprint("commit ", commit), func(t *testing.T) {
			hosttest.Run(t, func(s hosttest.Setup) hosttest.Host {
				if s.Delays {
					s.T.Skip("TestSimulation has crashes during evidence delays")
				}
				d := newDriver(t, s, commit)
				var before []engine.Event // on record when the process died
				d.died = func() { died++; before = d.events(nil) }
				d.ended = func() { d.events(before) }
				return d.host()
			})
		})
		if total += died; died == 0 {
			break
		}
	}
	if total < 100 {
		t.Errorf("only %d crashes", total)
	}
	t.Logf("%d crashes", total)
}

// A driver carries out the run of a case on a journal, in one process or in two.
type driver struct {
	t       *testing.T
	setup   hosttest.Setup
	journal *journal.Memory
	runner  atomic.Pointer[local.Runner] // of the process that is at work
	doomed  *mortal                      // nil after it died, and if none dies
	died    func()
	ended   func() // called when the run has ended or waits for a person
	id      string
	decided chan bool
	over    chan bool

	received, passed map[string]int  // by branch: how many events this call of the runner returned, and how many were passed on
	troubled         map[string]bool // steps whose trouble this call of the runner returned
	interrupted      map[string]bool // steps that a crash interrupted
	lost             map[string]bool // steps that have lost a reply
	doubt            atomic.Bool     // the crash interrupted a call that can be neither repeated nor looked up
}

// newDriver returns a driver whose first process dies after a commit with this number; 0 means
// never.
func newDriver(t *testing.T, s hosttest.Setup, dies int) *driver {
	d := &driver{
		t: t, setup: s, journal: journal.NewMemory(), decided: make(chan bool, 10), over: make(chan bool), died: func() {}, ended: func() {},
		received: map[string]int{}, passed: map[string]int{}, troubled: map[string]bool{}, interrupted: map[string]bool{}, lost: map[string]bool{},
	}
	if dies > 0 {
		d.doomed = &mortal{Journal: d.journal, dies: func(made int) bool { return made == dies }}
	}
	d.process()
	return d
}

func (d *driver) process() {
	var j journal.Journal = d.journal
	if d.doomed != nil {
		j = d.doomed
	}
	d.runner.Store(&local.Runner{Journal: j, Registry: d.setup.Registry, About: "the test"})
}

func (d *driver) host() hosttest.Host {
	return hosttest.Host{
		Run: d.run,
		Cancel: func() {
			err := d.runner.Load().Cancel(d.setup.Context, d.id, engine.Person{})
			if _, refused := errors.AsType[*engine.Refusal](err); err != nil && !refused {
				panic(err)
			}
		},
	}
}

func (d *driver) run(r engine.Request, p *program.Program) (engine.Result, error) {
	defer func() { d.ended() }()
	defer close(d.over)
	d.id = r.Run
	o := engine.Order{Run: r.Run, Request: r.Request, URL: r.URL, StartedBy: "Dana", Inputs: r.Inputs, Program: p}
	result, err := d.runner.Load().Start(d.setup.Context, o, engine.Following{Watch: d.watch})
	for {
		if d.doomed != nil && d.doomed.isDead() {
			d.doomed = nil
			d.died()
			_ = d.runner.Load().Close()
			d.process()
			clear(d.received)
			clear(d.troubled)
			result, err = d.runner.Load().Start(d.setup.Context, o, engine.Following{Watch: d.watch})
		}
		if err != nil || result.Status != engine.Waiting && result.Status != engine.Uncertain {
			return d.unmarked(result.Result), err
		}
		select {
		case <-d.decided:
		case <-isDue(result):
		case <-time.After(24 * time.Hour): // nobody has decided
			return d.unmarked(result.Result), nil
		}
		clear(d.received)
		clear(d.troubled)
		result, err = d.runner.Load().Follow(d.setup.Context, d.id, engine.Following{Watch: d.watch})
	}
}

// isDue returns a channel that receives when the run is due; nil if it is not due by itself.
func isDue(v engine.View) <-chan time.Time {
	if v.Due.IsZero() {
		return nil
	}
	return time.After(time.Until(v.Due))
}

// watch passes on each event once. It leaves out the events that report a crash, and that a run
// which was taken up again met the same trouble.
func (d *driver) watch(e engine.Event) {
	switch {
	case e.Kind == engine.EventRunResumed:
		return
	case e.Kind == engine.EventStepWaits && e.For == engine.WaitTrouble && d.troubled[e.Step]:
		return
	case e.Kind == engine.EventStepWaits && e.For == engine.WaitTrouble:
		d.troubled[e.Step] = true
	case e.Kind == engine.EventStepInterrupted:
		d.interrupted[e.Step] = true
		return
	case e.Kind == engine.EventStepUncertain && e.Failure.Code == task.CodeInterrupted:
		d.doubt.Store(true)
	case e.Kind == engine.EventStepRetries && e.Failure.Unknown:
		d.lost[e.Step] = true
	}
	if d.received[e.Branch]++; d.received[e.Branch] <= d.passed[e.Branch] {
		return
	}
	d.passed[e.Branch]++
	d.setup.Watch(e)
	if e.Kind == engine.EventStepAsks || e.Kind == engine.EventStepUncertain {
		d.ask(e.Step)
	}
}

// ask makes the decision of the case's person, after the time that the case says.
func (d *driver) ask(step string) {
	decision, after, ok := d.setup.Answer(engine.Question{Step: step})
	if !ok {
		return
	}
	go func() {
		select {
		case <-time.After(after):
		case <-d.over:
			return
		}
		by := engine.Person{Name: decision.By.Name, EnteredBy: decision.By.EnteredBy, Groups: []string{"managers"}}
		err := d.runner.Load().Decide(d.setup.Context, d.id, step, engine.Decision{Verdict: decision.Verdict, By: by, Comment: decision.Comment})
		if err != nil && !errors.Is(err, errMortal) { // the process dies after the commit
			d.t.Error(err)
		}
		d.decided <- true
	}()
}

// unmarked returns a result without the mark that a crash leaves in the stub's outputs: that the
// call had to look. It skips the case if the result must differ. That is so if the crash left open
// whether a call took effect and a later call was refused, because the failure and the texts made
// of it say so; and if a person must decide about a call that the crash interrupted.
func (d *driver) unmarked(r engine.Result) engine.Result {
	if d.doubt.Load() {
		d.setup.T.Skip("the crash interrupted a call that can be neither repeated nor looked up")
	}
	for _, s := range r.Steps {
		if message, _ := s.Outputs["result_message"].(string); d.interrupted[s.ID] && strings.Contains(message, "an earlier attempt was not answered") {
			d.setup.T.Skipf("step %s was interrupted and then refused, and its failure says so", s.ID)
		}
		if _, stub := s.Outputs["recover"].(bool); stub && d.interrupted[s.ID] && !d.lost[s.ID] {
			s.Outputs["recover"] = false
		}
	}
	return r
}
