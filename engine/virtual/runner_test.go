package virtual_test

import (
	"reflect"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/program"
	"errand/engine/virtual"
)

// A Runner passes the suite of hosts.
func TestRunnerAsHost(t *testing.T) {
	hosttest.Run(t, func(s hosttest.Setup) hosttest.Host { return newDriver(s).host() })
}

// The events of each case have ids, and Events returns the rest of the list after each event, also
// after a retry.
func TestEventsOfEachCase(t *testing.T) {
	tried, retried := 0, 0
	hosttest.Run(t, func(s hosttest.Setup) hosttest.Host {
		d := newDriver(s)
		h := d.host()
		run := h.Run
		h.Run = func(r engine.Request, p *program.Program) (engine.Result, error) {
			result, err := run(r, p)
			if err != nil {
				return result, err
			}
			tried++
			before := d.tails()
			if watched, stored := byBranch(d.events), byBranch(before); !reflect.DeepEqual(watched, stored) {
				s.T.Errorf("the watch received\n%v\nEvents returns\n%v", watched, stored)
			}
			// A run that succeeded, or that waits for a person, cannot be retried.
			if d.runner.Retry(s.Context, r.Run, engine.Retry{By: engine.Person{Name: "Kim"}}) == nil {
				retried++
				if _, err := d.runner.Follow(s.Context, r.Run, engine.Following{}); err != nil {
					s.T.Error(err)
				}
			}
			after := d.tails()
			if len(after) < len(before) || !reflect.DeepEqual(after[:len(before)], before) {
				s.T.Errorf("after a retry the events are\n%v\nbefore it they were\n%v", after, before)
			}
			return result, nil
		}
		return h
	})
	if tried < 50 || retried < 10 {
		t.Errorf("%d cases, %d retried", tried, retried)
	}
}

// byBranch returns the events of each branch, without their ids. A watch receives the events of
// parallel branches in another order than Events returns them.
func byBranch(events []engine.Event) map[string][]engine.Event {
	all := map[string][]engine.Event{}
	for _, e := range events {
		e.ID = engine.EventID{}
		all[e.Branch] = append(all[e.Branch], e)
	}
	return all
}

// A driver carries out the run of a case, and decides for persons.
type driver struct {
	setup    hosttest.Setup
	clock    *virtual.Clock
	runner   *virtual.Runner
	run      string
	events   []engine.Event // those that the watch received
	passed   map[string]int // by branch: how many events were passed on
	received map[string]int // by branch: how many events this call of Follow returned
}

func newDriver(s hosttest.Setup) *driver {
	clock := virtual.NewClock(time.Now().UTC())
	r := &virtual.Runner{Runs: virtual.NewRuns(clock), Registry: s.Registry, About: "the test"}
	return &driver{setup: s, clock: clock, runner: r, passed: map[string]int{}, received: map[string]int{}}
}

func (d *driver) host() hosttest.Host {
	return hosttest.Host{
		Run: func(r engine.Request, p *program.Program) (engine.Result, error) {
			d.run = r.Run
			o := engine.Order{Run: r.Run, Request: r.Request, URL: r.URL, StartedBy: "Dana", Inputs: r.Inputs, Program: p}
			v, err := d.runner.Start(d.setup.Context, o, engine.Following{Watch: d.watch})
			for err == nil && v.Ended.IsZero() && d.clock.Next(v.Due) {
				d.received = map[string]int{}
				v, err = d.runner.Follow(d.setup.Context, d.run, engine.Following{Watch: d.watch})
			}
			return v.Result, err
		},
		Cancel: func() {
			if err := d.runner.Cancel(d.setup.Context, d.run, engine.Person{}); err != nil {
				d.setup.T.Error(err)
			}
		},
	}
}

// watch passes on the events that an earlier Follow did not pass on.
func (d *driver) watch(e engine.Event) {
	if d.received[e.Branch]++; d.received[e.Branch] <= d.passed[e.Branch] {
		return
	}
	d.passed[e.Branch]++
	d.events = append(d.events, e)
	d.setup.Watch(e)
	if e.Kind != engine.EventStepAsks && e.Kind != engine.EventStepUncertain {
		return
	}
	if decision, after, ok := d.setup.Answer(engine.Question{Step: e.Step}); ok {
		decision.By.Groups = []string{"managers"}
		d.clock.AfterFunc(after, func() {
			if err := d.runner.Decide(d.setup.Context, d.run, e.Step, decision); err != nil {
				d.setup.T.Error(err)
			}
		})
	}
}

// tails returns all events. It expects that Events returns the rest of the list after each of them.
func (d *driver) tails() []engine.Event {
	all, err := d.runner.Events(d.setup.Context, d.run, engine.EventID{})
	if err != nil || len(all) == 0 {
		d.setup.T.Fatalf("%d events, %v", len(all), err)
	}
	last := engine.EventID{}
	for i, e := range all {
		if e.ID.Compare(last) <= 0 {
			d.setup.T.Errorf("event %s comes after %s", e.ID, last)
		}
		last = e.ID
		after, err := d.runner.Events(d.setup.Context, d.run, e.ID)
		if err != nil || len(after) != len(all)-i-1 || len(after) > 0 && !reflect.DeepEqual(after, all[i+1:]) {
			d.setup.T.Errorf("after %s come %v (%v), want %v", e.ID, after, err, all[i+1:])
		}
	}
	return all
}
