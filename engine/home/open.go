package home

import (
	"context"
	"errors"
	"io"
	"slices"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/credential"
	"errand/engine/journal"
	"errand/engine/program"
	"errand/engine/task"
)

// A Maker makes the runner of an open home. If the runner is an io.Closer, the home closes it. A Maker
// whose runs are not in the journal of the home calls Opened.OpenJournal if the home may be that of a
// service.
type Maker func(ctx context.Context, o *Opened) (engine.Runner, error)

// An Opened home has a runner for its runs. Close it after use.
type Opened struct {
	engine.Runner
	Folder   string
	About    string // names this process for people, such as "errand run, process 4711"
	Registry *task.Registry
	Sealer   access.Sealer // seals the audit log with the key of the credentials

	Credentials *credential.Store

	journal *journal.SQLite // nil until it is opened
}

// Open makes the home's runner. The registry has the task types that the runs may use; about names
// this process for people. The error is an *engine.Trouble if the journal cannot be opened.
func (h *Home) Open(ctx context.Context, about string, registry *task.Registry) (*Opened, error) {
	o := &Opened{Folder: h.Folder, About: about, Registry: registry, Sealer: &storeSealer{store: h.Credentials}, Credentials: h.Credentials}
	runner := h.Runner
	if runner == nil {
		runner = Local
	}
	made, err := runner(ctx, o)
	if err != nil {
		return nil, errors.Join(err, o.Close())
	}
	o.Runner = made
	return o, nil
}

// Close closes the runner and the journal.
func (o *Opened) Close() error {
	var errs []error
	if closer, ok := o.Runner.(io.Closer); ok {
		errs = append(errs, closer.Close())
	}
	if o.journal != nil {
		errs = append(errs, o.journal.Close())
	}
	return errors.Join(errs...)
}

// Find returns the id of the run with a name: its id or its service request, of which it is the
// newest run, also if that was pruned. The error is an *engine.Refusal if there is no such run.
func (o *Opened) Find(ctx context.Context, name string) (string, error) {
	_, err := o.Read(ctx, name)
	refusal, refused := errors.AsType[*engine.Refusal](err)
	switch {
	case err == nil, refused && refusal.Code == engine.RefusedPruned:
		return name, nil
	case !refused || refusal.Code != engine.RefusedNotFound:
		return "", err
	}
	found, err := o.List(ctx, engine.Query{Request: name, Pruned: true, Limit: 1})
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", refusal
	}
	return found[0].Run, nil
}

// Using returns the ids of the runs that have not ended and use a credential.
func (o *Opened) Using(ctx context.Context, used program.Credential) ([]string, error) {
	open, err := o.List(ctx, engine.Query{Open: true})
	if err != nil {
		return nil, err
	}
	var found []string
	for _, run := range open {
		v, err := o.Read(ctx, run.Run)
		if err != nil || v.Program == nil {
			continue // the run cannot go on, so that it needs nothing
		}
		if slices.Contains(v.Program.Credentials, used) {
			found = append(found, run.Run)
		}
	}
	return found, nil
}
