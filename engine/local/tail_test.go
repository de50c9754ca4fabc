package local_test

import (
	"errors"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/task"
)

// branchesAndWaits waits, calls, asks and forks, so that a follower sees the run in many states.
const branchesAndWaits = `
steps:
  - for_each: ${{ 1..20 }}
    as: item
    steps:
      - {task: stub.evident, with: {script: "again 3s, ok"}}
  - id: side
    parallel:
      left:
        - {id: poll, task: stub.reads, with: {script: "ok 1, ok 2, ok 3"}, until: result.word == "3", every: 7s}
      right:
        - {id: act, task: remote.evident, with: {text: one}}
        - {id: wait, task: stub.evident, with: {script: "again 2s, again 4s, ok"}}
  - id: which
    switch:
      - {if: "true", steps: [{id: same, task: remote.evident}]}
  - {id: last, task: remote.evident, with: {text: two}}
`

// Whoever watches another process receives the events of the run, each once and in the order of its
// branch, and reads each entry once.
func TestAFollowerReadsEachEntryOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		o := b.order(branchesAndWaits)
		b.start(t.Context(), b.process("first"), o, engine.Following{})
		counted := &loading{Journal: b.journal}
		second := b.process("second")
		second.Journal, second.Poll = counted, 300*time.Millisecond
		var heard []engine.Event
		v, err := second.WatchOther(t.Context(), o.Run, func(e engine.Event) { heard = append(heard, e) })
		b.want(v, err, engine.Succeeded, b.steps(o.Run))
		run, entries, _ := b.journal.Load(t.Context(), o.Run)
		if !reflect.DeepEqual(v.Steps, b.view(o.Run).Steps) || !run.Ended.Equal(v.Ended) {
			t.Errorf("the follower sees %+v", v.Result)
		}
		if read := int(counted.entries.Load()); read != len(entries) {
			t.Errorf("%d entries were read %d times in all", len(entries), read)
		}
		all, err := second.Events(t.Context(), o.Run, engine.EventID{})
		for i := range all {
			all[i].ID = engine.EventID{}
		}
		if err != nil || !reflect.DeepEqual(byBranch(heard), byBranch(all)) {
			t.Errorf("heard\n%v\nwant\n%v (%v)", heard, all, err)
		}
	})
}

// view reads a run.
func (b *bench) view(run string) engine.View {
	v, err := b.process("a reader").Read(b.t.Context(), run)
	if err != nil {
		b.t.Error(err)
	}
	return v
}

// A follower goes on watching a run that was retried meanwhile, and tells nothing twice.
func TestAFollowerOfARunThatIsRetried(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		o := b.order("steps:\n  - {id: wait, task: stub.evident, with: {script: \"again 2s, ok\"}}\n  - {id: act, task: remote.evident}\n")
		fails := true
		b.answer = func(task.Call) error {
			if fails {
				return &task.Failure{Code: "no", Message: "not now"}
			}
			return nil
		}
		first := b.process("first")
		ended := b.start(t.Context(), first, o, engine.Following{})
		held := &holding{Journal: b.journal, holder: "nobody"}
		second := b.process("second")
		second.Journal = held
		heard := map[engine.EventKind]int{}
		watched := make(chan error)
		go func() {
			v, err := second.WatchOther(t.Context(), o.Run, func(e engine.Event) { heard[e.Kind]++ })
			if v.Status != engine.Succeeded {
				err = errors.Join(err, errors.New(string(v.Status)))
			}
			watched <- err
		}()
		<-ended
		time.Sleep(5 * time.Second)
		fails = false
		if err := first.Retry(t.Context(), o.Run, engine.Retry{By: engine.Person{Name: "Kim"}}); err != nil {
			t.Fatal(err)
		}
		if v, err := first.Follow(t.Context(), o.Run, engine.Following{}); err != nil || v.Status != engine.Succeeded {
			t.Errorf("the run %s, %v", v.Status, err)
		}
		held.release()
		if err := <-watched; err != nil {
			t.Error(err)
		}
		if heard[engine.EventRunStarted] != 1 || heard[engine.EventRunRetried] != 1 || heard[engine.EventRunEnded] != 2 || heard[engine.EventStepWaits] != 1 {
			t.Errorf("heard %v", heard)
		}
		synctest.Wait()
	})
}

// A damaged record ends the watch with an error, and no goroutine stays.
func TestAFollowerOfADamagedRun(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		o := b.order(waitAndAct)
		b.start(t.Context(), b.process("first"), o, engine.Following{})
		second := b.process("second")
		second.Journal = &diverging{b.journal}
		if _, err := second.WatchOther(t.Context(), o.Run, nil); !errors.As(err, new(*journal.DamageError)) {
			t.Errorf("got %v", err)
		}
	})
}
