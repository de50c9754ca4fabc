package virtual

import (
	"slices"
	"sync"
	"time"

	"errand/engine"
	"errand/engine/program"
	"errand/engine/task"
)

// A Memory holds the answers that the branches of a run received, in their order. Like a journal it
// survives the process that carries on the run. Its methods are safe for concurrent use.
type Memory struct {
	mu       sync.Mutex
	last     int // the number of the last moment; no number is used twice
	moments  []moment
	branches map[string][]int // by branch: the indexes of its moments
	replaced engine.Rounds    // what steps did before a retry replaced their moments
}

// A moment is one answer to a branch, or one thing that the branch did.
type moment struct {
	seq       int // its number, counted from 1
	at        time.Time
	branch    string
	step      string
	call      *task.Call // a call that is about to leave
	reply     *task.Reply
	due       time.Time // a wait begins
	woke      bool      // a wait ends
	decision  *engine.Decision
	cancelled bool           // the branch received ErrCancelled
	retried   *engine.Person // who retried the run from step
	emitted   int            // of a retry: how many events of the main steps came before
}

// NewMemory returns an empty Memory.
func NewMemory() *Memory {
	return &Memory{branches: map[string][]int{}}
}

// nth returns moment n of a branch, counted from 0, or nil after the last one.
func (m *Memory) nth(branch string, n int) *moment {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n >= len(m.branches[branch]) {
		return nil
	}
	found := m.moments[m.branches[branch][n]]
	return &found
}

// keep appends a moment, and returns its number.
func (m *Memory) keep(kept moment) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last++
	kept.seq = m.last
	m.branches[kept.branch] = append(m.branches[kept.branch], len(m.moments))
	m.moments = append(m.moments, kept)
	return kept.seq
}

// all returns all moments in their order.
func (m *Memory) all() []moment {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.moments)
}

// clone returns a memory that shares nothing with this one.
func (m *Memory) clone() *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := NewMemory()
	c.last = m.last
	c.fill(m.moments)
	c.replaced = m.replaced.Clone()
	return c
}

// momentsOf returns moments as the contract of a runner has them, without those of retries.
func momentsOf(moments []moment) []engine.Moment {
	var all []engine.Moment
	for _, m := range moments {
		if m.retried == nil {
			all = append(all, engine.Moment{
				At: m.at, Branch: m.branch, Step: m.step, Call: m.call, Reply: m.reply, Decision: m.decision, Cancelled: m.cancelled,
			})
		}
	}
	return all
}

// retry drops the moments after number last and keeps that the run was retried. The traces remember
// what the dropped moments did to other systems.
func (m *Memory) retry(last int, p *program.Program, again moment) {
	m.mu.Lock()
	moments := m.moments
	kept := slices.IndexFunc(moments, func(m moment) bool { return m.seq > last })
	if kept < 0 {
		kept = len(moments)
	}
	m.replaced.Replace(momentsOf(moments[kept:]), p)
	m.moments, m.branches = nil, map[string][]int{}
	m.fill(moments[:kept])
	m.mu.Unlock()
	m.keep(again)
}

func (m *Memory) fill(moments []moment) {
	for _, kept := range moments {
		m.branches[kept.branch] = append(m.branches[kept.branch], len(m.moments))
		m.moments = append(m.moments, kept)
	}
}

// grace returns the time in which nobody had to work on the run: from its end until each retry.
func (m *Memory) grace(started time.Time) time.Duration {
	var sum time.Duration
	last := started
	for _, kept := range m.all() {
		if kept.retried != nil && kept.at.After(last) {
			sum += kept.at.Sub(last)
		}
		last = kept.at
	}
	return sum
}
