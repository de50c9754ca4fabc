package local_test

import (
	"reflect"
	"testing"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/local"
	"errand/engine/program"
)

// events returns all events of the driver's run as another process reads them. It expects that the
// ids ascend, that Events returns the rest of the list after each event, and that the list begins
// with the events of an earlier call.
func (d *driver) events(before []engine.Event) []engine.Event {
	d.t.Helper()
	reader := func() *local.Runner {
		return &local.Runner{Journal: d.journal, Registry: d.setup.Registry, About: "a reader"}
	}
	r := reader()
	all, err := r.Events(d.setup.Context, d.id, engine.EventID{})
	if err != nil || len(all) == 0 {
		d.setup.T.Fatalf("%d events, %v", len(all), err)
	}
	last := engine.EventID{}
	for i, e := range all {
		if e.ID.Compare(last) <= 0 {
			d.setup.T.Errorf("event %s comes after %s", e.ID, last)
		}
		last = e.ID
		if i == len(all)/2 {
			r = reader()
		}
		tail, err := r.Events(d.setup.Context, d.id, e.ID)
		if err != nil || len(tail) != len(all)-i-1 || len(tail) > 0 && !reflect.DeepEqual(tail, all[i+1:]) {
			d.setup.T.Errorf("after %s come\n%v (%v)\nwant\n%v", e.ID, tail, err, all[i+1:])
		}
	}
	if len(all) < len(before) || len(before) > 0 && !reflect.DeepEqual(all[:len(before)], before) {
		d.setup.T.Errorf("the events were\n%v\nand are\n%v", before, all)
	}
	return all
}

// A retry keeps the events of each case and appends its own.
func TestEventsOfEachCase(t *testing.T) {
	tried, retried := 0, 0
	hosttest.Run(t, func(s hosttest.Setup) hosttest.Host {
		d := newDriver(t, s, 0)
		h := d.host()
		h.Run = func(r engine.Request, p *program.Program) (engine.Result, error) {
			result, err := d.run(r, p)
			tried++
			before := d.events(nil)
			runner := d.runner.Load()
			if runner.Retry(s.Context, r.Run, engine.Retry{By: engine.Person{Name: "Kim"}}) != nil {
				return result, err // the run succeeded, or waits for a person
			}
			retried++
			noted := d.events(before)
			if _, err := runner.Follow(s.Context, r.Run, engine.Following{}); err != nil {
				s.T.Error(err)
			}
			d.events(noted)
			return result, err
		}
		return h
	})
	if tried < 50 || retried < 10 {
		t.Errorf("%d cases, %d retried", tried, retried)
	}
}
