package golden

import (
	"errors"
	"time"

	"errand/engine"
	"errand/engine/task"
)

// A memory is what survives of a run when its process ends: by branch, what happened.
type memory map[string][]moment

// A moment is one thing that happened to a branch.
type moment struct {
	at        time.Time
	call      *task.Call // of a call
	reply     *task.Reply
	due       time.Time // of a wait
	woke      bool
	decision  *engine.Decision
	cancelled bool // the branch was told that it is cancelled
}

// A life is one process that carries a run on. It ends at a point: each call has three, before it leaves, before its answer is kept,
// and after; each wait and each decision two.
type life struct {
	memory memory
	kept   func(step string) // is told of each answer that is on record
	dies   int               // at which point, counted from 1; 0: it does not
	points int
	dead   bool
	where  string // it ended
}

var errDied = errors.New("the process has ended")

// point tells whether the process ends here.
func (l *life) point(where string) bool {
	l.points++
	if l.points == l.dies {
		l.dead, l.where = true, where
	}
	return l.dead
}

// A reliver is the host of a branch in one of the lives of a run. It answers from memory for as long as that reaches, as every host that
// survives does, and then has another host act.
type reliver struct {
	engine.Host
	effect func(task.Call) task.Effect
	life   *life
	path   string
	at     int // how many moments it has relived
	clock  time.Time
	forked int
	told   bool // that the branch is cancelled
}

var _ engine.Host = (*reliver)(nil)

// next is the next moment in memory, or nil after the last one.
func (r *reliver) next() *moment {
	past := r.life.memory[r.path]
	if r.at == len(past) {
		return nil
	}
	m := &past[r.at]
	r.at++
	r.clock = m.at
	return m
}

func (r *reliver) keep(m moment) {
	r.clock = r.Host.Now()
	m.at = r.clock
	r.life.memory[r.path] = append(r.life.memory[r.path], m)
	r.at++
}

// live has the other host act. What it says once of a cancelled branch is kept; said again in another life it is no news.
func (r *reliver) live(act func() error) error {
	err := act()
	r.clock = r.Host.Now()
	if r.life.dead {
		return errDied
	}
	if !errors.Is(err, engine.ErrCancelled) {
		return err
	}
	if r.told {
		return r.live(act)
	}
	r.told = true
	r.keep(moment{cancelled: true})
	return err
}

// Now implements engine.Host. It is a clock of the branch's own, so that what is relived is relived at its time.
func (r *reliver) Now() time.Time { return r.clock }

// Sleep implements engine.Host.
func (r *reliver) Sleep(d time.Duration) error {
	if r.life.dead {
		return errDied
	}
	m := r.next()
	switch {
	case m == nil:
		r.keep(moment{due: r.Host.Now().Add(d)})
		if r.life.point("in a wait") {
			return errDied
		}
	case m.cancelled:
		r.told = true
		return engine.ErrCancelled
	case m.woke:
		r.clock = m.due
		return nil
	}
	at := r.at - 1
	due := r.life.memory[r.path][at].due
	if next := r.next(); next != nil { // only that it was cancelled can have followed
		r.told = true
		return engine.ErrCancelled
	}
	if err := r.live(func() error { return r.Host.Sleep(max(0, due.Sub(r.Host.Now()))) }); err != nil {
		return err
	}
	past := r.life.memory[r.path]
	past[at].woke, past[at].due = true, r.Host.Now()
	if r.life.point("after a wait") {
		return errDied
	}
	return nil
}

// Call implements engine.Host.
func (r *reliver) Call(c task.Call) (task.Reply, error) {
	if r.life.dead {
		return task.Reply{}, errDied
	}
	if r.effect(c) == task.Pure {
		return r.Host.Call(c)
	}
	if m := r.next(); m != nil {
		return r.recall(m)
	}
	safe := r.effect(c) == task.Reads || c.Settled
	at := r.at
	if !safe {
		r.keep(moment{call: &c})
	}
	if r.life.point("before the call of step " + c.Step) {
		return task.Reply{}, errDied
	}
	var reply task.Reply
	err := r.live(func() (err error) { reply, err = r.Host.Call(c); return err })
	if errors.Is(err, engine.ErrCancelled) && !safe { // it was not made
		past := r.life.memory[r.path]
		r.life.memory[r.path] = append(past[:at], past[at+1:]...)
		r.at--
	}
	if err != nil {
		return reply, err
	}
	if r.life.point("before the answer to step " + c.Step + " is kept") {
		return task.Reply{}, errDied
	}
	if safe {
		r.keep(moment{call: &c})
	}
	past := r.life.memory[r.path]
	past[at].reply, past[at].at = &reply, r.Host.Now()
	r.life.kept(c.Step)
	if r.life.point("after the answer to step " + c.Step) {
		return task.Reply{}, errDied
	}
	return reply, nil
}

// recall answers a call from memory. Where the answer was not kept, nobody knows what came of it.
func (r *reliver) recall(m *moment) (task.Reply, error) {
	if m.cancelled {
		r.told = true
		return task.Reply{}, engine.ErrCancelled
	}
	if m.reply == nil {
		reply := task.Interrupted(task.Unrecorded)
		m.reply = &reply
	}
	return *m.reply, nil
}

// Decide implements engine.Host.
func (r *reliver) Decide(q engine.Question) (engine.Decision, error) {
	if r.life.dead {
		return engine.Decision{}, errDied
	}
	if m := r.next(); m != nil {
		if m.cancelled {
			r.told = true
			return engine.Decision{}, engine.ErrCancelled
		}
		return *m.decision, nil
	}
	if r.life.point("while a person is asked at step " + q.Step) {
		return engine.Decision{}, errDied
	}
	var d engine.Decision
	if err := r.live(func() (err error) { d, err = r.Host.Decide(q); return err }); err != nil {
		return d, err
	}
	r.keep(moment{decision: &d})
	r.life.kept(q.Step)
	if r.life.point("after the decision on step " + q.Step) {
		return engine.Decision{}, errDied
	}
	return d, nil
}

// Fork implements engine.Host.
func (r *reliver) Fork(n int, branch func(int, engine.Host) error) error {
	if r.life.dead {
		return errDied
	}
	now, forked := r.Now(), r.forked
	r.forked++
	branches := make([]*reliver, n)
	err := r.Host.Fork(n, func(i int, h engine.Host) error {
		b := &reliver{Host: h, effect: r.effect, life: r.life, path: engine.BranchPath(r.path, forked, i), clock: now, told: r.told}
		branches[i] = b
		return branch(i, b)
	})
	if r.life.dead {
		return errDied
	}
	for _, b := range branches {
		if b.clock.After(r.clock) {
			r.clock = b.clock
		}
	}
	return err
}

// Emit implements engine.Host.
func (r *reliver) Emit(e engine.Event) {
	if !r.life.dead {
		r.Host.Emit(e)
	}
}
