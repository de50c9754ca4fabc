package journal

import (
	"context"
	"maps"
	"slices"
	"time"

	"errand/engine"
)

// Standing implements Origin.
func (m *Memory) Standing(context.Context) (Standing, time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.standing, m.since, nil
}

// Isolate implements Origin.
func (m *Memory) Isolate(_ context.Context, reason string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.isolate(reason)
	return nil
}

func (m *Memory) isolate(reason string) {
	now := time.Now().Round(0).UTC()
	m.standing, m.since, m.browsers = Copied, now, nil
	for _, r := range m.order {
		if _, alive := m.sessions[r.run.Holder]; alive || !r.run.Ended.IsZero() {
			continue
		}
		if r.run.Status == engine.Running {
			r.run.Status = engine.Waiting
		}
		r.run.Wake, r.run.Waits, r.run.Holder = time.Time{}, adoptionWaits(reason, now), ""
		m.due.put(r)
	}
}

// Adopt implements Origin.
func (m *Memory) Adopt(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.standing == Copied {
		m.standing = Adopted
	}
	return nil
}

// Copy returns a journal with the same runs, as somebody finds it who opens a copy of a home.
func (m *Memory) Copy() *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	to := NewMemory()
	maps.Copy(to.sources, m.sources)
	maps.Copy(to.tickets, m.tickets)
	maps.Copy(to.answers, m.answers)
	maps.Copy(to.cursors, m.cursors)
	for _, r := range m.order {
		copied := &record{run: r.run.clone(), number: r.number, at: -1, entries: slices.Clone(r.entries), inbox: slices.Clone(r.inbox)}
		to.runs[copied.run.ID] = copied
		to.order = append(to.order, copied)
		if r.run.Request != "" {
			key := asked{r.run.Workflow, r.run.Request}
			to.asked[key] = append(to.asked[key], copied)
		}
		to.due.put(copied)
	}
	for key, queue := range m.turns {
		for _, r := range queue {
			to.turns[key] = append(to.turns[key], to.runs[r.run.ID])
		}
	}
	to.isolate("home.id is a copy")
	return to
}
