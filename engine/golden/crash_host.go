package golden

import (
	"errors"
	"time"

	"errand/engine"
	"errand/engine/task"
)

// entries is the journal of a run, by branch. It survives when a process crashes.
type entries map[string][]entry

// An entry is one thing that happened to a branch: a call, a wait, a decision or a cancellation.
type entry struct {
	at        time.Time
	call      *task.Call // of a call
	reply     *task.Reply
	due       time.Time // of a wait
	woke      bool
	decision  *engine.Decision
	cancelled bool // the branch received ErrCancelled
}

// A process carries a run on and may crash at a point. Each call has three points: before it is
// sent, before its reply is recorded, and after that. Each wait and each decision has two.
type process struct {
	entries entries
	onReply func(step string) // is called when the reply to a step is on record
	crashAt int               // the point, counted from 1; 0 means never
	points  int
	crashed bool
	where   string // the point in words
}

var errCrashed = errors.New("the process has ended")

// point counts a point and reports whether the process has crashed.
func (l *process) point(where string) bool {
	l.points++
	if l.points == l.crashAt {
		l.crashed, l.where = true, where
	}
	return l.crashed
}

// A crashHost is the host of a branch in one of the processes of a run. It replays the entries of
// the branch, as every durable host does, and then passes calls on to another host.
type crashHost struct {
	engine.Host
	effect    func(task.Call) task.Effect
	process   *process
	path      string
	at        int       // the number of entries that it has replayed or made
	clock     time.Time // the time of the branch, which is in the past during a replay
	forked    int
	cancelled bool // the branch has received ErrCancelled
}

var _ engine.Host = (*crashHost)(nil)

// next returns the next entry to replay, or nil after the last one.
func (r *crashHost) next() *entry {
	past := r.process.entries[r.path]
	if r.at == len(past) {
		return nil
	}
	m := &past[r.at]
	r.at++
	r.clock = m.at
	return m
}

func (r *crashHost) keep(m entry) {
	r.clock = r.Host.Now()
	m.at = r.clock
	r.process.entries[r.path] = append(r.process.entries[r.path], m)
	r.at++
}

// act calls the other host and records ErrCancelled, which a host returns once per branch. If the
// other host returns it again in a second process, act ignores it.
func (r *crashHost) act(act func() error) error {
	err := act()
	r.clock = r.Host.Now()
	if r.process.crashed {
		return errCrashed
	}
	if !errors.Is(err, engine.ErrCancelled) {
		return err
	}
	if r.cancelled {
		return r.act(act)
	}
	r.cancelled = true
	r.keep(entry{cancelled: true})
	return err
}

// Now implements engine.Host. During a replay it returns the times on record.
func (r *crashHost) Now() time.Time { return r.clock }

// Sleep implements engine.Host.
func (r *crashHost) Sleep(d time.Duration) error {
	if r.process.crashed {
		return errCrashed
	}
	m := r.next()
	switch {
	case m == nil:
		r.keep(entry{due: r.Host.Now().Add(d)})
		if r.process.point("in a wait") {
			return errCrashed
		}
	case m.cancelled:
		r.cancelled = true
		return engine.ErrCancelled
	case m.woke:
		r.clock = m.due
		return nil
	}
	at := r.at - 1
	due := r.process.entries[r.path][at].due
	if next := r.next(); next != nil { // only a cancellation can follow
		r.cancelled = true
		return engine.ErrCancelled
	}
	if err := r.act(func() error { return r.Host.Sleep(max(0, due.Sub(r.Host.Now()))) }); err != nil {
		return err
	}
	past := r.process.entries[r.path]
	past[at].woke, past[at].due = true, r.Host.Now()
	if r.process.point("after a wait") {
		return errCrashed
	}
	return nil
}

// Call implements engine.Host.
func (r *crashHost) Call(c task.Call) (task.Reply, error) {
	if r.process.crashed {
		return task.Reply{}, errCrashed
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
		r.keep(entry{call: &c})
	}
	if r.process.point("before the call of step " + c.Step) {
		return task.Reply{}, errCrashed
	}
	var reply task.Reply
	err := r.act(func() (err error) { reply, err = r.Host.Call(c); return err })
	if errors.Is(err, engine.ErrCancelled) && !safe { // the call was not made
		past := r.process.entries[r.path]
		r.process.entries[r.path] = append(past[:at], past[at+1:]...)
		r.at--
	}
	if err != nil {
		return reply, err
	}
	if r.process.point("before the answer to step " + c.Step + " is kept") {
		return task.Reply{}, errCrashed
	}
	if safe {
		r.keep(entry{call: &c})
	}
	past := r.process.entries[r.path]
	past[at].reply, past[at].at = &reply, r.Host.Now()
	r.process.onReply(c.Step)
	if r.process.point("after the answer to step " + c.Step) {
		return task.Reply{}, errCrashed
	}
	return reply, nil
}

// recall returns the reply on record. If there is none, the outcome of the call is unknown.
func (r *crashHost) recall(m *entry) (task.Reply, error) {
	if m.cancelled {
		r.cancelled = true
		return task.Reply{}, engine.ErrCancelled
	}
	if m.reply == nil {
		reply := task.Interrupted(task.Unrecorded)
		m.reply = &reply
	}
	return *m.reply, nil
}

// Decide implements engine.Host.
func (r *crashHost) Decide(q engine.Question) (engine.Decision, error) {
	if r.process.crashed {
		return engine.Decision{}, errCrashed
	}
	if m := r.next(); m != nil {
		if m.cancelled {
			r.cancelled = true
			return engine.Decision{}, engine.ErrCancelled
		}
		return *m.decision, nil
	}
	if r.process.point("while a person is asked at step " + q.Step) {
		return engine.Decision{}, errCrashed
	}
	var d engine.Decision
	if err := r.act(func() (err error) { d, err = r.Host.Decide(q); return err }); err != nil {
		return d, err
	}
	r.keep(entry{decision: &d})
	r.process.onReply(q.Step)
	if r.process.point("after the decision on step " + q.Step) {
		return engine.Decision{}, errCrashed
	}
	return d, nil
}

// Fork implements engine.Host.
func (r *crashHost) Fork(n int, branch func(int, engine.Host) error) error {
	if r.process.crashed {
		return errCrashed
	}
	now, forked := r.Now(), r.forked
	r.forked++
	branches := make([]*crashHost, n)
	err := r.Host.Fork(n, func(i int, h engine.Host) error {
		b := &crashHost{Host: h, effect: r.effect, process: r.process, path: engine.BranchPath(r.path, forked, i), clock: now, cancelled: r.cancelled}
		branches[i] = b
		return branch(i, b)
	})
	if r.process.crashed {
		return errCrashed
	}
	for _, b := range branches {
		if b.clock.After(r.clock) {
			r.clock = b.clock
		}
	}
	return err
}

// Emit implements engine.Host.
func (r *crashHost) Emit(e engine.Event) {
	if !r.process.crashed {
		r.Host.Emit(e)
	}
}
