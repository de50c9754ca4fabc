package local

import (
	"context"
	"errors"
	"slices"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/program"
)

var _ engine.Adopter = (*Runner)(nil)

// IsCopy implements engine.Adopter.
func (r *Runner) IsCopy(ctx context.Context) (bool, error) {
	standing, _, err := r.Journal.Standing(ctx)
	return standing == journal.Copied, outward("", err)
}

// Adopt implements engine.Adopter.
func (r *Runner) Adopt(ctx context.Context, id string, by engine.Person) error {
	return outward(id, r.adopt(ctx, id, by))
}

func (r *Runner) adopt(ctx context.Context, id string, by engine.Person) error {
	run, entries, err := r.Journal.Load(ctx, id)
	_, damaged := errors.AsType[*journal.DamageError](err)
	switch {
	case err != nil && !damaged:
		return err
	case !run.Ended.IsZero():
		return &engine.Refusal{Code: engine.RefusedEnded, Run: id, Status: run.Status}
	case !run.Isolated() && !(run.Holder != "" && r.Journal.Unknown(run.Holder)):
		return &engine.Refusal{Code: engine.RefusedNotIsolated, Run: id}
	}
	e := adoptedBy(by)
	state := dueNow(e.At)
	if n := len(entries); n > 0 && entries[n-1].Kind == journal.Stopped && !run.Cancel {
		state = stoppedState(entries[n-1])
	}
	err = r.store(journal.Change{Run: id, Next: run.Next, From: run.Holder, Knows: true, Entries: []journal.Entry{e}, State: state})
	r.poke()
	return err
}

// stoppedState returns the state of a run that a person has stopped: it waits for a person to
// resume it.
func stoppedState(e journal.Entry) journal.State {
	return journal.State{Status: engine.Waiting, Waits: []engine.Wait{{For: engine.WaitProcess, Since: e.At, Reason: "stopped by " + e.Process}}}
}

func adoptedBy(by engine.Person) journal.Entry {
	by = by.Recorded()
	return journal.Entry{Kind: journal.Adoption, At: time.Now().Round(0).UTC(), By: &by}
}

// AdoptAll implements engine.Adopter. The home comes last: after a crash the rest can be adopted.
func (r *Runner) AdoptAll(ctx context.Context, by engine.Person) ([]string, error) {
	waiting, err := r.isolatedRuns(ctx)
	if err != nil {
		return nil, outward("", err)
	}
	for i, id := range waiting {
		if err := r.adopt(ctx, id, by); err != nil && refusalCode(err) != engine.RefusedNotIsolated {
			return waiting[:i], outward(id, err)
		}
	}
	return waiting, outward("", r.Journal.Adopt(ctx))
}

// Suspect implements engine.Adopter.
func (r *Runner) Suspect(ctx context.Context, by engine.Person) ([]string, error) {
	if err := r.Journal.Isolate(ctx, by.String()+" suspects that it is a copy"); err != nil {
		return nil, outward("", err)
	}
	waiting, err := r.isolatedRuns(ctx)
	return waiting, outward("", err)
}

// isolatedRuns returns the runs that wait for adoption, the oldest first.
func (r *Runner) isolatedRuns(ctx context.Context) ([]string, error) {
	found, err := r.Journal.List(ctx, journal.Query{Open: true, WaitsFor: engine.WaitAdoption})
	ids := make([]string, len(found))
	for i, run := range found {
		ids[len(found)-1-i] = run.ID
	}
	return ids, err
}

// isolatedRefusal returns the refusal to work on a run that waits for adoption.
func isolatedRefusal(run journal.Run) error {
	return &engine.Refusal{Code: engine.RefusedIsolated, Run: run.ID, Reason: run.Waits[0].Reason}
}

// madeElsewhere is why a call of an adopted run counts as interrupted.
const madeElsewhere = "the run was adopted from another home, which may have made this call"

// mayBeMadeElsewhere reports whether the next call of a step counts as interrupted because the run
// was adopted and the step has not called since. So the step looks before it acts, or a person
// decides.
func (l *ledger) mayBeMadeElsewhere(step string) bool { return l.checked != nil && !l.checked[step] }

// adoption returns the entry by which a retry adopts a run that this home did not begin: the other
// home may have retried it as well. There is none if the run was adopted here before.
func (r *Runner) adoption(v replayed, by engine.Person) ([]journal.Entry, error) {
	standing, since, err := r.Journal.Standing(background)
	switch {
	case err != nil:
		return nil, err
	case standing == journal.Copied:
		return nil, &engine.Refusal{Code: engine.RefusedCopy, Run: v.run.ID}
	case standing == journal.Original || v.run.Started.After(since) || slices.ContainsFunc(v.all, adoptedSince(since)):
		return nil, nil
	}
	return []journal.Entry{adoptedBy(by)}, nil
}

func adoptedSince(since time.Time) func(journal.Entry) bool {
	return func(e journal.Entry) bool { return e.Kind == journal.Adoption && e.At.After(since) }
}

// mayBegin reports whether the home may begin a run: its error is a refusal if not. In an adopted
// home the other one may have begun a run for the request after the copy was made.
func (r *Runner) mayBegin(ctx context.Context, o engine.Order) error {
	standing, _, err := r.Journal.Standing(ctx)
	switch {
	case err != nil:
		return err
	case standing == journal.Copied:
		return &engine.Refusal{Code: engine.RefusedCopy}
	case standing == journal.Original || o.Request == "" || o.Again:
		return nil
	}
	for _, used := range o.Program.Credentials {
		if err := r.knowsAll(ctx, used, o.Request); err != nil {
			return err
		}
	}
	return nil
}

// knowsAll reports whether the home knows every run that a service request names in a system: its
// error is a refusal if not.
func (r *Runner) knowsAll(ctx context.Context, used program.Credential, request string) error {
	connector, ok := r.Registry.Connector(used.Connector)
	if !ok || connector.Runs == nil {
		return nil
	}
	named, err := connector.Runs(ctx, used.Name, request)
	if err != nil {
		return &engine.Refusal{Code: engine.RefusedUnread, Reason: err.Error(), Err: err}
	}
	for _, id := range named {
		_, err := r.Journal.Mark(ctx, id)
		if errors.Is(err, journal.ErrNotFound) {
			return &engine.Refusal{Code: engine.RefusedElsewhere, Run: id}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
