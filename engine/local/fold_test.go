package local_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// An unfolded is a journal that stores no folds.
type unfolded struct{ journal.Journal }

// Commit implements journal.Writer.
func (u *unfolded) Commit(ctx context.Context, c journal.Change) error {
	c.Fold = nil
	return u.Journal.Commit(ctx, c)
}

// The looks of a poll that are over, and of a task that is not done yet, are folded, whether the
// run waits in memory or is parked. The result and the events that remain are those of a run whose
// looks are all on record.
func TestLooksAreFolded(t *testing.T) {
	poll := func(every, script string) string {
		return fmt.Sprintf(`
steps:
  - {id: before, task: remote.evident}
  - {id: poll, task: stub.reads, with: {script: %q}, until: "result.calls >= 300", every: %s}
  - {id: after, task: remote.evident}
`, script, every)
	}
	again := func(script string) string {
		return fmt.Sprintf("steps:\n  - {id: wait, task: stub.reads, with: {script: %q}}\n  - {id: after, task: remote.evident}\n", script)
	}
	for _, c := range []struct {
		name, source string
		most         int // how many entries are left
	}{
		{"in memory", poll("10s", "ok"), 150},
		{"parked", poll("1m", "ok"), 150},
		{"not done yet", again(strings.Repeat("again 10s, ", 300) + "ok"), 150},
		{"with failures", poll("10s", strings.Repeat("ok, ok, ok, ok, ok, ok, ok, ok, ok, ok, ok, throttled, ", 25)+"ok"), 150},
	} {
		t.Run(c.name, func(t *testing.T) {
			results, events, entries := [2]engine.View{}, [2][]engine.Event{}, [2][]journal.Entry{}
			for i := range results {
				inBubble(t, func(t *testing.T, b *bench) {
					counted := &loading{Journal: b.journal}
					if b.journal = counted; i == 1 {
						b.journal = &unfolded{counted}
					}
					o := b.order(c.source)
					v, err := b.process("first").Start(t.Context(), o, engine.Following{})
					if err != nil || v.Status != engine.Succeeded {
						t.Fatalf("the run %s: %v, %v", v.Status, v.Failure, err)
					}
					results[i] = v
					if read := counted.entries.Load(); i == 0 && read > 300*130 {
						t.Errorf("%d entries were read for 300 looks", read)
					}
					look, err := b.process("judge").Look(t.Context(), o.Run)
					if err != nil || !reflect.DeepEqual(look.Result, v.Result) {
						t.Errorf("a replay gives %+v, want %+v (%v)", look.Result, v.Result, err)
					}
					_, entries[i], _ = b.journal.Load(t.Context(), o.Run)
					events[i], err = b.process("reader").Events(t.Context(), o.Run, engine.EventID{})
					if err != nil {
						t.Error(err)
					}
				})
			}
			if !reflect.DeepEqual(results[0].Result, results[1].Result) {
				t.Errorf("the result is\n%+v\nwithout folds it is\n%+v", results[0].Result, results[1].Result)
			}
			if len(entries[0]) > c.most || len(entries[1]) < 900 {
				t.Errorf("%d entries are left of %d", len(entries[0]), len(entries[1]))
			}
			all := map[engine.EventID]engine.Event{}
			for _, e := range events[1] {
				all[e.ID] = e
			}
			for _, e := range events[0] {
				if !reflect.DeepEqual(e, all[e.ID]) {
					t.Errorf("the event %s is %+v, without folds %+v", e.ID, e, all[e.ID])
				}
			}
		})
	}
}

// After an event whose look is folded come the events that are left, in every process. An event
// that never was is unknown all the same.
func TestEventsAfterAFoldedOne(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		o := b.order("steps:\n  - {id: poll, task: stub.reads, with: {script: ok}, until: result.calls >= 300, every: 10s}\n")
		ctx, end := context.WithCancel(t.Context())
		first := b.process("first")
		go func() { _, _ = first.Start(ctx, o, engine.Following{}) }()
		time.Sleep(105 * time.Second)
		early, err := b.process("reader").Events(t.Context(), o.Run, engine.EventID{})
		if err != nil || len(early) != 13 || early[12].Looks != 11 {
			t.Fatalf("%d events, the last one %+v, %v", len(early), early[len(early)-1], err)
		}
		var heard []engine.Event
		tail := b.process("follower")
		watched := make(chan bool)
		go func() {
			_, _ = tail.WatchOther(t.Context(), o.Run, func(e engine.Event) { heard = append(heard, e) })
			close(watched)
		}()
		time.Sleep(1200 * time.Second)
		end()
		synctest.Wait()
		<-watched
		v, err := b.process("second").Follow(t.Context(), o.Run, engine.Following{})
		b.want(v, err, engine.Succeeded, "poll succeeded")
		if v.Steps[0].Attempts != 300 {
			t.Errorf("%d attempts", v.Steps[0].Attempts)
		}
		reader := b.process("another reader")
		late, _ := reader.Events(t.Context(), o.Run, engine.EventID{})
		for _, e := range early[2:] {
			rest, err := reader.Events(t.Context(), o.Run, e.ID)
			if err != nil || !reflect.DeepEqual(rest, late[2:]) {
				t.Errorf("after %s come %d events of %d, %v", e.ID, len(rest), len(late), err)
			}
		}
		if _, err := reader.Events(t.Context(), o.Run, engine.EventID{Seq: 100000, N: 1}); !refusedFor(err, engine.RefusedEvent) {
			t.Errorf("got %v", err)
		}
		waits := 0
		for _, e := range heard {
			if e.Kind == engine.EventStepWaits {
				if waits++; e.Looks < waits {
					t.Errorf("event %d says that the step has looked %d times", waits, e.Looks)
				}
			}
		}
		if waits < 125 || waits > 131 {
			t.Errorf("the follower heard of %d looks", waits)
		}
	})
}
