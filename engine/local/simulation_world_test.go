package local_test

import (
	"context"
	"time"

	"errand/engine/journal"
	"errand/engine/task"
)

// A deed is an effect that the world performed: the truth, whatever its journal says of it.
type deed struct {
	call  task.Call
	entry int // of the run's entries, the one that announced it
	value string
	ready time.Time // of what takes a while to reach its state
}

// A visit is one call, as the world sees it.
type visit struct {
	*process
	sub    *subject
	call   task.Call
	effect task.Effect
	number int  // of the calls of the step so far
	habit  dice // of the step, the same in each call
	fate   fate
}

// A fate is what happens to a call.
type fate struct {
	kind   fateKind
	before time.Duration // until the request arrives
	after  time.Duration // until the answer does
	d      dice
}

type fateKind int

const (
	goesWell      fateKind = iota
	isThrottled            // the system wants less
	isRefused              // no connection
	failsForGood           // a final answer
	isLost                 // no answer, and nothing was done
	answerIsLost           // it was done, and nobody hears of it
	processDies            // before the effect
	processDiesAt          // after the effect
)

// arrive begins a visit, and checks what must hold before a process calls at all.
func (s *simulation) arrive(p *process, c task.Call, effect task.Effect) *visit {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.byID[c.Run]
	number := sub.calls[c.Step]
	v := &visit{process: p, sub: sub, call: c, effect: effect, number: number, habit: roll(s.seed, c.Step, sub.number)}
	if p.dead { // its last commit was made, and then it died
		return v
	}
	sub.calls[c.Step]++
	v.fate = sub.fate(roll(s.seed, c.Step, sub.number, number), effect)
	s.counts.Calls++
	switch other := sub.acting; {
	case other == nil, other.dead:
		sub.calling = 0
	case other != p || !s.wide:
		s.broken("I6", sub, "%s calls %s while %s is at work", p.name, c.Step, other.name)
	}
	sub.acting = p
	sub.calling++
	if !p.holds(sub.holder) {
		s.broken("I6", sub, "%s calls %s and does not hold the run", p.name, c.Step)
	}
	s.calledInTime(sub, c)
	if effect != task.Reads {
		s.sameBytes(sub, c)
		if !c.Settled {
			s.announced(sub, c, sub.entries)
		}
	}
	return v
}

// leave ends a visit.
func (v *visit) leave() {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	if v.sub.acting != v.process {
		return
	}
	if v.sub.calling--; v.sub.calling == 0 {
		v.sub.acting = nil
	}
}

// fate decides what happens to a call. simulation.mu is held.
func (sub *subject) fate(d dice, effect task.Effect) fate {
	f := fate{before: d.between(time.Millisecond, 200*time.Millisecond), after: d.between(0, 50*time.Millisecond), d: d}
	if !sub.mayFault() || d.percent(75) {
		return f
	}
	sub.spend()
	counts := &sub.sim.counts
	switch n := d.IntN(100); {
	case n < 20:
		f.kind = isThrottled
		counts.Throttled++
	case n < 32:
		f.kind = isRefused
		counts.Refused++
	case n < 42:
		f.kind = failsForGood
		counts.Final++
	case n < 54:
		f.kind = isLost
		counts.Lost++
	case n < 70:
		f.kind = answerIsLost
		counts.Lost++
	case n < 77:
		f.kind = processDies
	case n < 84:
		f.kind = processDiesAt
	case n < 92:
		f.before = d.between(time.Second, 90*time.Second)
		counts.Long++
	default:
		f.after = d.between(time.Second, 90*time.Second)
		counts.Long++
	}
	return f
}

// wait lets a part of the call's time pass. It is cut short where the process dies, or the step's time is up.
func (v *visit) wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-v.killed:
	}
	return false
}

// do performs an effect, if the process is alive, and returns what was done. It checks that the effect was announced and is allowed.
func (v *visit) do(value string) *deed {
	s := v.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	if v.dead {
		return &deed{call: v.call, value: value}
	}
	run, entries := s.stored(v.call.Run)
	if !v.holds(run.Holder) {
		s.broken("I1", v.sub, "%s acts in %s and does not hold the run", v.name, v.call.Step)
	}
	at := s.announced(v.sub, v.call, entries)
	s.allowed(v, entries[:at+1])
	s.counts.Effects++
	d := &deed{call: v.call, entry: at, value: value}
	v.sub.deeds = append(v.sub.deeds, d)
	return d
}

// find is what the world knows of an effect, or nil.
func (v *visit) find(is func(*deed) bool) *deed {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	for _, d := range v.sub.deeds {
		if d.call.Step == v.call.Step && is(d) {
			return d
		}
	}
	return nil
}

// stored is a run as it is in the journal itself.
func (s *simulation) stored(id string) (journal.Run, []journal.Entry) {
	run, entries, err := s.journal.Load(context.Background(), id)
	if err != nil {
		s.broken("I3", s.byID[id], "the run cannot be read: %v", err)
	}
	return run, entries
}

// did tells whether a step had an effect that was announced between two entries.
func (sub *subject) did(step string, after, before int) bool {
	for _, d := range sub.deeds {
		if d.call.Step == step && d.entry > after && d.entry < before {
			return true
		}
	}
	return false
}

// settledAt is the last entry that says for certain what became of a step's calls, or -1.
func settledAt(step string, entries []journal.Entry) int {
	for i := len(entries) - 1; i >= 0; i-- {
		if entries[i].Step == step && settles(entries[i]) {
			return i
		}
	}
	return -1
}

func settles(e journal.Entry) bool {
	return e.Kind == journal.Decided || e.Kind == journal.Replied && (e.Reply.Output != nil || e.Reply.Again != nil && e.Reply.Again.Settled)
}
