package local_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/task"
)

// When a call leaves, its intent is on record byte for byte, and so is the answer to the effect
// before.
func TestAnEffectIsOnRecordBeforeItLeaves(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		tried := 0
		b.answer = func(c task.Call) error {
			_, entries, err := b.journal.Load(t.Context(), c.Run)
			if err != nil {
				t.Fatalf("%s leaves, and the run cannot be loaded: %v", c.Step, err)
			}
			last := entries[len(entries)-1]
			if last.Kind != journal.Intent || last.Step != c.Step || !bytes.Equal(last.Call.Input, c.Input) || last.Call.Attempt != c.Attempt || last.Call.Key() != c.Key() {
				t.Errorf("%s, attempt %d, leaves, and the last entry is %s of %s", c.Step, c.Attempt, last.Kind, last.Step)
			}
			if tried++; tried == 2 {
				return &task.Failure{Code: "Throttled", Message: "slow down", Transient: true}
			}
			return nil
		}
		o := b.order(twoEffects)
		result, err := b.process("first").Start(t.Context(), o, engine.Following{})
		b.want(result, err, engine.Succeeded, "first succeeded, second succeeded")
		if tried != 3 {
			t.Errorf("%d calls", tried)
		}
	})
}

// A mortal is the journal of a process that dies with one of its commits.
type mortal struct {
	journal.Journal
	dies func(commit int) bool // reports whether it dies after the commit, before the acknowledgement
	mu   sync.Mutex
	made int
	dead bool
}

var errMortal = errors.New("the process is dead")

func (m *mortal) Commit(ctx context.Context, c journal.Change) error {
	return m.write(func() error { return m.Journal.Commit(ctx, c) })
}

func (m *mortal) Put(ctx context.Context, run string, message journal.Message) error {
	return m.write(func() error { return m.Journal.Put(ctx, run, message) })
}

func (m *mortal) write(commit func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead {
		return errMortal
	}
	if err := commit(); err != nil {
		return err
	}
	m.made++
	if m.dead = m.dies(m.made); m.dead {
		return errMortal
	}
	return nil
}

func (m *mortal) isDead() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dead
}

// Whatever commit a process dies with, the next one continues where it stopped, and every effect
// happens once.
func TestACrashAtAnyCommit(t *testing.T) {
	points := 0
	for commit := 1; ; commit++ {
		died := false
		inBubble(t, func(t *testing.T, b *bench) {
			doomed := b.process("doomed")
			m := &mortal{Journal: b.journal, dies: func(made int) bool { return made == commit }}
			doomed.Journal = m
			o := b.order(twoEffects)
			_, err := doomed.Start(t.Context(), o, engine.Following{})
			if died = m.dead; !died {
				return
			}
			if !errors.Is(err, errMortal) {
				t.Errorf("commit %d: the process went on: %v", commit, err)
			}
			if err := doomed.Close(); err != nil {
				t.Fatal(err)
			}
			points++
			result, err := b.process("next").Follow(t.Context(), o.Run, engine.Following{})
			b.want(result, err, engine.Succeeded, "first succeeded, second succeeded")
			if len(b.calls) != 2 {
				t.Errorf("commit %d: %d effects", commit, len(b.calls))
			}
		})
		if !died {
			break
		}
	}
	if points != 3 {
		t.Errorf("two effects made %d commits, want 3: an intent, a reply with the next intent, a reply with the end", points)
	}
}

// An effect that can be neither repeated nor looked up is on record before the first call that
// reads its result. So a crash during that call makes nothing uncertain.
func TestASettledEffectIsOnRecordBeforeARead(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		doomed := b.process("doomed")
		asked, release := make(chan bool), make(chan bool)
		b.answer = func(c task.Call) error {
			switch {
			case !c.Settled:
				return &task.Again{Settled: true}
			case len(b.calls) == 2:
				close(asked)
				<-release
			}
			return nil
		}
		o := b.order("steps:\n  - {id: act, task: remote.once}\n")
		ended := make(chan error)
		go func() {
			_, err := doomed.Start(t.Context(), o, engine.Following{})
			ended <- err
		}()
		<-asked
		if err := doomed.Close(); err != nil {
			t.Fatal(err)
		}
		result, err := b.process("next").Follow(t.Context(), o.Run, engine.Following{})
		b.want(result, err, engine.Succeeded, "act succeeded")
		if last := b.calls[2]; !last.Settled || len(b.calls) != 3 {
			t.Errorf("%d calls, the last %+v", len(b.calls), last)
		}
		close(release)
		<-ended
	})
}

// A commit that fails for a moment is tried again. A commit that was made although it reported a
// failure is not made twice.
func TestAJournalThatFails(t *testing.T) {
	for _, made := range []bool{false, true} {
		inBubble(t, func(t *testing.T, b *bench) {
			r := b.process("first")
			failing := &failing{Journal: b.journal, made: made}
			r.Journal = failing
			o := b.order(twoEffects)
			begin := time.Now()
			result, err := r.Start(t.Context(), o, engine.Following{})
			b.want(result, err, engine.Succeeded, "first succeeded, second succeeded")
			if len(b.calls) != 2 || failing.failed < 3 {
				t.Errorf("%d effects, %d failures, in %s", len(b.calls), failing.failed, time.Since(begin))
			}
		})
	}
	inBubble(t, func(t *testing.T, b *bench) {
		r := b.process("first")
		r.Journal = &failing{Journal: b.journal, forGood: true}
		o := b.order(twoEffects)
		_, err := r.Start(t.Context(), o, engine.Following{})
		if store, ok := errors.AsType[*journal.StoreError](err); !ok || !store.Locked || len(b.calls) != 0 {
			t.Errorf("got %v; %d effects", err, len(b.calls))
		}
		result, err := b.process("second").Start(t.Context(), o, engine.Following{})
		b.want(result, err, engine.Succeeded, "first succeeded, second succeeded")
	})
}

// A failing journal fails each commit once, or all of them.
type failing struct {
	journal.Journal
	made    bool // a commit is made although it fails
	forGood bool
	next    int // one more than Next of the change that failed last
	failed  int
}

func (f *failing) Commit(ctx context.Context, c journal.Change) error {
	if f.forGood || f.next != c.Next+1 {
		f.next = c.Next + 1
		f.failed++
		if f.made {
			if err := f.Journal.Commit(ctx, c); err != nil {
				return err
			}
		}
		return &journal.StoreError{Doing: "commit", Locked: true, Err: errors.New("database is locked")}
	}
	return f.Journal.Commit(ctx, c)
}

// A run is on record before its first event: whoever sees its id can ask for it.
func TestARunIsOnRecordBeforeItIsAnnounced(t *testing.T) {
	for name, source := range map[string]string{
		"with an effect":  twoEffects,
		"that only waits": "steps:\n  - {id: wait, task: timer.minute}\n",
		"that asks":       "steps:\n  - id: ok\n    approval: {ask: \"Go?\", by: [Kim]}\n",
		"that computes":   "steps:\n  - {id: sum, task: stub.pure}\n",
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				heard := 0
				watch := func(e engine.Event) {
					heard++
					if _, _, err := b.journal.Load(t.Context(), e.Run); err != nil {
						t.Errorf("%s is announced: %v", e, err)
					}
				}
				if _, err := b.process("first").Start(t.Context(), b.order(source), engine.Following{Watch: watch}); err != nil || heard < 3 {
					t.Errorf("%d events, %v", heard, err)
				}
			})
		})
	}
}
