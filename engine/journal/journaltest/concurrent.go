package journaltest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"errand/engine/journal"
)

const (
	many  = 50
	steps = 6
)

func manyOnTheirOwn(t *testing.T, j journal.Journal) {
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() {
			id, holder := fmt.Sprintf("run%d", i), fmt.Sprintf("s%d", i)
			if err := j.Commit(t.Context(), begin(id, holder)); err != nil {
				t.Errorf("%s: %v", id, err)
			}
			for step := range steps {
				if err := j.Commit(t.Context(), next(id, step, holder)); err != nil {
					t.Errorf("%s, step %d: %v", id, step, err)
				}
				if r, entries, err := j.Load(t.Context(), id); err != nil || r.Next != step+1 || len(entries) != step+1 {
					t.Errorf("%s, step %d: loaded %d with %d entries, %v", id, step, r.Next, len(entries), err)
				}
			}
		})
	}
	wg.Wait()
	same(t, "the number of runs", len(ids(t, j, journal.Query{})), many)
}

func manyOnOne(t *testing.T, j journal.Journal) {
	must(t, j, begin("shared", ""))
	var wg sync.WaitGroup
	var mu sync.Mutex
	won, created := make([]int, steps), 0
	for i := range many {
		wg.Go(func() {
			for step := range steps {
				c := next("shared", step, "")
				c.Entries[0].Process = fmt.Sprintf("process %d", i)
				err := j.Commit(t.Context(), c)
				if err == nil {
					mu.Lock()
					won[step]++
					mu.Unlock()
				} else if !errors.Is(err, journal.ErrMoved) {
					t.Errorf("step %d: %v", step, err)
				}
				if r, _, err := j.Load(t.Context(), "shared"); err != nil || r.Next <= step {
					t.Errorf("step %d: after it there are %d entries, %v", step, r.Next, err)
				}
			}
			c := begin(fmt.Sprintf("try%d", i), "")
			c.Create.Request = "100-shared once"
			err := j.Commit(t.Context(), c)
			if err == nil {
				mu.Lock()
				created++
				mu.Unlock()
			} else if _, exists := errors.AsType[*journal.ExistsError](err); !exists {
				t.Errorf("create: %v", err)
			}
		})
	}
	wg.Wait()
	for step, n := range won {
		same(t, fmt.Sprintf("how many won step %d", step), n, 1)
	}
	same(t, "how many created the run", created, 1)
	r, entries := load(t, j, "shared")
	same(t, "the number of entries", []int{r.Next, len(entries)}, []int{steps, steps})
}
