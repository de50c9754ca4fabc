package chart

import (
	"testing"
	"time"

	"errand/engine"
)

func TestOutcomeOf(t *testing.T) {
	waits := func(kinds ...engine.WaitFor) (waits []engine.Wait) {
		for _, kind := range kinds {
			waits = append(waits, engine.Wait{For: kind})
		}
		return waits
	}
	cases := []struct {
		name   string
		status engine.Status
		waits  []engine.Wait
		want   Outcome
	}{
		{"succeeded", engine.Succeeded, nil, Succeeded},
		{"failed", engine.Failed, nil, Failed},
		{"cancelled", engine.Cancelled, nil, Cancelled},
		{"a person decides what an uncertain step did", engine.Uncertain, waits(engine.WaitPerson), Uncertain},
		{"uncertain, and its machine must be mended", engine.Uncertain, waits(engine.WaitTrouble), Uncertain},
		{"running", engine.Running, nil, Open},
		{"due", engine.Waiting, waits(engine.WaitProcess), Open},
		{"a retry", engine.Waiting, waits(engine.WaitRetry, engine.WaitPoll), Open},
		{"an approval", engine.Waiting, waits(engine.WaitPerson), WaitingForPerson},
		{"an approval, and a branch that goes on", engine.Waiting, waits(engine.WaitTime, engine.WaitPerson), WaitingForPerson},
		{"an approval, and a branch that works", engine.Running, waits(engine.WaitPerson), WaitingForPerson},
		{"a copied home", engine.Waiting, waits(engine.WaitAdoption), WaitingForPerson},
		{"quarantined", engine.Waiting, waits(engine.WaitPerson, engine.WaitTrouble), WaitingForRepair},
		{"a status of a later version", "paused", nil, Open},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := run("w", c.status, time.Time{})
			v.Waits = c.waits
			if got := OutcomeOf(v); got != c.want {
				t.Errorf("%s, not %s", got.Word(), c.want.Word())
			}
		})
	}
}

func TestTallyWords(t *testing.T) {
	cases := []struct {
		counts map[Outcome]int
		want   string
	}{
		{nil, "no runs"},
		{map[Outcome]int{Succeeded: 1}, "1 run, succeeded"},
		{map[Outcome]int{Open: 1}, "1 run, running or waiting"},
		{map[Outcome]int{Succeeded: 14}, "14 runs, all succeeded"},
		{map[Outcome]int{Failed: 3}, "3 runs, all failed"},
		{map[Outcome]int{Succeeded: 11, Failed: 2, Uncertain: 1}, "14 runs, 1 uncertain, 2 failed"},
		{map[Outcome]int{Open: 1, WaitingForPerson: 2, Cancelled: 3, WaitingForRepair: 4, Failed: 5, Uncertain: 6},
			"21 runs, 6 uncertain, 5 failed, 4 waiting for repair, 3 cancelled, 2 waiting for a person, 1 running or waiting"},
	}
	for _, c := range cases {
		t.Run(c.want, func(t *testing.T) {
			var tally Tally
			for o, n := range c.counts {
				tally.add(o, n)
			}
			if got := tally.Words(); got != c.want {
				t.Errorf("%q, not %q", got, c.want)
			}
		})
	}
}
