package virtual

import (
	"errors"
	"time"

	"errand/engine"
	"errand/engine/task"
)

// A Life is one process that carries on a run. Its host returns the answers of a Memory until they
// are used up, like every host that survives a restart. Then it lets a Host act, and keeps the
// answers.
type Life struct {
	Memory *Memory

	// Ends reports whether the process ends at a point of its work, as in a crash. May be nil.
	Ends func(where string) bool

	// Kept is called after an answer of a step is kept. May be nil.
	Kept func(step string)

	// Canceller returns who cancelled the run. May be nil.
	Canceller func() engine.Person

	// Tell receives the events with their places. If it is nil, the Host's Watch receives the
	// events.
	Tell func(engine.Placed)

	keyed  bool // the run has a concurrency key
	dead   bool
	rounds map[string]int // by step: the round of its calls
	course *engine.Course
	run    string        // the run's id, once an event was emitted
	begun  engine.Event  // EventRunStarted
	waits  []engine.Wait // what the run waits for after all branches gave up
	asks   []question    // the open questions then
}

// A question is an open one, with the branch that waits for the decision.
type question struct {
	engine.Question
	branch string
}

// ErrDied is what the host of a Life returns after the process ended.
var ErrDied = errors.New("the process has ended")

// Host returns the host of the main steps of a run that began at start.
func (l *Life) Host(h *Host, start time.Time) engine.Host {
	l.rounds, l.course = map[string]int{}, &engine.Course{}
	r := &recall{Host: h, life: l, clock: start}
	if l.Memory.hasBegun() {
		first := l.Memory.nth("", 0)
		r.take(first.seq, first.at)
	}
	return r
}

// endsAt reports whether the process ends at a point, or has ended.
func (l *Life) endsAt(where string) bool {
	l.dead = l.dead || l.Ends != nil && l.Ends(where)
	return l.dead
}

func (l *Life) notifyKept(step string) {
	if l.Kept != nil {
		l.Kept(step)
	}
}

// A recall is the host of one branch in a Life.
type recall struct {
	*Host
	life    *Life
	at      int          // how many moments the branch has used
	clock   time.Time    // the time of the last one, which is Now
	unbegun bool         // the run was retried, and its turn has not come
	knows   bool         // ErrCancelled was returned to the branch
	lives   bool         // the branch has used all of its answers
	place   engine.Place // of the last event
	emitted int          // how many events there were
	pause   engine.Event // the event that says why the branch is about to sleep
}

var _ engine.Host = (*recall)(nil)

// next uses and returns the next moment of the branch, or nil after the last one. If the moment is
// a cancellation, next returns ErrCancelled.
func (r *recall) next() (*moment, error) {
	m := r.life.Memory.nth(r.path, r.at)
	if m == nil {
		return nil, nil
	}
	r.take(m.seq, m.at)
	if m.cancelled {
		r.knows = true
		r.life.course.Cancel(r.position())
		return nil, engine.ErrCancelled
	}
	return m, nil
}

func (r *recall) take(seq int, at time.Time) {
	r.at++
	r.clock = at
	if seq > r.place.Seq() {
		r.place = r.place.Entered(seq)
	}
}

func (r *recall) keep(m moment) {
	m.branch, m.at = r.path, r.Host.Now()
	r.take(r.life.Memory.keep(m), m.at)
}

// live lets the Host act. Before the branch acts for the first time, the other branches use their
// answers, so that a failure that is kept cancels this branch. live keeps a cancellation, and
// returns it once: the Host of another Life returns ErrCancelled again.
func (r *recall) live(act func() error) error {
	if !r.lives {
		r.lives = true
		r.Host.pass(0)
	}
	err := act()
	if r.life.dead {
		return ErrDied
	}
	if !errors.Is(err, engine.ErrCancelled) {
		return err
	}
	if r.knows {
		return r.live(act)
	}
	r.knows = true
	r.keep(moment{cancelled: true})
	return err
}

// Now implements engine.Host.
func (r *recall) Now() time.Time { return r.clock }

// Sleep implements engine.Host.
func (r *recall) Sleep(d time.Duration) error {
	if r.life.dead {
		return ErrDied
	}
	m, err := r.next()
	if err != nil {
		return err
	}
	if m == nil {
		if err := r.live(r.Host.checkInterrupt); err != nil {
			return err
		}
		m = &moment{due: r.Host.Now().Add(d)}
		r.keep(*m)
		m.at = r.clock
		if r.life.endsAt("in a wait") {
			return ErrDied
		}
	}
	if woke, err := r.next(); woke != nil || err != nil {
		return err
	}
	err = r.live(func() error { return r.Host.Sleep(max(0, m.due.Sub(r.Host.Now()))) })
	if errors.Is(err, errParked) {
		r.life.waits = append(r.life.waits, engine.Wait{For: r.pause.For, Step: r.pause.Step, Since: m.at, Due: m.due})
	}
	if err != nil {
		return err
	}
	r.keep(moment{woke: true})
	if r.life.endsAt("after a wait") {
		return ErrDied
	}
	return nil
}

// Call implements engine.Host. It repeats a pure call, and keeps the answer to a call that reads.
func (r *recall) Call(c task.Call) (task.Reply, error) {
	if r.life.dead {
		return task.Reply{}, ErrDied
	}
	t, _ := r.Registry.Lookup(c.Type)
	if t.Effect == task.Pure {
		return r.Host.call(c), nil
	}
	m, err := r.next()
	switch {
	case err != nil:
		return task.Reply{}, err
	case m != nil && m.reply != nil:
		if _, used := r.life.rounds[c.Step]; !used && t.Effect != task.Reads {
			r.life.rounds[c.Step], _ = r.life.Memory.replaced.Begin(c, t)
		}
		return *m.reply, nil
	case m != nil:
		return r.findAnswer(m)
	}
	if err := r.live(r.Host.mayAct); err != nil {
		return task.Reply{}, err
	}
	round, used := r.life.rounds[c.Step]
	c.Round = round
	if looks := c.Recover && t.Effect == task.Evident; t.Effect != task.Reads && !c.Settled && !looks {
		if !used {
			var answer *task.Reply
			c.Round, answer = r.life.Memory.replaced.Begin(c, t)
			r.life.rounds[c.Step] = c.Round
			if answer != nil {
				return r.keepAnswer(c.Step, *answer), nil
			}
		}
		r.keep(moment{step: c.Step, call: &c})
	}
	if r.life.endsAt("before the call of step " + c.Step) {
		return task.Reply{}, ErrDied
	}
	reply := r.Host.call(c)
	if r.life.dead || r.life.endsAt("before the answer to step "+c.Step+" is kept") {
		return task.Reply{}, ErrDied
	}
	r.keepAnswer(c.Step, reply)
	r.life.notifyKept(c.Step)
	if r.life.endsAt("after the answer to step " + c.Step) {
		return task.Reply{}, ErrDied
	}
	return reply, nil
}

// findAnswer returns the answer to a call that was about to leave. If no answer was kept, the
// outcome is unknown.
func (r *recall) findAnswer(m *moment) (task.Reply, error) {
	r.life.rounds[m.step] = m.call.Round
	answer, err := r.next()
	if err != nil {
		return task.Reply{}, err
	}
	if answer == nil && r.schedule.isOver() { // the call is not finished
		return task.Reply{}, r.Host.checkInterrupt()
	}
	if answer == nil {
		reply := task.Interrupted(task.Unrecorded, m.at)
		lost := moment{at: m.at, branch: r.path, step: m.step, reply: &reply} // the process may have ended at once
		r.take(r.life.Memory.keep(lost), m.at)
		return reply, nil
	}
	return *answer.reply, nil
}

func (r *recall) keepAnswer(step string, reply task.Reply) task.Reply {
	r.keep(moment{step: step, reply: &reply})
	return reply
}

// Decide implements engine.Host.
func (r *recall) Decide(q engine.Question) (engine.Decision, error) {
	if r.life.dead {
		return engine.Decision{}, ErrDied
	}
	m, err := r.next()
	if err != nil {
		return engine.Decision{}, err
	}
	if m != nil {
		return *m.decision, nil
	}
	if r.life.endsAt("while a person is asked at step " + q.Step) {
		return engine.Decision{}, ErrDied
	}
	var d engine.Decision
	if err := r.live(func() (err error) { d, err = r.Host.Decide(q); return err }); err != nil {
		if errors.Is(err, engine.ErrUndecided) {
			r.life.waits = append(r.life.waits, engine.Wait{For: engine.WaitPerson, Step: q.Step, Since: r.clock, Due: q.Until})
			r.life.asks = append(r.life.asks, question{q, r.path})
		}
		return d, err
	}
	r.keep(moment{step: q.Step, decision: &d})
	r.life.notifyKept(q.Step)
	if r.life.endsAt("after the decision on step " + q.Step) {
		return engine.Decision{}, ErrDied
	}
	return d, nil
}

// Fork implements engine.Host.
func (r *recall) Fork(n int, branch func(int, engine.Host) error) error {
	if r.life.dead {
		return ErrDied
	}
	place, clock := r.place, r.clock // the branches go on from here, not from a retry
	r.takeRetries("")
	branches := make([]*recall, n)
	for i := range branches {
		branches[i] = &recall{life: r.life, clock: clock, knows: r.knows, place: place.Forked(i)}
	}
	at := r.position()
	at.Forks++
	r.life.course.Fork(at, n)
	err := r.Host.Fork(n, func(i int, h engine.Host) error {
		branches[i].Host = h.(*Host)
		err := branch(i, branches[i])
		r.life.course.End(branches[i].path, err)
		return err
	})
	if r.life.dead {
		return ErrDied
	}
	ends := make([]engine.Place, n)
	for i, b := range branches {
		if b.clock.After(r.clock) {
			r.clock = b.clock
		}
		ends[i] = b.place
	}
	r.place = r.place.Joined(ends)
	return err
}

// Emit implements engine.Host. It emits that a person retried the run from a step before the step
// begins.
func (r *recall) Emit(e engine.Event) {
	if r.life.dead {
		return
	}
	r.life.run = e.Run
	if e.Kind == engine.EventRunStarted {
		r.life.begun = e
	}
	if r.takeRetries(e.Step) {
		e.At = r.clock
	}
	if e.Kind == engine.EventStepWaits || e.Kind == engine.EventStepRetries {
		r.pause = e
	}
	if e.Status == engine.Cancelled && r.life.Canceller != nil {
		e.By = r.life.Canceller()
	}
	r.life.course.Emit(r.position(), e)
	r.emit(e)
}

// position returns how far the branch is.
func (r *recall) position() engine.Position {
	return engine.Position{Branch: r.path, Used: r.at, Forks: r.Host.forked, Told: r.emitted}
}

// takeRetries uses the moments that retry the run from here, where a step begins or the branch
// forks, and reports whether there are any. If the turn of the run has not come since, nothing
// after them has happened.
func (r *recall) takeRetries(step string) (taken bool) {
	waits := false
	for ; ; taken = true {
		m := r.life.Memory.nth(r.path, r.at)
		if m == nil || !m.isRetry() && !m.began || m.isRetry() && (m.step == "" || m.step != step) && r.emitted < m.emitted {
			r.unbegun = r.unbegun || waits
			return taken
		}
		r.take(m.seq, m.at)
		waits = r.life.keyed && !m.began
		if m.retried != nil {
			r.emit(engine.Event{
				At: m.at, Kind: engine.EventRunRetried, Run: r.life.run, Step: m.step, By: *m.retried,
				Name: r.life.begun.Name, Request: r.life.begun.Request,
			})
		}
	}
}

func (r *recall) emit(e engine.Event) {
	if r.unbegun {
		return
	}
	r.emitted++
	r.place = r.place.Next()
	if r.life.Tell == nil {
		r.Host.Emit(e)
		return
	}
	e.Branch = r.path
	r.life.Tell(engine.Placed{Event: e, Place: r.place})
}
