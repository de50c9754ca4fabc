package local

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// Read implements engine.Reader. A run that has ended is read from its stored result; every other
// one is replayed.
func (r *Runner) Read(ctx context.Context, id string) (engine.View, error) {
	run, _, err := r.head(ctx, id)
	if err != nil {
		return engine.View{}, outward(id, err)
	}
	v := r.viewOf(run)
	if v.Trouble = outward(id, r.deepen(&v, run)); v.Trouble != nil && run.Ended.IsZero() && !waitsForTrouble(v) {
		v.Waits = append(v.Waits, engine.Wait{For: engine.WaitTrouble, Reason: v.Trouble.Error(), Trouble: engine.TroubleDamaged})
	}
	return v, nil
}

// Mark implements engine.Marker.
func (r *Runner) Mark(ctx context.Context, id string) (string, error) {
	m, err := r.Journal.Mark(ctx, id)
	return fmt.Sprintf("%d %d %s", m.Next, m.Wake.UnixNano(), m.Holder), outward(id, err)
}

func waitsForTrouble(v engine.View) bool {
	return slices.ContainsFunc(v.Waits, func(w engine.Wait) bool { return w.For == engine.WaitTrouble })
}

// deepen adds to a view what a run's definition and its entries show. Its error says why they cannot
// be read.
func (r *Runner) deepen(v *engine.View, run journal.Run) error {
	if v.Trouble != nil {
		return v.Trouble
	}
	p, err := r.program(run)
	if err != nil {
		return &journal.DamageError{Run: run.ID, Reason: err.Error()}
	}
	v.Program = p
	if !run.Ended.IsZero() {
		if _, entries, err := r.Journal.Load(background, run.ID); err == nil { // the result stands, whatever the entries say
			v.Rounds = r.rounds(run, entries, nil, nil)
		}
		return nil
	}
	seen, err := r.replayRun(run.ID, nil)
	if err == nil {
		seen.complete(v)
		v.Rounds = r.rounds(run, seen.all, nil, nil)
	}
	return err
}

// complete adds to a view what only a replay shows.
func (v replayed) complete(view *engine.View) {
	status, by := view.Status, view.CancelledBy
	if !v.run.Ended.IsZero() { // since the view's row was read
		status, view.Waits, view.Due, view.Process, view.Cancelling = v.run.Status, nil, time.Time{}, "", false
	}
	view.Program, view.Result = v.program, v.result
	view.Status = status
	if v.run.Ended.IsZero() {
		view.Ended, view.CancelledBy = time.Time{}, by
		for _, q := range v.questions {
			view.Questions = append(view.Questions, engine.Open{Question: q, Evidence: v.evidence(q)})
		}
	}
}

// List implements engine.Reader.
func (r *Runner) List(ctx context.Context, q engine.Query) ([]engine.View, error) {
	var views []engine.View
	selected := journal.Query{Workflow: q.Workflow, Request: q.Request, Status: q.Status, WaitsFor: q.WaitsFor, Since: q.Since, Changed: q.Changed, Owners: q.Owners, Run: q.Run, Open: q.Open, Pruned: q.Pruned, After: q.After, Limit: q.Limit, Brief: q.Brief}
	if q.Status == engine.Running || q.Status == engine.Waiting { // the row of a run whose process died says running
		selected.Status, selected.Open = "", true
	}
	if q.WaitsFor == engine.WaitProcess { // the row of a run whose process died does not say that
		selected.WaitsFor, selected.Open = "", true
	}
	for {
		runs, err := r.Journal.List(ctx, selected)
		if err != nil {
			return nil, outward("", err)
		}
		for _, run := range runs {
			if v := r.listed(run, q.Brief); q.Selects(v) {
				views = append(views, v)
			}
			if q.Limit > 0 && len(views) == q.Limit {
				return views, nil
			}
		}
		if q.Limit == 0 || len(runs) < q.Limit {
			return views, nil
		}
		selected.After = runs[len(runs)-1].ID
	}
}

// listed returns the view of a run in a list. Of a brief one, the result need not be decoded.
func (r *Runner) listed(run journal.Run, brief bool) engine.View {
	if !brief {
		return r.viewOf(run)
	}
	header := engine.Result{Version: 1, Run: run.ID, Workflow: run.Workflow, Request: run.Request, Started: run.Started}
	return r.held(run, view(run, header)).Brief()
}

// viewOf returns the view that a row of the journal gives, and who works on the run.
func (r *Runner) viewOf(run journal.Run) engine.View {
	v := r.held(run, view(run, engine.Result{}))
	if v.Cancelling {
		v.CancelledBy = r.cancellerOf(run)
	}
	return v
}

// statusOf returns the status that readers see: a run that a process works on is running, whatever its
// last commit says.
func (r *Runner) statusOf(run journal.Run) engine.Status {
	return r.held(run, view(run, engine.Result{})).Status
}

// cancellerOf returns who is to cancel a run, or nobody if that cannot be read. Only the present round can
// have a cancellation that is not carried out, so it is the last one.
func (r *Runner) cancellerOf(run journal.Run) engine.Person {
	inbox, err := r.Journal.Messages(background, run.ID)
	if err != nil {
		return engine.Person{}
	}
	for _, m := range slices.Backward(inbox) {
		if m.Step == "" && m.Verdict == engine.VerdictCancel {
			return m.By
		}
	}
	return engine.Person{}
}

// wake returns when a run is due. The journal makes a run that is to be cancelled due before every clock;
// readers see when that was.
func wake(run journal.Run) time.Time {
	if run.Cancel && !run.Wake.IsZero() && run.Wake.Before(run.Started) {
		return run.Changed
	}
	return run.Wake
}

// held adds to a view who works on the run.
func (r *Runner) held(run journal.Run, v engine.View) engine.View {
	if !run.Ended.IsZero() || run.Holder == "" {
		return v
	}
	about, alive := r.alive(run.Holder)
	if alive {
		v.Process = about
		return atWork(v)
	}
	if v.Status == engine.Running {
		v.Status = engine.Waiting
	}
	left := engine.Ending{Kind: engine.EndedByCrash, Process: about}
	v.Waits = append(v.Waits, engine.Wait{For: engine.WaitProcess, Since: wake(run), Due: wake(run), Reason: left.String()})
	return v
}

// atWork returns the view of a run that a process holds: it waits in memory, or is at work.
func atWork(v engine.View) engine.View {
	if v.Status != engine.Running && v.Due.After(time.Now()) {
		return v
	}
	if v.Status == engine.Waiting {
		v.Status = engine.Running
	}
	v.Waits, v.Due = nil, time.Time{}
	return v
}

// waitsOf returns what a run waits for, with the run that has the turn.
func waitsOf(run journal.Run) []engine.Wait {
	waits := slices.Clone(run.Waits)
	for i := range waits {
		if waits[i].For == engine.WaitTurn {
			waits[i].Run = run.Turn
		}
	}
	return waits
}

// view returns how a run stands by its row, with a result that was obtained otherwise.
func view(run journal.Run, result engine.Result) engine.View {
	v := engine.View{
		Result: result, StartedBy: run.StartedBy, URL: run.URL, Requesters: run.Requesters, Key: run.Key, Waits: waitsOf(run), Due: wake(run), Inputs: run.Inputs,
		Cancelling: run.Cancel && run.Ended.IsZero(), Definition: run.Source, Pruned: run.Pruned, InputsDigest: run.InputsDigest,
	}
	if !run.Ended.IsZero() {
		v.Due, v.Waits = time.Time{}, nil
	}
	if !run.Ended.IsZero() && run.Pruned.IsZero() && v.Run == "" {
		if err := json.Unmarshal(run.Result, &v.Result); err != nil {
			v.Trouble = outward(run.ID, &journal.DamageError{Run: run.ID, Reason: "its result: " + err.Error()})
			v.Run = ""
		}
	}
	if v.Run == "" {
		v.Result = engine.Result{
			Version: 1, Run: run.ID, Workflow: run.Workflow, Request: run.Request, Outputs: engine.Values{},
			Started: run.Started, Ended: run.Ended, Steps: []engine.StepResult{},
		}
	}
	v.Status, v.Ended = run.Status, run.Ended // an end that is not on record is none
	return v
}
