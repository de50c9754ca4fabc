package virtual

import (
	"context"
	"slices"
	"strconv"

	"errand/engine"
)

// Read implements engine.Reader.
func (r *Runner) Read(_ context.Context, id string) (engine.View, error) {
	r.Runs.mu.Lock()
	defer r.Runs.mu.Unlock()
	v, _, err := r.read(id)
	return v, err
}

// Mark implements engine.Marker.
func (r *Runner) Mark(_ context.Context, id string) (string, error) {
	r.Runs.mu.Lock()
	defer r.Runs.mu.Unlock()
	x, err := r.Runs.find(id)
	if err != nil {
		return "", err
	}
	return strconv.Itoa(x.changes), nil
}

// read also returns the replay that the view is made of.
func (r *Runner) read(id string) (engine.View, replayed, error) {
	x, seen, err := r.look(id)
	if err != nil {
		return engine.View{}, seen, err
	}
	v, err := x.view()
	v.Program, v.Rounds = x.order.Program, slices.Clone(x.rounds)
	if !x.ended.IsZero() || err != nil {
		return v, seen, err
	}
	status := v.Status
	v.Result, v.Status = seen.result, status
	x.nameCancelling(&v)
	for _, q := range seen.life.asks {
		v.Questions = append(v.Questions, engine.Open{Question: q.Question, Evidence: evidence(seen.life.Memory.all(), q)})
	}
	return v, seen, nil
}

// evidence returns what is known of a step whose outcome is unknown, or nil.
func evidence(moments []moment, q question) *engine.Evidence {
	var found *engine.Evidence
	for _, m := range moments {
		switch {
		case q.Failure == nil || m.step != q.Step:
		case m.call != nil:
			found = &engine.Evidence{Task: m.call.Type, Sent: m.at, Attempt: m.call.Attempt, Input: m.call.Input, Key: m.call.Key()}
		case m.reply != nil && m.reply.Failure != nil && found != nil:
			found.Since = append(found.Since, engine.Sign{At: m.at, Failure: m.reply.Failure})
		}
	}
	return found
}

// List implements engine.Reader.
func (r *Runner) List(_ context.Context, q engine.Query) ([]engine.View, error) {
	r.Runs.mu.Lock()
	defer r.Runs.mu.Unlock()
	views := []engine.View{}
	follows := q.After == ""
	for _, x := range slices.Backward(r.Runs.runs) {
		v, err := x.view()
		switch {
		case err != nil:
			return nil, err
		case !follows:
			follows = v.Run == q.After
			continue
		case q.Workflow != "" && q.Workflow != v.Workflow, q.Request != "" && q.Request != v.Request,
			!q.Selects(v), v.Started.Before(q.Since), x.changed.Before(q.Changed), q.Open && !x.ended.IsZero(),
			q.Run != "" && q.Run != v.Run, !q.Owns(x.order.Owners), x.isPruned() && !q.Pruned:
			continue
		}
		if q.Brief {
			v = v.Brief()
		}
		if views = append(views, v); len(views) == q.Limit {
			break
		}
	}
	return views, nil
}

// Events implements engine.Historian.
func (r *Runner) Events(_ context.Context, id string, after engine.EventID) ([]engine.Event, error) {
	r.Runs.mu.Lock()
	defer r.Runs.mu.Unlock()
	x, seen, err := r.look(id)
	if err != nil {
		return nil, err
	}
	all := engine.Number(append(slices.Clone(x.past), seen.events...))
	if after.IsZero() {
		return all, nil
	}
	at, found := slices.BinarySearchFunc(all, after, func(e engine.Event, id engine.EventID) int { return e.ID.Compare(id) })
	if !found {
		return nil, &engine.Refusal{Code: engine.RefusedEvent, Run: id, Reason: after.String()}
	}
	return all[at+1:], nil
}

// Record implements engine.Historian.
func (r *Runner) Record(_ context.Context, id string) (engine.Record, error) {
	r.Runs.mu.Lock()
	defer r.Runs.mu.Unlock()
	v, seen, err := r.read(id)
	if err != nil {
		return engine.Record{}, err
	}
	return engine.Record{View: v, Events: engine.Number(seen.events), Moments: momentsOf(seen.life.Memory.all())}, nil
}
