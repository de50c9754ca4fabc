package local_test

import (
	"context"
	"slices"
	"time"

	"errand/engine/journal"
	"errand/engine/task"
)

// A deed is an effect that the world performed, whatever the journal says about it.
type deed struct {
	call   task.Call
	number int // of its intent among the entries, counted from 1
	value  string
	ready  time.Time // when it reaches its state; only for sim.converges
	shown  time.Time // when a look can find it: a request may take effect after its sender gave up or died, and lists lag
}

// A visit is one call, in the simulated world.
type visit struct {
	*process
	sub    *subject
	call   task.Call
	effect task.Effect
	number int  // how many calls of the step came before
	habit  dice // the same for each call of the step
	fate   fate
}

// A fate is what happens to a call.
type fate struct {
	kind   fateKind
	before time.Duration // before the request arrives
	after  time.Duration // before the answer arrives
	lag    time.Duration // between the request and the time when a look can find its effect
	d      dice
}

type fateKind int

const (
	goesWell      fateKind = iota
	isThrottled            // too many requests
	isRefused              // no connection
	failsForGood           // a final answer
	hasTrouble             // this machine cannot make the call
	isLost                 // no answer and no effect
	answerIsLost           // no answer after the effect
	processDies            // before the effect
	processDiesAt          // after the effect
)

// arrive begins a visit, and checks the invariants of a call.
func (s *simulation) arrive(p *process, c task.Call, effect task.Effect) *visit {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.twin != nil {
		return s.arriveFromCopy(p, c, effect)
	}
	sub := s.byID[c.Run]
	number := sub.calls[c.Step]
	v := &visit{process: p, sub: sub, call: c, effect: effect, number: number, habit: roll(s.seed, c.Step, sub.number)}
	if p.dead { // it died after its last commit
		return v
	}
	sub.calls[c.Step]++
	v.fate = sub.fate(roll(s.seed, c.Step, sub.number, number), effect)
	s.counts.Calls++
	switch other := sub.acting; {
	case other == nil, other.dead:
		sub.calling = 0
	case other != p || !s.wide:
		s.note("I6", sub, "%s calls %s while %s is at work", p.name, c.Step, other.name)
	}
	sub.acting = p
	sub.calling++
	if !p.holds(sub.holder) {
		s.note("I6", sub, "%s calls %s and does not hold the run", p.name, c.Step)
	}
	s.checkDue(sub, c)
	s.checkTurn(sub)
	if effect != task.Reads {
		reads := c.Settled || c.Recover && effect == task.Evident
		s.checkInput(sub, c, reads)
		if !reads {
			s.checkIntent(sub, c, sub.entries)
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

// fate decides what happens to a call. The caller holds simulation.mu.
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
	case n < 46:
		f.kind = hasTrouble
		counts.Troubles++
	case n < 56:
		f.kind = isLost
		counts.Lost++
	case n < 70:
		f.kind, f.lag = answerIsLost, longestLag(d)
		counts.Lost++
	case n < 77:
		f.kind = processDies
	case n < 84:
		f.kind, f.lag = processDiesAt, longestLag(d)
	case n < 92:
		f.before = d.between(time.Second, 90*time.Second)
		counts.Long++
	default:
		f.after = d.between(time.Second, 90*time.Second)
		counts.Long++
	}
	return f
}

// longestLag is how long an effect without an answer stays hidden: less than the evidence delay.
func longestLag(d dice) time.Duration {
	if d.once(3) {
		return 0
	}
	return d.between(0, task.EvidenceDelay-time.Second)
}

// wait lets a part of the time of the call pass. It returns false if the process dies, or the time
// of the step is up.
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

// do performs an effect and returns it. It checks that the effect has an intent and is allowed. If
// the process is dead, it does nothing.
func (v *visit) do(value string) *deed {
	s := v.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	if v.twin != nil {
		return v.doFromCopy(value)
	}
	if v.dead {
		return &deed{call: v.call, value: value}
	}
	run, entries := s.stored(v.call.Run)
	if !v.holds(run.Holder) {
		s.note("I1", v.sub, "%s acts in %s and does not hold the run", v.name, v.call.Step)
	}
	at := s.checkIntent(v.sub, v.call, entries)
	s.checkRepeat(v, entries[:at+1])
	s.counts.Effects++
	d := &deed{call: v.call, number: lastNumber(entries[:at+1]), value: value, shown: time.Now().Add(v.fate.lag)}
	if v.fate.lag > time.Second {
		s.counts.Late++
	}
	v.sub.deeds = append(v.sub.deeds, d)
	return d
}

// find returns the effect of the step that matches, or nil.
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

// stored returns a run as it is in the journal.
func (s *simulation) stored(id string) (journal.Run, []journal.Entry) {
	run, entries, err := s.journal.Load(context.Background(), id)
	if err != nil {
		s.note("I3", s.byID[id], "the run cannot be read: %v", err)
	}
	return run, entries
}

// did reports whether a step had an effect whose intent comes after an entry and not after another
// one, by their numbers.
func (sub *subject) did(step string, after, before int) bool {
	for _, d := range sub.deeds {
		if d.call.Step == step && d.number > after && d.number <= before {
			return true
		}
	}
	return false
}

// leftEvidence reports whether the last call of a step that leaves evidence had its effect, in this
// round or an earlier one with the same reference.
func (sub *subject) leftEvidence(step string) bool {
	for _, e := range slices.Backward(sub.entries) {
		if e.Kind == journal.Intent && e.Step == step {
			return e.Call.Type == "sim.evident" && slices.ContainsFunc(sub.deeds, func(d *deed) bool { return d.call.Reference() == e.Call.Reference() })
		}
	}
	return false
}

// settledAt returns the number of the last entry that settles the outcome of a step, or 0.
func settledAt(step string, entries []journal.Entry) (at int) {
	journal.Numbers(entries, func(number int, e journal.Entry) {
		if e.Step == step && settles(e) {
			at = number
		}
	})
	return at
}

// lastNumber returns the number of the last of some entries, or 0.
func lastNumber(entries []journal.Entry) (last int) {
	journal.Numbers(entries, func(number int, _ journal.Entry) { last = number })
	return last
}

// after returns the entries after the one with a number.
func after(entries []journal.Entry, number int) []journal.Entry {
	for i := range entries {
		if lastNumber(entries[:i+1]) > number {
			return entries[i:]
		}
	}
	return nil
}

func settles(e journal.Entry) bool {
	return e.Kind == journal.Decided || e.Kind == journal.Replied && (e.Reply.Output != nil || e.Reply.Again != nil && e.Reply.Again.Settled)
}
