package chart

import (
	"fmt"
	"strings"
)

// A Tally says how many runs came to what. The zero Tally has no runs.
type Tally struct {
	Runs   int
	Worst  Outcome         // NoRuns if there are none
	Counts [len(looks)]int // the runs of each outcome
}

func (t *Tally) add(o Outcome, runs int) {
	if runs == 0 {
		return
	}
	t.Runs += runs
	t.Counts[o] += runs
	t.Worst = max(t.Worst, o)
}

func (t *Tally) merge(other Tally) {
	for o, runs := range other.Counts {
		t.add(Outcome(o), runs)
	}
}

// Words returns the tally in words, the worst outcome first: "14 runs, 1 uncertain, 2 failed". The
// other runs succeeded.
func (t Tally) Words() string {
	switch {
	case t.Runs == 0:
		return NoRuns.Word()
	case t.Runs == 1:
		return "1 run, " + t.Worst.Word()
	case t.Counts[t.Worst] == t.Runs:
		return fmt.Sprintf("%d runs, all %s", t.Runs, t.Worst.Word())
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d runs", t.Runs)
	for o := t.Worst; o > Succeeded; o-- {
		if t.Counts[o] > 0 {
			fmt.Fprintf(&b, ", %d %s", t.Counts[o], o.Word())
		}
	}
	return b.String()
}
