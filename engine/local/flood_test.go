package local

import (
	"testing"
	"testing/synctest"
	"time"
)

// In a flood of starts the loop gives way, but only for a while, and only while there is room for those
// who call next.
func TestCallersGoFirst(t *testing.T) {
	for _, c := range []struct {
		name           string
		callers        int64
		queue, waiting int
		want           time.Duration
	}{
		{"one caller", 1, 0, 0, 0},
		{"many callers", 2, 0, 0, 20 * time.Millisecond},
		{"many callers and room", 2, 10, 4, 20 * time.Millisecond},
		{"many callers and a queue that is half full", 2, 10, 5, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &Runner{Queue: c.queue}
				r.backlog.runs = c.waiting
				r.accepting.Store(c.callers)
				began := time.Now()
				(&loop{r: r}).letCallersGoFirst()
				if got := time.Since(began); got != c.want {
					t.Errorf("the loop gave way for %s, want %s", got, c.want)
				}
			})
		})
	}
}

// The places of the events of a run are remembered by branch, the main one among them.
func TestToldPlaces(t *testing.T) {
	var told toldPlaces
	for i, branch := range []string{"", "a", "b", "a", ""} {
		told.set(branch, told.of(branch).Entered(i+1))
	}
	for branch, want := range map[string]int{"": 5, "a": 4, "b": 3, "c": 0} {
		if got := told.of(branch).Seq(); got != want {
			t.Errorf("branch %q: place %d, want %d", branch, got, want)
		}
	}
}
