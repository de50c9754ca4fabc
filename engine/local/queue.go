package local

import (
	"cmp"
	"slices"
	"time"

	"errand/engine/journal"
)

// A queue is what one look at the journal has found: the due runs that this process may take up. The
// workflows take turns, so that many runs of one workflow keep no run of another one waiting.
type queue struct {
	until time.Time          // when to look again
	lanes [][]journal.Queued // the runs of one workflow each, in the order of the workflows' names
	at    int                // the index of the lane whose turn it is
	more  bool               // more runs are due than the journal has returned
	taken int                // the most runs of one workflow in the last batch
	flows int                // how many workflows there were
}

// How many runs of a workflow the journal is asked for: in all twice as many as there are slots, but
// not too few, because each look has a price.
const (
	lookAhead = 2
	leastEach = 10
)

// look finds what is due. before is the look before, and last the workflow that had the last turn.
func (l *loop) look(before *queue, last string) (*queue, error) {
	now := time.Now()
	q := &queue{until: now.Add(l.r.poll())}
	each := before.taken + max(leastEach, lookAhead*cap(l.slots)/max(1, before.flows))
	free, err := l.r.Journal.Due(background, q.until, each)
	if err != nil {
		return q, err
	}
	held, err := l.r.Journal.Held(background, q.until)
	if err != nil {
		return q, err
	}
	found := slices.Concat(free, l.notBusy(slices.DeleteFunc(held, l.holding())))
	slices.SortStableFunc(found, func(a, b journal.Queued) int {
		return cmp.Or(cmp.Compare(a.Workflow, b.Workflow), a.Wake.Compare(b.Wake))
	})
	for len(found) > 0 {
		n := 1
		for n < len(found) && found[n].Workflow == found[0].Workflow {
			n++
		}
		q.add(l.notBusy(found[:n:n]), n, each, now)
		found = found[n:]
	}
	q.at = max(0, slices.IndexFunc(q.lanes, func(lane []journal.Queued) bool { return lane[0].Workflow > last }))
	return q, nil
}

// add adds the runs of a workflow. n is how many there were before those that this process works on
// were removed.
func (q *queue) add(lane []journal.Queued, n, each int, now time.Time) {
	q.flows++
	q.taken = max(q.taken, n-len(lane))
	if later := slices.IndexFunc(lane, func(run journal.Queued) bool { return run.Wake.After(now) }); later >= 0 {
		if lane[later].Wake.Before(q.until) {
			q.until = lane[later].Wake
		}
		lane, n = lane[:later], 0
	}
	if len(lane) > 0 {
		q.lanes = append(q.lanes, lane)
		q.more = q.more || n >= each
	}
}

// next returns the next run: the first one of the workflow whose turn it is.
func (q *queue) next() (run journal.Queued, found bool) {
	if len(q.lanes) == 0 {
		return journal.Queued{}, false
	}
	run = q.lanes[q.at][0]
	if rest := q.lanes[q.at][1:]; len(rest) > 0 {
		q.lanes[q.at] = rest
		q.at++
	} else {
		q.lanes = slices.Delete(q.lanes, q.at, q.at+1)
	}
	if q.at >= len(q.lanes) {
		q.at = 0
	}
	return run, true
}

// notBusy returns those of some runs that this process does not work on. work finds that out again;
// here it only saves the attempt.
func (l *loop) notBusy(runs []journal.Queued) []journal.Queued {
	l.r.mu.Lock()
	defer l.r.mu.Unlock()
	return slices.DeleteFunc(runs, func(run journal.Queued) bool {
		_, busy := l.r.busy[run.ID]
		return busy
	})
}

// holding returns a function that reports whether the holder of a run is another process that is
// alive. It asks once for each process.
func (l *loop) holding() func(journal.Queued) bool {
	l.r.mu.Lock()
	known := map[string]bool{}
	if l.r.session != nil {
		known[l.r.session.ID()] = false
	}
	l.r.mu.Unlock()
	return func(run journal.Queued) bool {
		alive, asked := known[run.Holder]
		if !asked {
			_, alive = l.r.alive(run.Holder)
			known[run.Holder] = alive
		}
		return alive
	}
}
