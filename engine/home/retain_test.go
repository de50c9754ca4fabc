package home

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
)

// A pruner answers each call with the next of its answers.
type pruner struct {
	calls   []engine.Pruning
	at      []time.Time
	answers []error
}

func (p *pruner) Prune(_ context.Context, o engine.Pruning) (engine.Pruned, error) {
	p.calls, p.at = append(p.calls, o), append(p.at, time.Now())
	if n := len(p.calls); n <= len(p.answers) {
		return engine.Pruned{"start": n}, p.answers[n-1]
	}
	return engine.Pruned{}, nil
}

// A home is pruned at once and then every hour, also after a pruning that failed.
func TestRetain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithTimeout(t.Context(), 150*time.Minute)
		defer end()
		failed := errors.New("the disk is full")
		p := &pruner{answers: []error{failed, nil}}
		began, told := time.Now(), 0
		Retain(ctx, p, 24*time.Hour, func(pruned engine.Pruned, err error) {
			if told++; pruned.Runs() != told || !errors.Is(err, p.answers[told-1]) {
				t.Errorf("told %v, %v", pruned, err)
			}
		})
		if len(p.calls) != 3 || told != 2 || time.Since(began) != 150*time.Minute {
			t.Errorf("it pruned %d times, said so %d times, and ended after %s", len(p.calls), told, time.Since(began))
		}
		for i, o := range p.calls {
			at := began.Add(time.Duration(i) * time.Hour)
			if !p.at[i].Equal(at) || !o.EndedBefore.Equal(at.Add(-24*time.Hour)) || o.DryRun {
				t.Errorf("at %s it pruned %+v", p.at[i].Sub(began), o)
			}
		}
	})
}

// A home that keeps runs for a short time is pruned more often.
func TestRetainForAShortTime(t *testing.T) {
	for keep, want := range map[time.Duration]int{0: 10, time.Millisecond: 10, 3 * time.Second: 4, time.Hour: 1} {
		synctest.Test(t, func(t *testing.T) {
			ctx, end := context.WithTimeout(t.Context(), 9500*time.Millisecond)
			defer end()
			p := &pruner{}
			Retain(ctx, p, keep, func(engine.Pruned, error) { t.Error("nothing was pruned") })
			if len(p.calls) != want {
				t.Errorf("with %s it pruned %d times, expected %d", keep, len(p.calls), want)
			}
		})
	}
}

// The end of the work is no failure.
func TestRetainEnds(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	end()
	Retain(ctx, &pruner{answers: []error{context.Canceled}}, time.Hour, func(pruned engine.Pruned, err error) {
		if err != nil || pruned.Runs() != 1 {
			t.Errorf("told %v, %v", pruned, err)
		}
	})
}
