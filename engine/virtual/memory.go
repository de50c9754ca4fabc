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
	continued bool           // a branch that stays in part goes on from here after a retry
	began     bool           // the turn of the run came, after its start or a retry
	emitted   int            // of a retry: how many events of the branch came before
}

// isRetry reports whether a moment says that the branch goes on from here after a retry.
func (m *moment) isRetry() bool { return m.retried != nil || m.continued }

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
		if !m.isRetry() && !m.began {
			all = append(all, engine.Moment{
				At: m.at, Branch: m.branch, Step: m.step, Call: m.call, Reply: m.reply, Decision: m.decision, Cancelled: m.cancelled,
			})
		}
	}
	return all
}

// retry drops the moments that a plan does not keep, and keeps that the run was retried. The traces
// remember what the dropped moments did to other systems.
func (m *Memory) retry(plan *engine.RetryPlan, p *program.Program, again moment) {
	m.mu.Lock()
	var kept, dropped []moment
	index := map[string]int{} // by branch: of the next moment
	for _, one := range m.moments {
		if plan.Keeps(one.branch, index[one.branch]) {
			kept = append(kept, one)
		} else {
			dropped = append(dropped, one)
		}
		index[one.branch]++
	}
	m.replaced.Replace(engine.Replaced{Moments: momentsOf(dropped), Done: plan.Done, Undone: plan.Undone}, p)
	m.moments, m.branches = nil, map[string][]int{}
	m.fill(kept)
	m.mu.Unlock()
	m.keep(again)
	for _, cut := range plan.Continued() {
		m.keep(moment{at: again.at, branch: cut.Branch, continued: true, emitted: cut.Told})
	}
}

func (m *Memory) fill(moments []moment) {
	for _, kept := range moments {
		m.branches[kept.branch] = append(m.branches[kept.branch], len(m.moments))
		m.moments = append(m.moments, kept)
	}
}
