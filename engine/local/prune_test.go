package local_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/task"
)

// failedRun starts a run that fails at once.
func (b *bench) failedRun(r *local.Runner, id string) engine.Order {
	b.t.Helper()
	b.answer = func(task.Call) error { return &task.Failure{Code: "no", Message: "no"} }
	o := b.order("\nsteps:\n  - {id: act, task: remote.evident, with: {text: act}}\n")
	o.Run, o.Request = id, "100-"+id
	if v, err := r.Start(b.t.Context(), o, engine.Following{}); err != nil || v.Status != engine.Failed {
		b.t.Fatal(v.Status, err)
	}
	return o
}

// everything prunes all runs that have ended.
func everything() engine.Pruning { return engine.Pruning{EndedBefore: time.Now().Add(time.Hour)} }

// A home that is a copy is not pruned, not even to find out what would be. An adopted one is, and its
// pruned runs are known when a request names them.
func TestACopyIsNotPruned(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		o := b.failedRun(b.process("original"), "failed0000000000")
		c := b.inCopy(t)
		r := c.process("copy")
		connectors := r.Registry.Connectors()
		for i := range connectors {
			if connectors[i].Name == "remote" {
				connectors[i].Credential = []task.Parameter{{Name: "url", Title: "URL", Description: "Where it is."}}
				connectors[i].Runs = func(context.Context, string, string) ([]string, error) { return []string{o.Run}, nil }
			}
		}
		r.Registry = task.NewRegistry(connectors...)
		for _, dry := range []bool{true, false} {
			p := everything()
			p.DryRun = dry
			if pruned, err := r.Prune(t.Context(), p); len(pruned) > 0 || !refusedFor(err, engine.RefusedCopy) {
				t.Errorf("pruned are %v, %v", pruned, err)
			}
		}
		if _, err := r.Read(t.Context(), o.Run); err != nil {
			t.Error(err)
		}
		if _, err := r.AdoptAll(t.Context(), somebody); err != nil {
			t.Fatal(err)
		}
		if pruned, err := r.Prune(t.Context(), everything()); pruned.Runs() != 1 || err != nil {
			t.Errorf("after the adoption, pruned are %v, %v", pruned, err)
		}
		p, problems := program.Load("case.yaml", []byte("workflow: case\n"+twoEffects), r.Registry)
		if diag.HasErrors(problems) {
			t.Fatal(problems)
		}
		another := engine.Order{Run: "new0000000000000", Request: "100-2", Inputs: map[string]any{}, Program: p}
		if receipt, err := r.Accept(t.Context(), another); err != nil || receipt.Existed {
			t.Errorf("a request that names a pruned run: %+v, %v", receipt, err)
		}
	})
}

// A pruning of many runs takes several commits, and its caller may end it between two of them.
func TestManyRunsArePruned(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		r := b.process("a process")
		for i := range 250 {
			b.failedRun(r, fmt.Sprintf("run%013d", i))
		}
		ctx, end := context.WithCancel(t.Context())
		r.Journal = &pruneHook{Journal: b.journal, after: end}
		if pruned, err := r.Prune(ctx, everything()); pruned.Runs() != 100 || !errors.Is(err, context.Canceled) {
			t.Errorf("before the end, pruned are %v, %v", pruned, err)
		}
		r.Journal = b.journal
		if pruned, err := r.Prune(t.Context(), everything()); pruned.Runs() != 150 || err != nil {
			t.Errorf("then pruned are %v, %v", pruned, err)
		}
	})
}

// A run that is pruned while it is being retried does not go on.
func TestARunIsPrunedDuringItsRetry(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		r, other := b.process("the first"), b.process("the second")
		o := b.failedRun(r, "failed0000000000")
		r.Journal = &pruneHook{Journal: b.journal, before: func() {
			if pruned, err := other.Prune(t.Context(), everything()); pruned.Runs() != 1 || err != nil {
				t.Errorf("pruned are %v, %v", pruned, err)
			}
		}}
		if err := r.Retry(t.Context(), o.Run, engine.Retry{By: somebody}); !refusedFor(err, engine.RefusedMoved) {
			t.Errorf("the retry returns %v", err)
		}
		if err := r.Retry(t.Context(), o.Run, engine.Retry{By: somebody}); !refusedFor(err, engine.RefusedPruned) {
			t.Errorf("the next retry returns %v", err)
		}
	})
}

// A pruneHook is a journal that calls a function before its next commit, or after it has pruned.
type pruneHook struct {
	journal.Journal
	before, after func()
}

func (p *pruneHook) Commit(ctx context.Context, c journal.Change) error {
	p.before()
	return p.Journal.Commit(ctx, c)
}

func (p *pruneHook) Prune(ctx context.Context, endedBefore, at time.Time) (map[string]int, error) {
	pruned, err := p.Journal.Prune(ctx, endedBefore, at)
	p.after()
	return pruned, err
}
