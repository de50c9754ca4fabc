package temporal

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/program"
	"errand/engine/task"
)

// A ledger is what the branches of one run share while a workflow carries the run out. Only one
// coroutine of a workflow works at a time, so a ledger needs no mutex.
type ledger struct {
	registry *task.Registry
	limits   limits
	run      Header
	watch    engine.Watch // may be nil
	wrap     func(engine.Host) engine.Host

	all      []journal.Numbered // every entry of the record, in order
	force    []journal.Numbered // those in force
	branches map[string][]int   // by branch: the indexes of its entries in force
	began    int                // the number of the last entry when the workflow began
	folded   int                // the number of the last entry at the last fold
	folds    int                // how often entries were folded
	decided  map[string]int     // the step's key → how many of its questions were decided
	retries  int                // how many times the run was retried
	rounds   map[string]int     // the step's key → the round of its calls
	earlier  engine.Rounds      // what earlier rounds left

	toldBefore map[string]int // by branch: how many events the workflows passed on that this one continues
	toldSoFar  map[string]int // likewise, with those of this workflow
	gone       map[string]int // by branch: how many events of this workflow a replay has no more, since folds

	messages []journal.Message
	cancel   bool // the run is to be cancelled
	resumed  int  // how often a person resumed the run
	asks     []asked
	resets   map[string]string // the step's key → the execution that its last call belongs to: see reset.go
	reset    *Reset            // before this workflow; may be nil
	info     *workflow.Info

	active  int  // branches that neither wait nor are waiting for branches that they forked
	edge    int  // how many of the active have come to the end of the record
	live    bool // all of them have
	waiting map[*host]engine.Wait
	held    int  // branches that wait until the run continues as new
	tooLong bool // the record is too long for that
	over    bool // every branch gives up; only tests set it

	published State  // what lists show
	ended     *State // how the run has ended; nil if it has not
}

// An asked question is an open one, with the branch that asks it.
type asked struct {
	engine.Question
	branch string
}

// newLedger returns the ledger of a record, and the host of the main steps.
func newLedger(ctx workflow.Context, registry *task.Registry, r Record, p *program.Program) *host {
	l := &ledger{
		registry: registry, info: workflow.GetInfo(ctx), reset: r.Reset, run: r.Run, published: r.State, messages: r.Messages, cancel: r.Cancel, branches: map[string][]int{}, decided: map[string]int{},
		rounds: map[string]int{}, resets: map[string]string{}, gone: map[string]int{}, toldBefore: r.Told, toldSoFar: maps.Clone(r.Told), waiting: map[*host]engine.Wait{}, active: 1,
	}
	journal.Numbers(r.Entries, func(number int, e journal.Entry) {
		l.all = append(l.all, journal.Numbered{Entry: e, Seq: number})
		l.count(e)
	})
	l.force, l.earlier = journal.InForce(r.Entries, p)
	for i, e := range l.force {
		l.branches[e.Branch] = append(l.branches[e.Branch], i)
	}
	if l.toldSoFar == nil {
		l.toldSoFar = map[string]int{}
	}
	l.began, l.folded = l.last(), l.last()
	ctx, _ = workflow.NewDisconnectedContext(ctx) // the run is told of a cancellation before its next effect, and no call is interrupted
	return &host{ledger: l, ctx: ctx, clock: r.Run.Started, mine: l.branches[""]}
}

// last returns the number of the last entry.
func (l *ledger) last() int {
	if len(l.all) == 0 {
		return 0
	}
	return l.all[len(l.all)-1].Seq
}

// add appends an entry to the record, and returns its index among those in force.
func (l *ledger) add(e journal.Entry) int {
	numbered := journal.Numbered{Entry: e, Seq: l.last() + 1}
	l.all, l.force = append(l.all, numbered), append(l.force, numbered)
	l.count(e)
	l.fold()
	return len(l.force) - 1
}

// count counts what makes the round of a question.
func (l *ledger) count(e journal.Entry) {
	switch e.Kind {
	case journal.Decided:
		l.decided[e.Step]++
	case journal.Retried:
		l.retries++
	}
}

// foldAfter is how many entries a run gets before the next looks are folded.
const foldAfter = 100

// fold takes looks that are over out of the record.
func (l *ledger) fold() {
	if l.last()-l.folded < foldAfter {
		return
	}
	f, kept := journal.FoldLooks(l.force, func(step string) bool {
		_, acted := l.rounds[step]
		return acted
	})
	if f == nil {
		return
	}
	l.force[kept].Entry, l.folded = f.Kept[0], l.last()
	l.folds++
	number := func(e journal.Numbered, seq int) int { return cmp.Compare(e.Seq, seq) }
	first, _ := slices.BinarySearchFunc(l.all, f.First, number)
	last, _ := slices.BinarySearchFunc(l.all, f.Last, number)
	rest := make([]journal.Numbered, len(f.Kept))
	for i, e := range f.Kept {
		rest[i] = journal.Numbered{Entry: e, Seq: f.Last - len(f.Kept) + 1 + i}
	}
	looks := (last+1-first)/len(f.Kept) - 1
	l.gone[f.Kept[0].Branch] += looks // each look that was over had one event, and the one that is kept has it still
	l.toldSoFar[f.Kept[0].Branch] -= looks
	l.all = slices.Replace(l.all, first, last+1, rest...)
}

// entries returns the entries of the record.
func (l *ledger) entries() []journal.Entry {
	entries := make([]journal.Entry, len(l.all))
	for i, e := range l.all {
		entries[i] = e.Entry
	}
	return entries
}

// message returns what a person decided about the present question of a step, or nil.
func (l *ledger) message(step string) *journal.Message {
	round := l.questionRound(step)
	for i := range l.messages {
		if m := &l.messages[i]; m.Step == step && m.Round == round {
			return m
		}
	}
	return nil
}

// questionRound is the round of a step's present question. Each decision and each retry begins
// another one.
func (l *ledger) questionRound(step string) int { return 1 + l.decided[step] + l.retries }

// canceller returns who cancelled the run in its present round.
func (l *ledger) canceller() engine.Person {
	for _, m := range l.messages {
		if m.Step == "" && m.Verdict == engine.VerdictCancel && m.Round == 1+l.retries {
			return m.By
		}
	}
	return engine.Person{}
}

// waits returns what the branches wait for, in order.
func (l *ledger) waits() []engine.Wait {
	waits := make([]engine.Wait, 0, len(l.waiting))
	for _, w := range l.waiting {
		waits = append(waits, w)
	}
	slices.SortFunc(waits, func(a, b engine.Wait) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Step, b.Step)) })
	return waits
}

// rests reports whether no branch has anything to do before a wait ends.
func (l *ledger) rests() bool { return l.active == 0 }

// status returns how a run that has not ended stands.
func (l *ledger) status() engine.Status {
	switch {
	case !l.rests() || l.held > 0:
		return engine.Running
	case slices.ContainsFunc(l.asks, func(q asked) bool { return q.Failure != nil }):
		return engine.Uncertain
	}
	return engine.Waiting
}

// due returns when the first of some waits ends by itself; zero means never.
func due(waits []engine.Wait) (first time.Time) {
	for _, w := range waits {
		if !w.Due.IsZero() && (first.IsZero() || w.Due.Before(first)) {
			first = w.Due
		}
	}
	return first
}
