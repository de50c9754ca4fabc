package console_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/service"
)

// manyRuns is a runner with runs that were never started.
type manyRuns struct {
	service.Runner
	views []engine.View // the newest first
	asked int           // how many of them were returned
}

// List implements engine.Reader.
func (m *manyRuns) List(_ context.Context, q engine.Query) (found []engine.View, err error) {
	from := slices.IndexFunc(m.views, func(v engine.View) bool { return v.Run == q.After }) + 1
	for _, v := range m.views[from:] {
		if !v.Started.Before(q.Since) && (q.Workflow == "" || q.Workflow == v.Workflow) && len(found) < q.Limit {
			found = append(found, v)
		}
	}
	m.asked += len(found)
	return found, nil
}

// historyOf returns runs of some workflows: on each of the last days one for each workflow.
func historyOf(workflows, days int) *manyRuns {
	m := &manyRuns{}
	statuses := []engine.Status{engine.Succeeded, engine.Failed, engine.Cancelled, engine.Uncertain, engine.Waiting, engine.Succeeded}
	now := time.Now().UTC()
	early := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 1, 0, time.UTC)
	for day := range days {
		for w := range workflows {
			at := early.AddDate(0, 0, -day)
			v := engine.View{Result: engine.Result{Run: fmt.Sprintf("run%06d", len(m.views)), Workflow: fmt.Sprintf("workflow-%03d", w), Status: statuses[(w*7+day*3)%len(statuses)], Started: at}}
			if v.Status != engine.Waiting {
				v.Ended = at.Add(time.Minute)
			}
			m.views = append(m.views, v)
		}
	}
	return m
}

// withRuns replaces the runs that a service lists.
func withRuns(m *manyRuns) func(*service.Config) {
	return func(c *service.Config) { m.Runner, c.Runner = c.Runner, m }
}

// A page of the history is small, whatever there is to show.
func TestHistoryIsSmall(t *testing.T) {
	for _, days := range []int{7, 30, 90} {
		m := historyOf(250, days)
		admin := newFlowBench(t, withRuns(m)).admin()
		seen := map[string]bool{}
		for path := fmt.Sprintf("/history?days=%d", days); path != ""; {
			page := admin.get(path, http.StatusOK)
			var b bytes.Buffer
			z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
			if _, err := z.Write([]byte(page)); err != nil || z.Close() != nil {
				t.Fatal(err)
			}
			if b.Len() > 48<<10 {
				t.Errorf("%s has %d bytes, compressed", path, b.Len())
			}
			for w := range 250 {
				if name := fmt.Sprintf("workflow-%03d", w); strings.Contains(page, `<a href="/workflows/`+name+`"`) {
					seen[name] = true
				}
			}
			_, next, _ := strings.Cut(page, `<a rel="next" href="`)
			next, _, _ = strings.Cut(next, `"`)
			path = strings.ReplaceAll(next, "&amp;", "&")
		}
		if len(seen) != 250 {
			t.Errorf("of 250 workflows the pages for %d days show %d", days, len(seen))
		}
	}
}

// A day of the history leads to its runs, by picture and by word.
func TestHistoryLinks(t *testing.T) {
	m := historyOf(2, 40)
	admin := newFlowBench(t, withRuns(m)).admin()
	page := admin.get("/history", http.StatusOK)
	yesterday := time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)
	href := "/runs?day=" + yesterday + "&amp;workflow=workflow-001"
	if n := strings.Count(page, `href="`+href+`"`); n != 2 {
		t.Errorf("there are %d links to %s", n, href)
	}
	admin.wants(page, "60 runs", "errand-history", ">30 days</a>", `href="/history?days=30" aria-current="true"`)
	if m.asked != 60 {
		t.Errorf("%d runs were read", m.asked)
	}
	runs := admin.get(strings.ReplaceAll(href, "&amp;", "&"), http.StatusOK)
	admin.wants(runs, "run000003", `value="`+yesterday+`"`)
	if n := strings.Count(runs, `href="/runs/run`); n != 1 {
		t.Errorf("the page of the day has %d runs", n)
	}
	admin.wants(admin.get("/runs?day=2020-01-01", http.StatusOK), "There are no such runs.")
	admin.get("/runs?day=yesterday", http.StatusBadRequest)
	admin.wants(admin.get("/history?days=12", http.StatusOK), "The last 30 days")
}

// The runs of a day have several pages, without those of the days after.
func TestRunsOfADay(t *testing.T) {
	m := historyOf(120, 2)
	admin := newFlowBench(t, withRuns(m)).admin()
	path, seen := "/runs?day="+m.views[len(m.views)-1].Started.Format(time.DateOnly), 0
	for path != "" {
		page := admin.get(path, http.StatusOK)
		seen += strings.Count(page, `href="/runs/run`)
		admin.lacks(page, "run000119")
		_, next, _ := strings.Cut(page, `<a rel="next" href="`)
		next, _, _ = strings.Cut(next, `"`)
		path = strings.ReplaceAll(next, "&amp;", "&")
	}
	if seen != 120 {
		t.Errorf("the pages of the day have %d runs", seen)
	}
}

// Somebody who is only a requester sees the history of their own runs.
func TestHistoryOfARequester(t *testing.T) {
	b := newFlowBench(t, nil, waiting, strings.Replace(waiting, "workflow: waiting", "workflow: other", 1))
	b.start("waiting", "", "desk")
	b.start("other", "", "somebody")
	desk := b.as("desk", []string{"waiting", "other"}, access.Requester)
	page := desk.get("/history", http.StatusOK)
	desk.wants(page, "waiting", "1 run")
	desk.lacks(page, "other", "2 runs")
	empty := b.as("empty", []string{"waiting"}, access.Requester)
	empty.wants(empty.get("/history?days=7", http.StatusOK), "No run that you see has started in these days.")
}
