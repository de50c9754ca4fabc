package main_test

import (
	"context"
	"slices"

	"errand/engine"
)

// kim is who cancels and retries runs.
var kim = engine.Person{Name: "Kim"}

// Persons do what a course says about its run.
type persons struct {
	*course
	runner  engine.Runner
	site    *site
	decided map[string]int // by step: how often
	retried int
}

// act does the next thing about a run that does not go on by itself. It reports whether there was one.
func (p *persons) act(ctx context.Context) (bool, error) {
	v, err := p.runner.Read(ctx, p.run)
	switch {
	case err != nil:
		return false, err
	case !v.Ended.IsZero():
		return p.retry(ctx)
	}
	for _, q := range v.Questions {
		all, n := p.decisions[q.Step], p.decided[q.Step]
		if n >= len(all) {
			continue
		}
		d := all[n]
		if p.site.endsWithin(d.after) {
			break
		}
		p.decided[q.Step]++
		d.By.Groups = slices.Clone(q.By)
		p.site.clock.jump(p.site.clock.Now().Add(d.after))
		return true, p.runner.Decide(ctx, p.run, q.Step, d.Decision)
	}
	if p.site.cancelsNow() {
		return true, p.runner.Cancel(ctx, p.run, kim)
	}
	return false, nil
}

// retry retries the run from the next step of the course.
func (p *persons) retry(ctx context.Context) (bool, error) {
	if p.retried == len(p.retries) {
		return false, nil
	}
	p.retried++
	return true, p.runner.Retry(ctx, p.run, engine.Retry{From: p.retries[p.retried-1], By: kim})
}
