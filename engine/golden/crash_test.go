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

// deaths are crashes at a commit, before or after the journal writes it. Another process is told to
// resume the run.
var deaths = []faultKind{
	{name: "dies before the write", dies: true, lasts: true, err: errDead},
	{name: "dies after the write", written: true, dies: true, lasts: true, err: errDead},
}

// recoveries are crashes after which a worker finds the run, or after which the run is resumed
// late.
var recoveries = []faultKind{
	{name: "dies before the write, a worker goes on", dies: true, lasts: true, serves: true, err: errDead},
	{name: "dies after the write, a worker goes on", written: true, dies: true, lasts: true, serves: true, err: errDead},
	{name: "dies before the write, for long", dies: true, lasts: true, outage: rest, err: errDead},
	{name: "dies after the write, for long", written: true, dies: true, lasts: true, outage: rest, err: errDead},
}

// failures are commits that fail, so that the process does not know whether they were made. It
// tries again. If that fails, too, it gives up and returns an error. Then another process resumes
// the run, or the same one does so later.
var failures = []faultKind{
	{name: "fails once, not written", err: errDisk},
	{name: "fails once, though written", written: true, err: errDisk},
	{name: "gives up, not written", lasts: true, err: errDisk},
	{name: "gives up, though written", written: true, lasts: true, err: errDisk},
	{name: "goes on later, not written", lasts: true, stays: true, err: errDisk},
	{name: "goes on later, though written", written: true, lasts: true, stays: true, err: errDisk},
}

// What other tests show of crashes at commits holds for crashes at any moment, because each request
// that changes something is sent between two commits: the intent is on record before the request,
// and its outcome is on record before the next request.
func TestEffectsLeaveBetweenCommits(t *testing.T) {
	for _, f := range workflows() {
		t.Run(f.program.Name, func(t *testing.T) {
			calm := undisturbed(t, f)
			before, open := 0, false // the commits before the last request, and whether it changed something
			all := append(slices.Clone(calm.said), sandbox.Exchange{Request: "the end"})
			for i, e := range all {
				if reads(e) && strings.HasPrefix(all[min(i+1, len(all)-1)].Request, "RebootInstances ") {
					continue
				}
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

// A process crashes, or the journal fails, at a commit of a run, and then a second time at a later
// commit. Deaths are combined with all deaths, failures with failures of the same kind.
func TestCrashes(t *testing.T) {
	firsts, pairs := sample.Of(t, "crashes", 4), sample.Of(t, "second crashes after these", 4)
	for _, f := range workflows() {
		var points, seconds, doubts atomic.Int32
		t.Run(f.program.Name, func(t *testing.T) {
			calm := undisturbed(t, f)
			for _, first := range slices.Concat(deaths, recoveries, failures) {
				others := []faultKind{first}
				switch {
				case slices.ContainsFunc(deaths, func(k faultKind) bool { return k.name == first.name }):
					others = deaths
				case first.dies, first.stays:
					others = nil
				}
				for _, i := range firsts.Choose(f.program.Name+" "+first.name, calm.commits) {
					t.Run(fmt.Sprintf("%s at %d", first.name, i), func(t *testing.T) {
						t.Parallel()
						points.Add(1)
						w := disturbed(t, f, calm, "", journalFault{first, i})
						doubts.Add(int32(len(w.verdicts)))
						if want := doubt(calm, journalFault{first, i}); !slices.Equal(w.verdicts, want) {
							t.Errorf("a person had to say %q, and %q was expected", w.verdicts, want)
						}
						for _, second := range others {
							name := fmt.Sprintf("%s %s %d %s", f.program.Name, first.name, i, second.name)
							for _, j := range pairs.Choose(name, w.came.commits) {
								t.Run(fmt.Sprintf("then %s at %d", second.name, j), func(t *testing.T) {
									seconds.Add(1)
									disturbed(t, f, calm, "", journalFault{first, i}, journalFault{second, j})
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

// doubt returns the verdicts that a person must give after a fault. There is one only if the
// process crashes between the commit of a reboot's intent and the commit of its reply. If the
// commit of the intent was made but not acknowledged, the request was not sent.
func doubt(calm *ending, s journalFault) []engine.Verdict {
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
