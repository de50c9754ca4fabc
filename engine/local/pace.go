package local

import (
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"errand/engine/program"
	"errand/engine/task"
)

// A pace says how often calls with one credential are made. Normally that is as often as there are
// calls. When the system refuses a call because there were too many, all calls with the credential
// keep a gap, which becomes twice as long with each further refusal and then shorter again with
// time: the number of calls a second is halved, and grows by the same amount in each second.
type pace struct {
	gap    time.Duration // between two calls; 0: none is kept
	least  time.Duration // the gap is never shorter; 0: there is no limit
	next   time.Time     // no call leaves before
	line   time.Time     // when the next call that has to wait should come back
	slowed time.Time     // when the gap was last made longer
	eased  time.Time     // the gap is as short as the time until then allows
}

const (
	firstGap    = 100 * time.Millisecond // after the first refusal
	shortestGap = 50 * time.Millisecond  // a shorter one is not kept
	longestGap  = 10 * time.Second
	growth      = 0.2         // by how many calls a second more, each second
	longestLine = time.Minute // no call waits longer before it asks again
)

// ask returns how long a call must wait before it asks again. If that is 0, the call leaves now.
//
// A call that waits keeps no place: the gap may become longer or shorter meanwhile. But each is told
// another time, so that they come back one after the other. Those that would wait for very long
// come back at random, to see whether the line has become shorter.
func (p *pace) ask(now time.Time) time.Duration {
	p.ease(now)
	if !now.Before(p.next) {
		p.next = now.Add(p.gap)
		return 0
	}
	at := p.next
	if p.line.After(at) {
		at = p.line
	}
	if wait := at.Sub(now); wait <= longestLine {
		p.line = at.Add(p.gap)
		return wait
	}
	return longestLine/2 + rand.N(longestLine/2)
}

// refuse takes a call that was refused because there were too many. It left at a time, and the
// system asked to wait. A call that left before the gap was made longer proves nothing about it.
func (p *pace) refuse(left, now time.Time, wait time.Duration) {
	p.ease(now)
	if !left.Before(p.slowed) {
		p.gap = min(max(2*p.gap, firstGap, p.least), max(longestGap, p.least))
		p.slowed, p.eased = now, now
	}
	if open := now.Add(max(p.gap, wait)); open.After(p.next) {
		p.next = open
	}
}

// ease makes the gap shorter with time.
func (p *pace) ease(now time.Time) {
	if p.gap <= p.least || !now.After(p.eased) {
		return
	}
	rate := 1/p.gap.Seconds() + growth*now.Sub(p.eased).Seconds()
	p.eased = now
	if p.gap = time.Duration(float64(time.Second) / rate); p.gap < max(shortestGap, p.least) {
		p.gap = p.least
	}
}

// Paces keep how often calls are made with each credential. They are safe for concurrent use, and must
// not be copied after first use.
type Paces struct {
	// Rates are how many calls a second are made with a credential. A credential without one has no
	// limit until its system refuses calls because there were too many.
	Rates map[program.Credential]float64

	mu sync.Mutex
	of map[program.Credential]*pace
}

// credentialOf returns the credential of a call. Its name is empty if the call uses the one of the
// environment, or none.
func credentialOf(c task.Call) program.Credential {
	connector, _, _ := strings.Cut(c.Type, ".")
	return program.Credential{Connector: connector, Name: c.Credential}
}

// with carries out an action on the pace of a credential.
func (ps *Paces) with(of program.Credential, act func(*pace)) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p := ps.of[of]
	if p == nil {
		p = &pace{}
		if rate := ps.Rates[of]; rate > 0 {
			p.least = time.Duration(float64(time.Second) / rate)
			p.gap = p.least
		}
		if ps.of == nil {
			ps.of = map[program.Credential]*pace{}
		}
		ps.of[of] = p
	}
	act(p)
}

// MayCall returns how long a call must wait before it asks again. If that is 0, the call leaves now.
func (ps *Paces) MayCall(c task.Call) (wait time.Duration) {
	ps.with(credentialOf(c), func(p *pace) { wait = p.ask(time.Now()) })
	return wait
}

// Called takes the answer to a call that left at a time.
func (ps *Paces) Called(c task.Call, left time.Time, reply task.Reply) {
	if wait, throttled := reply.Throttled(); throttled {
		ps.with(credentialOf(c), func(p *pace) { p.refuse(left, time.Now(), wait) })
	}
}

// PacedReason is why a call waits that was not made yet.
const PacedReason = "calls with this credential are made less often for a while, because there were too many"
