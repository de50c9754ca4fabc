package main_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"errand/engine"
	"errand/engine/diag"
)

// workers is how many runs Temporal carries out at once in these tests.
const workers = 16

// A comparison carries a course out on both runners.
type comparison struct {
	name string
	*course
	expected string        // what comes of the course, as afterwards returns it; "" if that is not known
	status   engine.Status // how the run stands then; "" if expected says that

	locally, onTemporal outcome
	err, temporalErr    error
	disturbed           int           // how often the server was too slow
	done                chan struct{} // closed when both have come to an end
}

// compare carries out courses, as many at once as there are lanes, and reports each in a test of its own.
func compare(t *testing.T, l *lanes, all []*comparison) {
	t.Helper()
	var background sync.WaitGroup
	defer background.Wait()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	for _, c := range all {
		c.done = make(chan struct{})
	}
	background.Go(func() {
		for _, c := range all {
			at := <-l.free
			background.Go(func() {
				c.carryOutTwice(ctx, at)
				l.free <- at
			})
		}
	})
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			<-c.done
			c.report(t)
		})
	}
}

// tries is how often a course is carried out if the server was too slow.
const tries = 3

// carryOutTwice carries the course out on both runners, and again if the server gave up a call of a worker
// that was at work, or a worker did not answer: on a machine that is too busy that is right, and not what is
// compared.
func (c *comparison) carryOutTwice(ctx context.Context, at *lane) {
	defer close(c.done)
	first := c.run
	for try := range tries {
		c.run = first[:len(first)-1] + string(rune('a'+try))
		var local sync.WaitGroup
		local.Go(func() { c.locally, c.err = c.course.locally(ctx) })
		c.onTemporal, c.temporalErr = c.course.on(ctx, at)
		local.Wait()
		_, slow := errors.AsType[*engine.Trouble](c.temporalErr)
		if !slow && c.onTemporal.interruptions() <= c.locally.interruptions() {
			return
		}
		c.disturbed++
	}
}

// report reports how the outcomes differ.
func (c *comparison) report(t *testing.T) {
	t.Helper()
	if c.disturbed > 0 {
		t.Logf("the server was too slow %d times", c.disturbed)
	}
	if c.err != nil || c.temporalErr != nil {
		t.Fatalf("the local runner ended with %v, and Temporal with %v", c.err, c.temporalErr)
	}
	differ, err := differences(c.locally, c.onTemporal)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differ {
		t.Error(d)
	}
	if c.status != "" && c.locally.view.Status != c.status {
		t.Errorf("the run is %s (%+v), want %s", c.locally.view.Status, c.locally.view.Failure, c.status)
	}
	if got := afterwards(c.locally, c.run); c.expected != "" && got != c.expected {
		t.Errorf("what came of it is not what the case expects:\n%s", diag.Diff("expected", "local", []byte(c.expected), []byte(got)))
	}
}
