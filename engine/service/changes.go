package service

import (
	"context"
	"sync"
	"time"

	"errand/engine"
)

// changes says when runs change, to any number of watchers. What this process changes the runner
// announces. For what other processes change, it asks the runner for the marks of the runs that are
// watched, one after the other, at most a thousand times a second.
type changes struct {
	marker engine.Marker

	mu      sync.Mutex
	watched map[string]*watchedRun // by run
	running bool                   // a goroutine asks
}

// A watchedRun is a run that somebody watches.
type watchedRun struct {
	mark     string
	watchers map[chan struct{}]bool
}

// lookEvery is the shortest time between two looks at one run.
const lookEvery = 50 * time.Millisecond

func newChanges(m engine.Marker) *changes {
	c := &changes{marker: m, watched: map[string]*watchedRun{}}
	if a, ok := m.(engine.Announcer); ok {
		a.Announce(c.announced)
	}
	return c
}

// announced tells the watchers of a run that this process has changed it. They are told again after
// the next look, because the mark may also be that of another process.
func (c *changes) announced(run string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, watched := range []string{run, anyRun} {
		if w := c.watched[watched]; w != nil {
			w.tell()
		}
	}
}

// anyRun is watched by those who wait for changes of all runs. For what other processes change they are
// told to look every anyRunEvery.
const (
	anyRun      = ""
	anyRunEvery = 5 * time.Second
)

// watch returns a channel that receives a value after each change of a run, or of any run, and at once. Changes that
// follow each other quickly may share a value. The caller must call stop.
func (c *changes) watch(run string) (changed <-chan struct{}, stop func()) {
	channel := make(chan struct{}, 1)
	channel <- struct{}{} // the run may have changed since the caller read it
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watched[run] == nil {
		c.watched[run] = &watchedRun{watchers: map[chan struct{}]bool{}}
	}
	c.watched[run].watchers[channel] = true
	if !c.running {
		c.running = true
		go c.look()
	}
	return channel, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.watched[run].watchers, channel)
		if len(c.watched[run].watchers) == 0 {
			delete(c.watched, run)
		}
	}
}

// look asks for the marks of the watched runs until nobody watches.
func (c *changes) look() {
	for {
		runs := c.runs()
		if runs == nil {
			return
		}
		began := time.Now()
		for _, run := range runs {
			if run == anyRun {
				c.tell(run, began.Truncate(anyRunEvery).String(), nil)
				continue
			}
			mark, err := c.marker.Mark(context.Background(), run)
			c.tell(run, mark, err)
		}
		time.Sleep(max(lookEvery, time.Duration(len(runs))*time.Millisecond) - time.Since(began))
	}
}

// runs returns the runs that are watched, or nil if there are none: then nobody looks any more.
func (c *changes) runs() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.watched) == 0 {
		c.running = false
		return nil
	}
	runs := make([]string, 0, len(c.watched))
	for run := range c.watched {
		runs = append(runs, run)
	}
	return runs
}

// tell tells the watchers of a run if its mark is another one. A mark that cannot be read is another
// one: the watchers find out why.
func (c *changes) tell(run, mark string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.watched[run]
	if w == nil || err == nil && w.mark == mark {
		return
	}
	w.mark = mark
	w.tell()
}

func (w *watchedRun) tell() {
	for channel := range w.watchers {
		select {
		case channel <- struct{}{}:
		default: // it has not taken the last one yet
		}
	}
}
