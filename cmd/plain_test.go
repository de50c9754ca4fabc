package cmd

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
)

// What was done before a run goes on is printed in the order of its times, soon, and before what is done
// now.
func TestPlainOrdersThePast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now().Add(-time.Minute)
		past := []engine.Event{{Kind: engine.EventRunStarted, Run: "r", Name: "w", At: began}}
		for _, branch := range []string{"a", "b", "c"} {
			for second := range 5 {
				past = append(past, engine.Event{Kind: engine.EventStepSucceeded, Step: branch, Message: "done", At: began.Add(time.Duration(second) * time.Second)})
			}
		}
		var b bytes.Buffer
		p := newFollowing(&b, nil)
		for _, e := range past {
			p.event(e)
		}
		time.Sleep(2 * pastDelay) // the run waits
		synctest.Wait()
		if n := strings.Count(b.String(), "\n"); n != len(past) {
			t.Fatalf("%d of %d events were printed:\n%s", n, len(past), b.String())
		}
		p.event(past[1]) // it comes again when a process goes on
		p.event(engine.Event{Kind: engine.EventStepSucceeded, Step: "d", At: time.Now()})
		p.end()
		lines := strings.Split(strings.TrimSpace(b.String()), "\n")
		var times []string
		for _, line := range lines[1:len(past)] {
			times = append(times, strings.Fields(line)[0])
		}
		if !slices.IsSorted(times) || !strings.HasPrefix(strings.TrimSpace(lines[len(lines)-1]), "+1m") {
			t.Errorf("printed:\n%s", b.String())
		}
	})
}
