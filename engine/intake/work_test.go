package intake

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine/task"
)

// A desk that fails is asked later and later, and its outage is told once.
func TestOutages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, &stubTicket{ID: "1", Kind: "start", Who: "Dana"})
		start := time.Now()
		var outages []string
		c := r.clerk()
		c.Watch.Outage = func(o Outage) {
			outages = append(outages, fmt.Sprintf("%s %s %v", time.Since(start), o.Source, o.Err))
		}
		ctx, cancel := context.WithCancel(t.Context())
		r.desk.fail = &task.Failure{Code: "http_503", Message: "ISM answered 503"}
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.Work(ctx, r.present)
		}()
		time.Sleep(20 * time.Minute)
		if n := len(r.desk.questions); n != 6 { // at 0, 1m, 3m, 7m, 12m and 17m
			t.Errorf("%d questions in 20 minutes", n)
		}
		r.desk.mu.Lock()
		r.desk.fail = nil
		r.desk.mu.Unlock()
		time.Sleep(3*time.Minute + 10*time.Second)
		r.expect("1 started", "1 start")
		asked := len(r.desk.questions)
		time.Sleep(5 * time.Minute)
		if n := len(r.desk.questions) - asked; n != 30 { // a pass reads the page, its last second and the empty end
			t.Errorf("%d questions in 5 minutes", n)
		}
		cancel()
		<-done
		if got, want := strings.Join(outages, "; "), "0s ism http_503: ISM answered 503; 22m0s ism <nil>"; got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	})
}

// A slow answer delays the next question, and does not add another one.
func TestASlowDesk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, &stubTicket{ID: "1", Kind: "start", Who: "Dana"})
		at, most := 0, 0
		r.desk.total, r.desk.between = true, func() {
			at++
			most = max(most, at)
			time.Sleep(time.Minute)
			at--
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			r.clerk().Work(ctx, r.present)
		}()
		time.Sleep(15*time.Minute + time.Second)
		cancel()
		<-done
		r.expect("1 started", "1 start")
		if n := len(r.desk.questions); n != 11 || most != 1 { // each minute and a half, and the one that is cancelled
			t.Errorf("%d questions, %d at a time", n, most)
		}
	})
}

// Two processes ask the same desk, and each ticket is started once.
func TestTwoProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{}, 2)
		for range 2 {
			go func() {
				r.clerk().Work(ctx, r.present)
				done <- struct{}{}
			}()
		}
		var want []string
		for n := range 20 {
			time.Sleep(17 * time.Second)
			r.desk.put(stubTicket{ID: fmt.Sprintf("%02d", n), Kind: []string{"start", "stop"}[n%2], Who: []string{"Dana", ""}[n%3/2]})
			switch workflow := []string{"start", "stop"}[n%2]; {
			case n%3 == 2:
				want = append(want, fmt.Sprintf("%02d intake-note", n))
			default:
				want = append(want, fmt.Sprintf("%02d %s", n, workflow))
			}
		}
		time.Sleep(time.Minute)
		cancel()
		<-done
		<-done
		if got := r.onRecord(); got != strings.Join(want, ", ") {
			t.Errorf("on record %s\nexpected  %s", got, strings.Join(want, ", "))
		}
	})
}

// The counts are by source and result.
func TestCounts(t *testing.T) {
	var c Counts
	for range 2 {
		c.Add(Outcome{Source: "ism", Result: Started})
	}
	c.Add(Outcome{Source: "hook", Result: Unfit})
	if c.Count("ism", Started) != 2 || c.Count("hook", Unfit) != 1 || c.Count("hook", Started) != 0 || c.Count("x", Failed) != 0 {
		t.Errorf("counted %v", c.counts)
	}
}
