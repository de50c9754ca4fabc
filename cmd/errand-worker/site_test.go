package main_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"errand/engine"
	"errand/engine/task"
	"errand/tasks"
	"errand/tasks/sandbox"
)

// A site is what one run acts on: a sandbox of its own on loopback, and the real connectors, for which
// time passes faster while the run waits.
type site struct {
	clock *clock
	box   *sandbox.Sandbox
	real  *task.Registry
	close func() // ends the server

	// cancel is when a person cancels the run, by the clock; zero means never. The wait in which that
	// is takes longer, so that the cancellation arrives in it.
	cancel time.Time
	// cancels cancels the run. It is called once.
	cancels func()
	refused chan error // what Cancel returned

	mu        sync.Mutex
	cancelled bool
	started   map[moment]time.Time // when steps began, by the clock
	due       map[string]time.Time // by step: when its wait is over, by the clock
	over      map[moment]time.Time // likewise, of steps that only wait
	sent      map[string]time.Time // by step: when its last call was made that was not a look
	said      []sandbox.Exchange
}

// A moment is when a step began for the runner.
type moment struct {
	step string
	at   time.Time
}

// held is how long the wait takes in which a person cancels the run.
const held = 20 * time.Second

// newSite makes a site. The sandbox is served on loopback, unless its world refuses connections, which
// a server cannot do.
func newSite(world []byte, start time.Time, refuses bool) (*site, error) {
	s := &site{close: func() {}, refused: make(chan error, 1), clock: &clock{now: start}, started: map[moment]time.Time{}, due: map[string]time.Time{}, over: map[moment]time.Time{}, sent: map[string]time.Time{}}
	var err error
	if s.box, err = sandbox.New(world, s.clock.Now); err != nil {
		return nil, err
	}
	s.box.Observe(func(e sandbox.Exchange) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.said = append(s.said, e)
	})
	if refuses {
		s.real = tasks.Registry(task.Environment{Credentials: sandbox.Credentials{}, Transport: s.box.Transport()})
		return s, nil
	}
	server := httptest.NewServer(s.box.Handler())
	s.close = server.Close
	// A connection that is used again would be tried again if it breaks, and that is for the engine to do.
	transport := &http.Transport{DisableKeepAlives: true}
	s.real = tasks.Registry(task.Environment{Credentials: served{server.URL}, Transport: transport})
	return s, nil
}

// served are credentials for a sandbox on loopback.
type served struct{ url string }

// Find implements task.Credentials.
func (s served) Find(ctx context.Context, connector, name string) (task.Values, error) {
	values, err := sandbox.Credentials{}.Find(ctx, connector, name)
	switch connector {
	case "ec2":
		values["region_endpoint"] = task.NewSecret(s.url + "/ec2")
	case "ism":
		values["app_url"] = task.NewSecret(s.url + "/ism")
	}
	return values, err
}

// call carries out a call of the run.
func (s *site) call(ctx context.Context, c task.Call) task.Reply {
	t, _ := s.real.Lookup(c.Type) // found: all registries have the same types
	if t.Effect == task.Pure {
		return s.compute(ctx, t, c)
	}
	s.enter(&c)
	reply := t.Run(ctx, c)
	s.leave(c.Step, &reply)
	return reply
}

// compute carries out a call that only computes or waits. Its reply depends on the call alone, because
// runners carry such a call out again when they read a run.
func (s *site) compute(ctx context.Context, t task.Type, c task.Call) task.Reply {
	passed := c.Now.Sub(c.Started)
	c.Now = c.Started
	reply := t.Run(ctx, c)
	if reply.Again == nil {
		return reply
	}
	wait := shorter(reply.Again.After)
	if !s.cancel.IsZero() {
		wait = held
	}
	if passed < wait {
		s.keepOver(c, reply.Again.After)
		return task.Reply{Again: &task.Again{After: wait - passed}}
	}
	s.clock.jump(s.keepOver(c, reply.Again.After))
	c.Now = c.Started.Add(reply.Again.After)
	return t.Run(ctx, c)
}

// keepOver keeps when the wait of a step is over. It returns the same time each time.
func (s *site) keepOver(c task.Call, after time.Duration) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := moment{c.Step, c.Started}
	if s.over[at].IsZero() {
		s.over[at] = s.clock.Now().Add(after)
	}
	return s.over[at]
}

// enter moves the clock to the end of the step's wait, and gives the call the times of the clock.
func (s *site) enter(c *task.Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if due, waited := s.due[c.Step]; waited {
		s.clock.jump(due)
		delete(s.due, c.Step)
	}
	now := s.clock.Now()
	if !c.Deadline.IsZero() {
		c.Deadline = now.Add(c.Deadline.Sub(c.Now))
	}
	began := moment{c.Step, c.Started}
	if s.started[began].IsZero() {
		s.started[began] = now
	}
	c.Started, c.Now = s.started[began], now
	if c.Recover && !c.Sent.IsZero() {
		c.Sent = s.sent[c.Step]
	} else {
		s.sent[c.Step] = now
	}
}

// leave makes the wait that a call asks for shorter.
func (s *site) leave(step string, reply *task.Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case reply.Again != nil && reply.Again.After > 0:
		again := *reply.Again
		s.due[step] = s.clock.Now().Add(again.After)
		again.After = shorter(again.After)
		if s.endsIn(reply.Again.After) {
			again.After = held
		}
		reply.Again = &again
	case reply.Failure != nil && reply.Failure.Transient && s.endsIn(500*time.Millisecond):
		failure := *reply.Failure
		failure.RetryAfter = held
		reply.Failure = &failure
	}
}

// endsIn reports whether a person cancels the run within a time from now on. The caller holds the
// mutex.
func (s *site) endsIn(wait time.Duration) bool {
	return !s.cancel.IsZero() && !s.cancelled && s.cancel.Before(s.clock.Now().Add(wait))
}

// endsWithin is endsIn for a caller who does not hold the mutex.
func (s *site) endsWithin(wait time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.endsIn(wait)
}

// watch receives the events of the run while they happen. The waits of the engine, before it tries or
// looks again, are as long as they are. A person cancels the run when it begins the wait in which that is.
func (s *site) watch(e engine.Event) {
	if e.Kind != engine.EventStepWaits && e.Kind != engine.EventStepRetries {
		return
	}
	s.mu.Lock()
	ends := e.Wait >= held || s.endsIn(e.Wait)
	if _, asked := s.due[e.Step]; !asked && e.For != engine.WaitTime {
		s.due[e.Step] = s.clock.Now().Add(e.Wait)
	}
	s.mu.Unlock()
	if ends && s.cancelsNow() {
		go s.cancels()
	}
}

// cancelsNow reports whether a person cancels the run and has not done that. It returns true once.
func (s *site) cancelsNow() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := !s.cancel.IsZero() && !s.cancelled
	s.cancelled = s.cancelled || now
	return now
}

// exchanges returns what the sandbox was asked for, in order.
func (s *site) exchanges() []sandbox.Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]sandbox.Exchange{}, s.said...)
}

// registry returns the task types of the real connectors, each call of which the site of its run
// carries out.
func registry(siteOf func(run string) *site) *task.Registry {
	connectors := tasks.Connectors(task.Environment{})
	for i, c := range connectors {
		types := make([]task.Type, len(c.Types))
		for j, t := range c.Types {
			types[j] = t.WithRun(func(ctx context.Context, call task.Call) task.Reply { return siteOf(call.Run).call(ctx, call) })
		}
		connectors[i].Types = types
	}
	return task.NewRegistry(connectors...)
}
