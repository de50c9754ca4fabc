package golden

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/program"
	"errand/engine/task"
	"errand/engine/virtual"
)

// Crashes are what a case came to with a crash at every point.
type Crashes struct {
	Points int      // how many crashes there were, each in a run of its own
	Doubts int      // after so many a person would have had to say whether a step took effect: it can be neither repeated nor looked up
	Wrong  []string // what the run did otherwise than without a crash
}

// CrashEverywhere repeats a case once for each point at which the process may end: before a call leaves, before its answer is kept, between
// two steps, in a wait, around a decision. Another process goes on at once, and what the steps come to, what the run comes to, and what
// it leaves must be what they are without the crash. A call that failed, or was not done yet, is answered in the same way when it is made
// again: the world has not changed meanwhile. When something happens is not compared where calls take time.
func (b Bench) CrashEverywhere(ctx context.Context, c *Case) (Crashes, error) {
	calm, err := b.relive(ctx, c, 0)
	if err != nil {
		return Crashes{}, err
	}
	b.program = calm.program
	all := Crashes{Points: calm.points}
	points := make([]int, calm.points)
	for i := range points {
		points[i] = i + 1
	}
	type made struct {
		*lives
		err error
	}
	for i, m := range each(points, func(dies int) made {
		l, err := b.relive(ctx, c, dies)
		return made{l, err}
	}) {
		if m.err != nil {
			return all, m.err
		}
		if m.cutOff || m.doubts > calm.doubts {
			all.Doubts++
		} else if wrong := m.compare(calm); wrong != "" {
			all.Wrong = append(all.Wrong, fmt.Sprintf("after a crash at point %d of %d, %s: %s", points[i], calm.points, m.died, wrong))
		}
	}
	return all, nil
}

// Lives are what a run came to that was carried on by one process, or by two.
type lives struct {
	program    *program.Program
	points     int                 // at which the first process could end
	died       string              // where it did
	cutOff     bool                // the crash cut off what can be neither repeated nor looked up
	doubts     int                 // how often a person was asked about what can be neither repeated nor looked up
	steps      map[string][]string // what each step came to
	afterwards string
}

// relive runs a case, whose first process ends at a point.
func (b Bench) relive(ctx context.Context, c *Case, dies int) (*lives, error) {
	clock := virtual.NewClock(c.Start)
	s, err := b.stage(c, clock.Now)
	if err != nil {
		return nil, err
	}
	s.steady = newSteady()
	l := &lives{program: s.program, steps: map[string][]string{}}
	answer := func(q engine.Question) (engine.Decision, time.Duration, bool) {
		d, after, ok := s.decide(q)
		return d, max(0, s.steady.since(q.Step, clock.Now()).Add(after).Sub(clock.Now())), ok
	}
	past, told, types := memory{}, map[string]int{}, map[string]string{}
	for {
		now := &life{memory: past, dies: dies, kept: s.steady.keep}
		s.steady.live()
		heard := map[string]int{}
		host := &virtual.Host{
			Context: ctx, Clock: clock, Registry: s.registry, Answer: answer, Cancel: c.cancelled(), Took: s.cast.took,
			Watch: func(e engine.Event) {
				if heard[e.Branch]++; heard[e.Branch] > told[e.Branch] {
					told[e.Branch]++
					l.tell(c, e)
					if e.Kind == engine.EventStepStarted {
						types[e.Step] = e.Task
					}
					if t, ok := s.registry.Lookup(types[e.Step]); e.Kind == engine.EventStepUncertain && ok && !t.Effect.Repeatable() {
						l.doubts++
					}
				}
			},
		}
		effect := func(call task.Call) task.Effect { t, _ := s.registry.Lookup(call.Type); return t.Effect }
		request := engine.Request{Run: c.Run, Request: c.Request, Inputs: s.inputs, WithoutDoubt: true}
		result, err := b.run(&reliver{Host: host, effect: effect, life: now, clock: c.Start}, request, s.program)
		if dies == now.points && dies > 0 {
			l.died = now.where
		}
		if errors.Is(err, errDied) {
			dies = 0
			continue
		}
		if err != nil && !errors.Is(err, engine.ErrUndecided) {
			return nil, err
		}
		l.points = now.points
		if c.takesTime() && !result.Ended.IsZero() {
			result.Ended = result.Started
		}
		l.afterwards = s.afterwards(result)
		return l, nil
	}
}

// tell keeps what there is to compare: of each step what was told, without what tells of the crash itself.
func (l *lives) tell(c *Case, e engine.Event) {
	switch {
	case e.Kind == engine.EventStepInterrupted:
		return
	case e.Kind == engine.EventStepUncertain && e.Failure.Code == task.CodeInterrupted:
		l.cutOff = true
	}
	key := e.Step
	if key == "" {
		key = "the run"
	}
	if e.Failure != nil && e.Failure.Unknown { // that is the crash's doing, and no other outcome
		known := *e.Failure
		known.Unknown = false
		e.Failure = &known
	}
	told := e.String()
	if !c.takesTime() {
		told = "+" + span(e.At.Sub(c.Start)) + " " + told
	}
	l.steps[key] = append(l.steps[key], told)
}

// takesTime tells whether calls take time. A call that a crash cut off is then made later than it would have been.
func (c *Case) takesTime() bool {
	return slices.ContainsFunc(c.mocks, func(m *Mock) bool { return m.Takes > 0 })
}

// compare says in what a run differs from the calm one; "" where in nothing.
func (l *lives) compare(calm *lives) string {
	var keys []string
	for _, steps := range []map[string][]string{calm.steps, l.steps} {
		for key := range steps {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		if want, got := strings.Join(calm.steps[key], "\n"), strings.Join(l.steps[key], "\n"); want != got {
			return differs("trace of "+key, want+"\n", got+"\n")
		}
	}
	if calm.afterwards != l.afterwards {
		return differs(afterwardsFile, calm.afterwards, l.afterwards)
	}
	return ""
}
