package local

import (
	"context"
	"sync"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// Work implements engine.Worker. Runs that another process holds are left to it for as long as it
// lives. The end of ctx is a drain: see drain.go. Its error is the journal's, if that failed several
// times in a row.
func (r *Runner) Work(ctx context.Context, drain bool, watch engine.Watch) error {
	return outward("", r.loop(ctx, watch).run(drain))
}

func (r *Runner) loop(ctx context.Context, watch engine.Watch) *loop {
	watch = oneAtATime(watch)
	return &loop{r: r, ctx: ctx, watch: watch, slots: make(chan struct{}, r.limit()), woken: make(chan struct{}, 1), began: time.Now(), queue: &queue{}, watchers: map[string]*watcher{}}
}

// oneAtATime returns a watch for several runs at once, whose calls do not overlap.
func oneAtATime(watch engine.Watch) engine.Watch {
	if watch == nil {
		return nil
	}
	var mu sync.Mutex
	return func(e engine.Event) {
		mu.Lock()
		defer mu.Unlock()
		watch(e)
	}
}

func (l *loop) run(drain bool) error {
	defer l.group.Wait()
	for failed := 0; l.ctx.Err() == nil; {
		due, looked := l.r.due.next(), time.Now()
		next, err := l.round()
		if err != nil {
			if failed++; failed == maxFailed {
				return err
			}
		} else {
			failed = 0
		}
		if drain && err == nil && l.idle() {
			return nil
		}
		l.sleep(next, due, looked.Add(shortestRound))
	}
	return nil
}

func (r *Runner) limit() int {
	if r.Limit > 0 {
		return r.Limit
	}
	return 50
}

// maxFailed is how many times in a row the journal may fail to list what is due, or to say whether
// a run was changed.
const maxFailed = 10

// A loop is one call of Work.
type loop struct {
	r     *Runner
	ctx   context.Context
	watch engine.Watch
	group sync.WaitGroup
	began time.Time
	slots chan struct{} // holds one value for each run at work; one that waits in memory is not
	woken chan struct{} // full when a run was parked that may be due before the loop looks again
	queue *queue        // the last look
	last  string        // the workflow that had the last turn

	mu       sync.Mutex
	watchers map[string]*watcher // of the runs that have not ended; empty if there is no watch
}

// round takes up what is due, and returns when to look again.
func (l *loop) round() (next time.Time, err error) {
	for l.queue, err = l.look(l.queue, l.last); err == nil && len(l.queue.lanes) > 0; {
		l.letCallersGoFirst()
		select {
		case l.slots <- struct{}{}:
		case <-l.ctx.Done():
			return l.queue.until, nil
		}
		if over(l.ctx) {
			<-l.slots
			return l.queue.until, nil
		}
		if time.Now().After(l.queue.until) { // the slot was long in coming, and more workflows may have due runs by now
			l.queue, err = l.look(l.queue, l.last)
		}
		run, found := l.queue.next()
		if !found {
			<-l.slots
			continue
		}
		l.last = run.Workflow
		l.r.waitNoMore(1)
		l.group.Go(func() {
			defer func() { <-l.slots }()
			l.work(run.ID)
		})
	}
	if err == nil && l.queue.more {
		return time.Now(), nil
	}
	return l.queue.until, err
}

// While more than flood callers wait for their runs to be accepted, a run is taken up only after
// longestFlood.
const (
	flood        = 1
	longestFlood = 20 * time.Millisecond
	floodLook    = time.Millisecond
)

// letCallersGoFirst makes the loop take up runs less often in a flood of starts: who starts a run waits
// for the answer. When the queue is half full, it does so no longer, since callers are turned away
// once it is full.
func (l *loop) letCallersGoFirst() {
	for wait := longestFlood; wait > 0 && l.r.accepting.Load() > flood && l.r.hasRoom(); wait -= floodLook {
		time.Sleep(floodLook)
	}
}

// work carries one run on. A run that cannot be worked on now stays due, and is found again.
func (l *loop) work(id string) {
	s, err := l.r.work(l.ctx, id, l.watcher(id), l.slots)
	if err == nil && !s.run.Ended.IsZero() {
		l.mu.Lock()
		delete(l.watchers, id)
		l.mu.Unlock()
	}
	if err == nil && (!s.rests() || s.run.Key != "") { // the run is due again, or another one has its turn
		select {
		case l.woken <- struct{}{}:
		default:
		}
	}
}

// watcher returns the watcher that received what the run did before, or a new one.
func (l *loop) watcher(id string) *watcher {
	if l.watch == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.watchers[id] == nil {
		w := newWatcher(l.watch)
		w.since = l.began
		l.watchers[id] = w
	}
	return l.watchers[id]
}

// shortestRound is the least time between two looks for runs that became due here: those of many
// callers are found together.
const shortestRound = 5 * time.Millisecond

// sleep waits until a time, until a run was parked, or until one became due here and it is not too
// early to look again.
func (l *loop) sleep(until time.Time, due <-chan struct{}, early time.Time) {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-l.woken:
		case <-l.ctx.Done():
		case <-due:
			due = nil
			timer.Reset(time.Until(early))
			continue
		}
		return
	}
}

// idle reports whether no run will ever be due by itself.
func (l *loop) idle() bool {
	l.r.mu.Lock()
	working := len(l.r.busy)
	l.r.mu.Unlock()
	if working > 0 || len(l.slots) > 0 {
		return false
	}
	left, err := l.r.Journal.List(background, journal.Query{Due: farFuture, Limit: 1})
	return err == nil && len(left) == 0
}

// farFuture is no earlier than any wake-up: the journal stores a later time as its latest one, in
// the year 2262.
var farFuture = time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)
