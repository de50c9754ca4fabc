package cmd

import (
	"context"
	"os"
	"slices"

	"errand/engine"
)

// mostWords is how many runs a completion looks at.
const mostWords = 200

// withHome opens the home if it exists. A completion makes no home.
func (h *homeFlags) withHome(ctx context.Context, do func(o *opened)) {
	folder, err := h.path()
	if err != nil {
		return
	}
	if _, err := os.Stat(folder); err != nil {
		return
	}
	_ = h.use(ctx, h.program()+" completion", func(o *opened) error { do(o); return nil })
}

// listed returns the newest runs that a query selects.
func (h *homeFlags) listed(ctx context.Context, q engine.Query) (views []engine.View) {
	q.Limit = mostWords
	h.withHome(ctx, func(o *opened) { views, _ = o.List(ctx, q) })
	return views
}

// runWords returns the runs that a query selects, by their ids and by their service requests.
func (h *homeFlags) runWords(ctx context.Context, p *partial, q engine.Query) []candidate {
	if len(p.names) > 0 {
		return nil
	}
	var ids, requests []candidate
	for _, v := range h.listed(ctx, q) {
		about := v.Workflow + ", " + string(v.Status) + ", " + shortTime(v.Started)
		if v.Request != "" {
			requests = append(requests, candidate{v.Request, about})
			about = v.Request + ", " + about
		}
		ids = append(ids, candidate{v.Run, about})
	}
	return append(ids, uniqueWords(requests)...)
}

// requestWords returns the service requests of runs.
func (h *homeFlags) requestWords(ctx context.Context) []candidate {
	var found []candidate
	for _, v := range h.listed(ctx, engine.Query{}) {
		if v.Request != "" {
			found = append(found, candidate{v.Request, v.Workflow + ", " + string(v.Status)})
		}
	}
	return uniqueWords(found)
}

// uniqueWords keeps the first of the candidates with the same word.
func uniqueWords(found []candidate) []candidate {
	seen := map[string]bool{}
	return slices.DeleteFunc(found, func(c candidate) bool {
		before := seen[c.word]
		seen[c.word] = true
		return before
	})
}

// view returns the run that the names of a partial command line begin with.
func (h *homeFlags) view(ctx context.Context, p *partial) (found engine.View) {
	if len(p.names) == 0 {
		return found
	}
	h.withHome(ctx, func(o *opened) {
		if run, err := o.Find(ctx, p.names[0]); err == nil {
			found, _ = o.Read(ctx, run)
		}
	})
	return found
}

// questionWords returns the runs that wait for a person, and then the steps of one that do.
// uncertain says which kind of question it is about.
func (h *homeFlags) questionWords(ctx context.Context, p *partial, uncertain bool) []candidate {
	switch len(p.names) {
	case 0:
		q := engine.Query{WaitsFor: engine.WaitPerson}
		if uncertain {
			q = engine.Query{Status: engine.Uncertain}
		}
		return h.runWords(ctx, p, q)
	case 1:
		var found []candidate
		for _, q := range h.view(ctx, p).Questions {
			if (q.Failure != nil) == uncertain {
				found = append(found, candidate{q.Step, q.Ask})
			}
		}
		return found
	}
	return nil
}

func (c *runsShow) words(ctx context.Context, p *partial) []candidate {
	return c.runWords(ctx, p, engine.Query{})
}

func (c *runsEvents) words(ctx context.Context, p *partial) []candidate {
	return c.runWords(ctx, p, engine.Query{})
}

func (c *runsRecord) words(ctx context.Context, p *partial) []candidate {
	return c.runWords(ctx, p, engine.Query{})
}

func (c *runsResume) words(ctx context.Context, p *partial) []candidate {
	return c.runWords(ctx, p, engine.Query{Open: true})
}

func (c *runsCancel) words(ctx context.Context, p *partial) []candidate {
	return c.runWords(ctx, p, engine.Query{Open: true})
}

func (c *runsAdopt) words(ctx context.Context, p *partial) []candidate {
	return c.runWords(ctx, p, engine.Query{WaitsFor: engine.WaitAdoption})
}

func (c *runsRetry) words(ctx context.Context, p *partial) []candidate {
	return c.runWords(ctx, p, engine.Query{Status: engine.Failed})
}

// values returns the steps that a run has reached for --from.
func (c *runsRetry) values(ctx context.Context, p *partial) []candidate {
	if p.flag != "from" {
		return nil
	}
	found := []candidate{}
	for _, s := range c.view(ctx, p).Steps {
		about := string(s.Status)
		if s.Task != "" {
			about = s.Task + ", " + about
		}
		found = append(found, candidate{s.ID, about})
	}
	return found
}

func (c *runsApprove) words(ctx context.Context, p *partial) []candidate {
	return c.questionWords(ctx, p, false)
}

func (c *runsResolve) words(ctx context.Context, p *partial) []candidate {
	return c.questionWords(ctx, p, true)
}

func (c *runsList) values(ctx context.Context, p *partial) []candidate {
	switch p.flag {
	case "status":
		return plainWords(statuses...)
	case "waits-for":
		return plainWords(waitsFor...)
	case "request":
		return c.requestWords(ctx)
	case "after":
		return c.runWords(ctx, &partial{}, engine.Query{})
	case "since":
		return plainWords("1h", "24h", "7d", "30d")
	case "workflow":
		var found []candidate
		for _, v := range c.listed(ctx, engine.Query{}) {
			found = append(found, candidate{word: v.Workflow})
		}
		return uniqueWords(found)
	}
	return nil
}

func (c *runsPrune) values(_ context.Context, p *partial) []candidate {
	if p.flag != "older-than" {
		return nil
	}
	return plainWords("30d", "90d", "365d")
}
