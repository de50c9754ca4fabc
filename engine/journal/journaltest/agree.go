package journaltest

import (
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"errand/engine"
	"errand/engine/journal"
)

// randomChangesAgree makes random changes in a journal and in a Memory. It compares their answers,
// and the entries with those that were committed.
func randomChangesAgree(t *testing.T, open func(t *testing.T) journal.Journal) {
	rapid.Check(t, func(r *rapid.T) {
		j := open(t)
		if c, ok := j.(io.Closer); ok {
			defer func() { _ = c.Close() }()
		}
		p := &pair{t: t, memory: journal.NewMemory(), other: j, entries: map[string][]journal.Entry{}}
		r.Repeat(map[string]func(*rapid.T){
			"create": p.create,
			"change": p.change,
			"cancel": p.cancel,
			"take":   p.take,
			"go on":  p.goOn,
			"end":    p.end,
			"list":   p.list,
			"queue":  p.queue,
			"prune":  p.prune,
			"":       p.compare,
		})
	})
}

// A pair is two journals that get the same calls.
type pair struct {
	t       *testing.T
	memory  *journal.Memory
	other   journal.Journal
	entries map[string][]journal.Entry // those that were committed, by run
}

// The values of random changes. There are few of each, so that changes have values in common.
var (
	someRuns     = rapid.SampledFrom([]string{"a", "b", "c", "d"})
	someHolders  = rapid.SampledFrom([]string{"", "s1", "s2"})
	someRequests = rapid.SampledFrom([]string{"", "100-1", "100-2"})
	someKeys     = rapid.SampledFrom([]string{"", "", "i-1", "i-2"})
	someFlows    = rapid.SampledFrom([]string{"start", "stop"})
	someTimes    = rapid.OneOf(
		rapid.Just(time.Time{}),
		rapid.Map(rapid.IntRange(0, 5), func(n int) time.Time { return start.Add(time.Duration(n)) }),
		rapid.Map(rapid.Int64(), func(n int64) time.Time { return time.Unix(n%(1<<37), n%1e9).In(time.FixedZone("", int(n%50000/60*60))) }),
	)
	someEntryTimes = rapid.Map(rapid.Int64Range(0, 1<<37), func(n int64) time.Time { return time.Unix(n, n%1e9).UTC() })
	someJSON       = rapid.Map(rapid.MapOf(rapid.String(), rapid.String()), func(m map[string]string) json.RawMessage {
		data, err := json.Marshal(m)
		if err != nil {
			panic(err)
		}
		return data
	})
	someWaits = rapid.Custom(func(r *rapid.T) engine.Wait {
		at := rapid.OneOf(rapid.Just(time.Time{}), someEntryTimes, rapid.Map(someEntryTimes, inAnotherZone))
		return engine.Wait{
			For:    rapid.SampledFrom([]engine.WaitFor{engine.WaitPerson, engine.WaitTime, ""}).Draw(r, "for"),
			Step:   rapid.String().Draw(r, "step"),
			Since:  at.Draw(r, "since"),
			Due:    at.Draw(r, "due"),
			Reason: rapid.String().Draw(r, "reason"),
		}
	})
	someState = rapid.Custom(func(r *rapid.T) journal.State {
		return journal.State{
			Status: engine.Status(rapid.OneOf(rapid.SampledFrom([]string{"waiting", "failed"}), rapid.String()).Draw(r, "status")),
			Wake:   someTimes.Draw(r, "wake"),
			Ended:  someTimes.Draw(r, "ended"),
			Result: rapid.OneOf(rapid.Just(json.RawMessage(nil)), someJSON).Draw(r, "result"),
			Waits:  rapid.SliceOfN(someWaits, 0, 2).Draw(r, "waits"),
		}
	})
	someEntries = rapid.Map(rapid.SliceOfN(rapid.MakeCustom[journal.Entry](rapid.MakeConfig{Types: map[reflect.Type]*rapid.Generator[any]{
		reflect.TypeFor[time.Time]():       someEntryTimes.AsAny(),
		reflect.TypeFor[json.RawMessage](): someJSON.AsAny(),
		reflect.TypeFor[engine.Person](): rapid.Custom(func(r *rapid.T) engine.Person {
			return engine.Person{Name: rapid.String().Draw(r, "name"), EnteredBy: rapid.String().Draw(r, "entered by")}
		}).AsAny(),
		reflect.TypeFor[[]journal.Range](): rapid.Map(rapid.SliceOfDistinct(rapid.IntRange(1, 9), func(n int) int { return n }), func(n []int) []journal.Range {
			slices.Sort(n)
			return journal.Ranges(n)
		}).AsAny(),
		reflect.TypeFor[[]string](): rapid.OneOf(rapid.Just([]string(nil)), rapid.SliceOfN(rapid.String(), 1, 3)).AsAny(),
	}}), 0, 2), withoutLooks)
)

// withoutLooks removes from replies what is not stored with them.
func withoutLooks(entries []journal.Entry) []journal.Entry {
	for _, e := range entries {
		if e.Reply != nil {
			e.Reply.Looks = 0
		}
	}
	return entries
}

func inAnotherZone(t time.Time) time.Time { return t.In(time.FixedZone("", 3600)) }

func (p *pair) commit(r *rapid.T, c journal.Change) {
	first, second := p.memory.Commit(p.t.Context(), c), p.other.Commit(p.t.Context(), c)
	wants(r, "commit", second, first)
	if first == nil {
		p.entries[c.Run] = append(p.entries[c.Run], c.Entries...)
	}
}

func (p *pair) create(r *rapid.T) {
	id := someRuns.Draw(r, "run")
	c := journal.Change{
		Run: id, Holder: someHolders.Draw(r, "holder"), State: someState.Draw(r, "state"), Entries: someEntries.Draw(r, "entries"),
		Again: rapid.Bool().Draw(r, "again"), At: someTimes.Draw(r, "at"),
		Create: &journal.Run{
			ID: id, Version: rapid.SampledFrom([]int{2, 2, 2, 3}).Draw(r, "version"),
			Workflow: someFlows.Draw(r, "workflow"), Request: someRequests.Draw(r, "request"),
			Inputs: someJSON.Draw(r, "inputs"), Started: someTimes.Draw(r, "started"),
			File: rapid.String().Draw(r, "file"), StartedBy: rapid.String().Draw(r, "started by"),
			Requesters: rapid.SliceOfN(rapid.String(), 0, 2).Draw(r, "requesters"),
			Owners:     rapid.SliceOfN(someOwners, 0, 2).Draw(r, "owners"),
			Key:        someKeys.Draw(r, "key"),
			URL:        rapid.SampledFrom([]string{"", "https://errand.example.com/runs/a"}).Draw(r, "url"),
		},
	}
	c.Create.Source, c.Create.Digest = someSource(r)
	p.commit(r, c)
}

// someSource returns a definition, or only its digest.
func someSource(r *rapid.T) (source []byte, digest string) {
	digest = rapid.SampledFrom(someDigests).Draw(r, "digest")
	if rapid.IntRange(0, 3).Draw(r, "source") > 0 {
		source = []byte("the source of " + digest)
	}
	return source, digest
}

var someOwners = rapid.SampledFrom([]string{"token:desk", "person:kim", ""})

var someDigests = []string{"d1", "d2", "d3"}

func (p *pair) change(r *rapid.T) {
	id := someRuns.Draw(r, "run")
	known, _, _ := p.memory.Load(p.t.Context(), id)
	c := journal.Change{
		Run: id, Next: known.Next, From: known.Holder, Knows: rapid.Bool().Draw(r, "knows"), Uncancel: rapid.Bool().Draw(r, "uncancel"),
		Holder: someHolders.Draw(r, "holder"), State: someState.Draw(r, "state"), Entries: someEntries.Draw(r, "entries"), At: someTimes.Draw(r, "at"),
	}
	switch rapid.IntRange(0, 9).Draw(r, "mistake") {
	case 0:
		c.Next = rapid.IntRange(0, 5).Draw(r, "next")
	case 1:
		c.From = someHolders.Draw(r, "from")
	case 2:
		c.Source, c.Digest = someSource(r)
		c.File = rapid.String().Draw(r, "file")
	}
	p.commit(r, c)
}

// goOn lets a process take a run up, give it up or retry it.
func (p *pair) goOn(r *rapid.T) {
	id := someRuns.Draw(r, "run")
	known, _, _ := p.memory.Load(p.t.Context(), id)
	at := someEntryTimes.Draw(r, "at")
	p.commit(r, journal.Change{
		Run: id, Next: known.Next, From: known.Holder, Knows: true, Uncancel: !known.Ended.IsZero(), Holder: someHolders.Draw(r, "holder"), At: at,
		State: journal.State{Status: engine.Waiting, Wake: at, Waits: rapid.SliceOfN(someWaits, 0, 2).Draw(r, "waits")},
	})
}

// end ends a run. So the next run of its key gets the turn.
func (p *pair) end(r *rapid.T) {
	id := someRuns.Draw(r, "run")
	known, _, _ := p.memory.Load(p.t.Context(), id)
	at := someEntryTimes.Draw(r, "at")
	p.commit(r, journal.Change{
		Run: id, Next: known.Next, From: known.Holder, Knows: true, At: at, State: journal.State{Status: engine.Failed, Ended: at, Result: []byte(`{}`)},
	})
}

func (p *pair) cancel(r *rapid.T) {
	id := someRuns.Draw(r, "run")
	m := journal.Message{Round: rapid.IntRange(1, 3).Draw(r, "round"), At: start, Verdict: engine.VerdictCancel, By: engine.Person{Name: rapid.String().Draw(r, "by")}}
	wants(r, "cancel", p.other.Cancel(p.t.Context(), id, m), p.memory.Cancel(p.t.Context(), id, m))
	messages, err := p.memory.Messages(p.t.Context(), id)
	others, otherErr := p.other.Messages(p.t.Context(), id)
	wants(r, "messages", otherErr, err)
	same(r, "messages", others, messages)
}

// prune prunes in both, perhaps at a time that some runs ended before.
func (p *pair) prune(r *rapid.T) {
	before, at := someTimes.Draw(r, "ended before"), start.Add(time.Hour)
	want, err := p.memory.Prunable(p.t.Context(), before)
	got, other := p.other.Prunable(p.t.Context(), before)
	wants(r, "prunable", other, err)
	same(r, "what can be pruned", got, want)
	pruned, err := p.memory.Prune(p.t.Context(), before, at)
	others, other := p.other.Prune(p.t.Context(), before, at)
	wants(r, "prune", other, err)
	same(r, "what was pruned", others, pruned)
	same(r, "what was pruned, and what could be", pruned, want) // they are few
}

func (p *pair) list(r *rapid.T) {
	q := journal.Query{
		Pruned:   rapid.Bool().Draw(r, "pruned"),
		Workflow: rapid.OneOf(rapid.Just(""), someFlows).Draw(r, "workflow"),
		Request:  someRequests.Draw(r, "request"),
		Status:   rapid.SampledFrom([]engine.Status{"", "", "waiting", "failed"}).Draw(r, "status"),
		WaitsFor: rapid.SampledFrom([]engine.WaitFor{"", "", engine.WaitPerson, engine.WaitTime, engine.WaitTurn}).Draw(r, "waits for"),
		Open:     rapid.Bool().Draw(r, "open"),
		Limit:    rapid.IntRange(0, 3).Draw(r, "limit"),
		Due:      someTimes.Draw(r, "due"),
	}
	if q.Due.IsZero() {
		q.After = rapid.OneOf(rapid.Just(""), someRuns).Draw(r, "after")
	}
	switch rapid.IntRange(0, 3).Draw(r, "more") {
	case 0:
		q.Owners = rapid.SliceOfN(someOwners, 0, 2).Draw(r, "owners")
	case 1:
		q.Run = someRuns.Draw(r, "this run")
	case 2:
		q.Changed = someTimes.Draw(r, "changed")
	}
	p.listed(r, q)
	want, asked, err := p.memory.Latest(p.t.Context(), q.Workflow, q.Request)
	got, others, other := p.other.Latest(p.t.Context(), q.Workflow, q.Request)
	wants(r, "latest", other, err)
	same(r, "the latest", got, want)
	same(r, "the latest's inputs", string(others), string(asked))
}

func (p *pair) listed(r *rapid.T, q journal.Query) {
	want, err := p.memory.List(p.t.Context(), q)
	got, other := p.other.List(p.t.Context(), q)
	wants(r, "list", other, err)
	same(r, "the list", got, want)
}

// compare reads everything. It runs after every change.
func (p *pair) compare(r *rapid.T) {
	p.listed(r, journal.Query{Pruned: true})
	p.compareIntake(r)
	for _, digest := range someDigests {
		want, err := p.memory.Definition(p.t.Context(), digest)
		got, other := p.other.Definition(p.t.Context(), digest)
		wants(r, "definition", other, err)
		same(r, "the definition", string(got), string(want))
	}
	for id, entries := range p.entries {
		want, first, err := p.memory.Load(p.t.Context(), id)
		got, second, other := p.other.Load(p.t.Context(), id)
		wants(r, "load", other, err)
		mark, unmarked := p.other.Mark(p.t.Context(), id)
		wants(r, "mark", unmarked, nil)
		same(r, "the mark", mark, want.Mark())
		same(r, "the run", got, want)
		same(r, "the entries", second, first)
		if err == nil {
			same(r, "the committed entries", append([]journal.Entry{}, first...), append([]journal.Entry{}, entries...))
		}
	}
}
