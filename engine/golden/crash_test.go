package golden_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/sample"
	"errand/tasks/sandbox"
)

var (
	errDead = &journal.StoreError{Doing: "commit", Err: errors.New("the process has ended")}
	errDisk = &journal.StoreError{Doing: "commit", Err: errors.New("input/output error")}
)

// The process ends at a commit, before it was made or before anybody was told. Another one is told to go on.
var deaths = []kind{
	{name: "dies before the write", dies: true, lasts: true, err: errDead},
	{name: "dies after the write", written: true, dies: true, lasts: true, err: errDead},
}

// The same, where nobody need tell the other one; and where that comes late.
var recoveries = []kind{
	{name: "dies before the write, a worker goes on", dies: true, lasts: true, serves: true, err: errDead},
	{name: "dies after the write, a worker goes on", written: true, dies: true, lasts: true, serves: true, err: errDead},
	{name: "dies before the write, for long", dies: true, lasts: true, outage: rest, err: errDead},
	{name: "dies after the write, for long", written: true, dies: true, lasts: true, outage: rest, err: errDead},
}

// A commit fails, which leaves open whether it was made, and the process lives: it tries again, and where that does not help it gives
// up and says so. Then another process goes on, or the same one later.
var failures = []kind{
	{name: "fails once, not written", err: errDisk},
	{name: "fails once, though written", written: true, err: errDisk},
	{name: "gives up, not written", lasts: true, err: errDisk},
	{name: "gives up, though written", written: true, lasts: true, err: errDisk},
	{name: "goes on later, not written", lasts: true, stays: true, err: errDisk},
	{name: "goes on later, though written", written: true, lasts: true, stays: true, err: errDisk},
}

// What the other tests show of crashes at commits holds for a crash at any moment, since each request that changes something leaves
// between two commits of its own: before it its intent is put on record, and after it, before the next request, what it came to.
func TestEffectsLeaveBetweenCommits(t *testing.T) {
	for _, f := range workflows() {
		t.Run(f.program.Name, func(t *testing.T) {
			calm := undisturbed(t, f)
			before, open := 0, false // how many commits there were before the last request, and whether it changed something
			for i, e := range append(calm.said, sandbox.Exchange{Request: "the end"}) {
				commits := calm.commits
				if i < len(calm.stood) {
					commits = calm.stood[i]
				}
				if (open || !reads(e)) && commits == before {
					t.Errorf("there is no commit before %s", e.Request)
				}
				before, open = commits, !reads(e)
			}
		})
	}
}

// A crash at every commit of a run, and after each of them a second one at every commit that then follows: deaths in all their
// combinations, a failure that the process gets over or ends with, with its like.
func TestCrashes(t *testing.T) {
	firsts, pairs := sample.Of(t, "crashes", 4), sample.Of(t, "second crashes after these", 4)
	for _, f := range workflows() {
		var points, seconds, doubts atomic.Int32
		t.Run(f.program.Name, func(t *testing.T) {
			calm := undisturbed(t, f)
			for _, first := range slices.Concat(deaths, recoveries, failures) {
				others := []kind{first}
				switch {
				case slices.ContainsFunc(deaths, func(k kind) bool { return k.name == first.name }):
					others = deaths
				case first.dies, first.stays:
					others = nil
				}
				for _, i := range firsts.Choose(f.program.Name+" "+first.name, calm.commits) {
					t.Run(fmt.Sprintf("%s at %d", first.name, i), func(t *testing.T) {
						t.Parallel()
						points.Add(1)
						w := disturbed(t, f, calm, "", strike{first, i})
						doubts.Add(int32(len(w.verdicts)))
						if want := doubt(calm, strike{first, i}); !slices.Equal(w.verdicts, want) {
							t.Errorf("a person had to say %q, and %q was expected", w.verdicts, want)
						}
						for _, second := range others {
							name := fmt.Sprintf("%s %s %d %s", f.program.Name, first.name, i, second.name)
							for _, j := range pairs.Choose(name, w.came.commits) {
								t.Run(fmt.Sprintf("then %s at %d", second.name, j), func(t *testing.T) {
									seconds.Add(1)
									disturbed(t, f, calm, "", strike{first, i}, strike{second, j})
								})
							}
						}
					})
				}
			}
		})
		t.Logf("%s: %d runs with one crash, %d of them uncertain, and %d with two", f.program.Name, points.Load(), doubts.Load(), seconds.Load())
	}
}

// doubt is what a person has to say after a strike: something only where the process ended between the commit of a reboot's intent and
// the commit of its reply. Where it was the intent's that was made and never told, nothing had been sent.
func doubt(calm *ending, s strike) []engine.Verdict {
	reboot := slices.IndexFunc(calm.said, func(e sandbox.Exchange) bool { return strings.HasPrefix(e.Request, "RebootInstances ") })
	if reboot < 0 || !s.lasts {
		return nil
	}
	switch intent := calm.stood[reboot]; {
	case s.written && s.at == intent:
		return []engine.Verdict{engine.VerdictRetry}
	case !s.written && s.at == intent+1:
		return []engine.Verdict{engine.VerdictDone}
	}
	return nil
}
