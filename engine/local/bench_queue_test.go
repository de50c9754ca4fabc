package local_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/program"
)

// BenchmarkFlood carries out runs of five effects of one workflow while 2,000 of them are due, and
// after each 200 ended runs accepts one of another workflow. It reports how many runs a second end,
// and how long the run of the other workflow takes, from its order to its end. The floor of that is
// the same order in an idle process.
func BenchmarkFlood(b *testing.B) {
	const due = 2000
	var ended []float64
	var takes, floors []time.Duration
	for b.Loop() {
		d := newDurable(b, b.TempDir(), fiveEffects)
		other, problems := program.Load("other.yaml", []byte("workflow: other\ninputs: {who: {type: string}}\nsteps:\n  - {id: a, task: stub.keyed, with: {text: x}}\n"), d.Registry)
		if other == nil {
			b.Fatal(problems)
		}
		orders := 0
		order := func() engine.Order {
			orders++
			return engine.Order{Run: fmt.Sprintf("other%011d", orders), Inputs: map[string]any{"who": "Dana"}, Program: other}
		}
		ends := make(chan engine.Event, 2*due)
		watch := func(e engine.Event) {
			if e.Kind == engine.EventRunEnded {
				ends <- e
			}
		}
		ctx, stop := context.WithCancel(b.Context())
		work := func() (wait func()) {
			var group sync.WaitGroup
			group.Go(func() {
				if err := d.Work(ctx, false, watch); err != nil {
					b.Error(err)
				}
			})
			return group.Wait
		}
		d.Poll = 50 * time.Millisecond
		wait := work()
		for range 10 {
			floors = append(floors, d.alone(b, order(), ends))
		}
		stop()
		wait()

		accept(b, d, 0, due)
		ctx, stop = context.WithCancel(b.Context())
		begun := time.Now()
		wait = work()
		accepted := map[string]time.Time{}
		for left, n := due, 0; left > 0 || len(accepted) > 0; {
			e := <-ends
			if at, found := accepted[e.Run]; found {
				takes = append(takes, time.Since(at))
				delete(accepted, e.Run)
				continue
			}
			if left--; left == 0 {
				ended = append(ended, due/time.Since(begun).Seconds())
			}
			if n++; n%200 == 0 && left > 0 {
				o := order()
				accepted[o.Run] = time.Now()
				if _, err := d.Accept(b.Context(), o); err != nil {
					b.Fatal(err)
				}
			}
		}
		stop()
		wait()
		d.close(b)
	}
	b.ReportMetric(ended[len(ended)/2], "runs/s")
	for _, percent := range []int{50, 99} {
		b.ReportMetric(milliseconds(percentile(takes, percent)), fmt.Sprintf("other-p%d-ms", percent))
		b.ReportMetric(milliseconds(percentile(floors, percent)), fmt.Sprintf("floor-p%d-ms", percent))
	}
}

// alone returns how long an order takes from its acceptance to its end.
func (d *durable) alone(b *testing.B, o engine.Order, ends <-chan engine.Event) time.Duration {
	b.Helper()
	begun := time.Now()
	if _, err := d.Accept(b.Context(), o); err != nil {
		b.Fatal(err)
	}
	<-ends
	return time.Since(begun)
}

// BenchmarkAcceptIntoAQueue accepts orders of 50 callers at once while 5,000 runs wait, with a limit
// for the queue and, as the floor, without one. Then the queue is full, and it refuses orders.
func BenchmarkAcceptIntoAQueue(b *testing.B) {
	d := newDurable(b, b.TempDir(), fiveEffects)
	defer d.close(b)
	next := 5000
	accept(b, d, 0, next)
	const round = 500
	var limited, floors []time.Duration
	refused, tried := time.Duration(0), 0
	for b.Loop() {
		for _, queue := range []int{0, 1 << 30} {
			d.Queue = queue
			begun := time.Now()
			accept(b, d, next, next+round)
			next += round
			if took := time.Since(begun) / round; queue == 0 {
				floors = append(floors, took)
			} else {
				limited = append(limited, took)
			}
		}
		d.Queue = 1
		begun := time.Now()
		for i := range round {
			_, err := d.Accept(b.Context(), d.order(next+i))
			if refusal, ok := errors.AsType[*engine.Refusal](err); !ok || refusal.Code != engine.RefusedFull {
				b.Fatal(err)
			}
		}
		refused, tried = refused+time.Since(begun), tried+round
	}
	took, floor := percentile(limited, 50), percentile(floors, 50)
	b.ReportMetric(float64(took.Nanoseconds()), "ns/op")
	b.ReportMetric(float64(floor.Nanoseconds()), "floor-ns")
	b.ReportMetric(float64(took)/float64(floor), "ratio")
	b.ReportMetric(float64(refused.Nanoseconds())/float64(tried), "refused-ns")
}
