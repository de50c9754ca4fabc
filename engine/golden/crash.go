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

// Crashes is the result of CrashEverywhere.
type Crashes struct {
	Points int      // the number of crashes, each in a run of its own
	Doubts int      // the number of crashes after which a person must say whether a step took effect
	Wrong  []string // the differences from the run without a crash
}

// CrashEverywhere repeats a case once for each point at which the process may end: before a call is
// sent, before its reply is recorded, after that, in and after a wait, before and after a decision.
// Another process goes on at once. The outcomes of the steps, the outcome of the run and the final
// state must be those of the run without a crash. A call that failed or was not done yet gets the
// same reply when it is repeated, because the world has not changed. If calls take time, the times
// of events are not compared.
func (b Bench) CrashEverywhere(ctx context.Context, c *Case) (Crashes, error) {
	b.evidenceDelay = "0"
	plain, err := b.runWithCrash(ctx, c, 0)
	if err != nil {
		return Crashes{}, err
	}
	b.program = plain.program
	points := make([]int, plain.points)
	for i := range points {
		points[i] = i + 1
	}
	if b.choose != nil {
		points = b.choose(c.File, plain.points)
	}
	all := Crashes{Points: len(points)}
	type made struct {
		*crashRun
		err error
	}
	for i, m := range each(points, func(crashAt int) made {
		r, err := b.runWithCrash(ctx, c, crashAt)
		return made{r, err}
	}) {
		if m.err != nil {
			return all, m.err
		}
		if m.interrupt || m.doubts > plain.doubts {
			all.Doubts++
		} else if wrong := m.compare(plain); wrong != "" {
			all.Wrong = append(all.Wrong, fmt.Sprintf("after a crash at point %d of %d, %s: %s", points[i], plain.points, m.crashedAt, wrong))
		}
	}
	return all, nil
}

// A crashRun is the outcome of a run that one process or two carried on.
type crashRun struct {
	program    *program.Program
	points     int                 // the points at which the first process could crash
	crashedAt  string              // the point at which it crashed
	interrupt  bool                // the crash interrupted a call that can be neither repeated nor looked up
	doubts     int                 // how often a person was asked about such a call
	steps      map[string][]string // the events of each step
	afterwards string
}

// runWithCrash runs a case whose first process crashes at a point, counted from 1; 0 means never.
func (b Bench) runWithCrash(ctx context.Context, c *Case, crashAt int) (*crashRun, error) {
	clock := virtual.NewClock(c.Start)
	s, err := b.setup(c, clock.Now)
	if err != nil {
		return nil, err
	}
	s.replies = newCrashReplies()
	r := &crashRun{program: s.program, steps: map[string][]string{}}
	answer := func(q engine.Question) (engine.Decision, time.Duration, bool) {
		d, after, ok := s.decide(q)
		return d, max(0, s.replies.firstAsked(q.Step, clock.Now()).Add(after).Sub(clock.Now())), ok
	}
	past, seen, types := virtual.NewMemory(), map[string]int{}, map[string]string{}
	for {
		points := 0
		process := &virtual.Life{Memory: past, Kept: s.replies.recorded, Ends: func(where string) bool {
			if points++; points != crashAt {
				return false
			}
			r.crashedAt = where
			return true
		}}
		s.replies.restart()
		emitted := map[string]int{}
		host := &virtual.Host{
			Context: ctx, Clock: clock, Registry: s.registry, Answer: answer, Cancel: c.cancelled(), Took: s.mocks.took,
			Watch: func(e engine.Event) {
				if emitted[e.Branch]++; emitted[e.Branch] > seen[e.Branch] { // else it is replayed
					seen[e.Branch]++
					r.observe(c, e)
					if e.Kind == engine.EventStepStarted {
						types[e.Step] = e.Task
					}
					if t, ok := s.registry.Lookup(types[e.Step]); e.Kind == engine.EventStepUncertain && ok && !t.Effect.Repeatable() {
						r.doubts++
					}
				}
			},
		}
		request := engine.Request{Run: c.Run, Request: c.Request, URL: c.URL, Inputs: s.inputs, WithoutDoubt: true}
		result, err := b.run(process.Host(host, c.Start), request, s.program)
		if errors.Is(err, virtual.ErrDied) {
			crashAt = 0
			continue
		}
		if err != nil && !errors.Is(err, engine.ErrUndecided) {
			return nil, err
		}
		r.points = points
		if c.takesTime() && !result.Ended.IsZero() {
			result.Ended = result.Started
		}
		r.afterwards = afterwards(result, s.state())
		return r, nil
	}
}

// observe keeps what is compared: the events of each step, except those that report the crash.
func (r *crashRun) observe(c *Case, e engine.Event) {
	switch {
	case e.Kind == engine.EventStepInterrupted:
		return
	case e.Kind == engine.EventStepUncertain && e.Failure.Code == task.CodeInterrupted:
		r.interrupt = true
	}
	key := e.Step
	if key == "" {
		key = "the run"
	}
	if e.Failure != nil && e.Failure.Unknown { // the crash is the reason, so this is not another outcome
		known := *e.Failure
		known.Unknown = false
		e.Failure = &known
	}
	line := e.String()
	if !c.takesTime() {
		line = "+" + span(e.At.Sub(c.Start)) + " " + line
	}
	r.steps[key] = append(r.steps[key], line)
}

// takesTime reports whether calls take time. A call that is repeated after a crash is then late.
func (c *Case) takesTime() bool {
	return slices.ContainsFunc(c.mocks, func(m *Mock) bool { return m.Takes > 0 })
}

// compare returns how a run differs from the run without a crash; "" means that they are equal.
func (r *crashRun) compare(plain *crashRun) string {
	var keys []string
	for _, steps := range []map[string][]string{plain.steps, r.steps} {
		for key := range steps {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		if want, got := strings.Join(plain.steps[key], "\n"), strings.Join(r.steps[key], "\n"); want != got {
			return differs("trace of "+key, want+"\n", got+"\n")
		}
	}
	if plain.afterwards != r.afterwards {
		return differs(afterwardsFile, plain.afterwards, r.afterwards)
	}
	return ""
}
