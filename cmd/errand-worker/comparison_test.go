package main_test

import (
	"context"
	"sync"
	"testing"

	"errand/engine/diag"
)

// workers is how many runs Temporal carries out at once in these tests.
const workers = 32

// A comparison carries a course out on both runners.
type comparison struct {
	name string
	*course
	expected string // what comes of the course, as afterwards returns it; "" if that is not known

	locally, onTemporal outcome
	err, temporalErr    error
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

func (c *comparison) carryOutTwice(ctx context.Context, at *lane) {
	defer close(c.done)
	var local sync.WaitGroup
	local.Go(func() { c.locally, c.err = c.course.locally(ctx) })
	c.onTemporal, c.temporalErr = c.course.on(ctx, at)
	local.Wait()
}

// report reports how the outcomes differ.
func (c *comparison) report(t *testing.T) {
	t.Helper()
	if c.err != nil || c.temporalErr != nil {
		t.Fatalf("the local runner ended with %v, and Temporal with %v", c.err, c.temporalErr)
	}
	for _, d := range differences(t, c.locally, c.onTemporal) {
		t.Error(d)
	}
	if got := afterwards(c.locally, c.run); c.expected != "" && got != c.expected {
		t.Errorf("what came of it is not what the case expects:\n%s", diag.Diff("expected", "local", []byte(c.expected), []byte(got)))
	}
}
