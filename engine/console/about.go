package console

import (
	"context"
	"net/http"
	"sync"
	"time"

	"errand/engine"
	"errand/engine/access"
)

// An About says which program serves which home.
type About struct {
	Release  string
	Commit   string // of Git; "" if it is not known
	Go       string // the version of Go
	Platform string
	Home     string // the folder; only administrators see it
}

// An aboutPage says what this service is and how it stands.
type aboutPage struct {
	frame
	About
	Since   time.Time // when the service started
	Bad     int       // definitions with problems
	Paused  []access.Pause
	Open    []openRuns
	Due     int // runs that wait for a place
	DueFrom time.Time
	Asking  int // runs that wait for a person
	Counted bool
	Crashes []crashRow

	IsAdmin  bool
	Examined examined
	CanCheck bool
}

// openRuns are the open runs with a status.
type openRuns struct {
	State state
	Runs  int
}

// showAbout shows the program, the numbers of the service, and what a crash does to each task.
func showAbout(c *Console, v *visit) error {
	token := v.client.Token()
	p := aboutPage{
		frame: c.frame(v, "About this service"), About: c.About, Since: c.begun, Bad: c.Workflows.Bad(), Crashes: crashRows(c.Registry),
		IsAdmin: admins.Allows(token), CanCheck: c.Examine != nil,
	}
	if p.IsAdmin {
		p.Examined = c.checks.last()
	} else {
		p.Home = ""
	}
	paused, err := c.Pauses.Paused(v.context())
	if err != nil {
		return troubled("reading the pauses", err)
	}
	for _, pause := range paused {
		if pause.Name == access.PausedIntake || token.MayUse(pause.Name) {
			p.Paused = append(p.Paused, pause)
		}
	}
	if err := p.count(c, v); err != nil {
		return err
	}
	c.write(v, http.StatusOK, v.page.name, p)
	return nil
}

// count adds the numbers of runs, if the runner counts them.
func (p *aboutPage) count(c *Console, v *visit) error {
	counter, ok := c.Service.Runner.(engine.Counter)
	if !ok {
		return nil
	}
	now, err := c.counts.get(v.context(), counter, c.now())
	if err != nil {
		return err
	}
	byStatus := map[engine.Status]int{}
	for group, n := range now.Runs {
		byStatus[group.Status] += n
	}
	for _, status := range []engine.Status{engine.Running, engine.Waiting, engine.Uncertain} {
		p.Open = append(p.Open, openRuns{stateOf(string(status)), byStatus[status]})
	}
	p.Counted, p.Due, p.DueFrom, p.Asking = true, now.Due, now.DueSince, now.Waiting[engine.WaitPerson]
	return nil
}

// counts remember the numbers of runs for a while: to count them takes longer the more there are.
type counts struct {
	mu sync.Mutex
	at time.Time
	is engine.Counts
}

const countsLast = 10 * time.Second

func (k *counts) get(ctx context.Context, counter engine.Counter, now time.Time) (engine.Counts, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.at.IsZero() && now.Sub(k.at) < countsLast {
		return k.is, nil
	}
	is, err := counter.Count(ctx)
	if err != nil {
		return engine.Counts{}, err
	}
	k.at, k.is = now, is
	return is, nil
}
