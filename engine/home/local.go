package home

import (
	"context"
	"errors"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
)

// Local is the Maker of a runner that carries out runs in this process. They are in the journal of
// the home.
func Local(ctx context.Context, o *Opened) (engine.Runner, error) {
	return LocalWith(nil)(ctx, o)
}

// Limits are those of a local runner. Zero values are its defaults.
type Limits struct {
	AtWork int // how many runs are at work at once
	Queue  int // how many runs may wait for a process when another one is accepted
}

// LocalWithin is Local with limits.
func LocalWithin(l Limits) Maker {
	return func(ctx context.Context, o *Opened) (engine.Runner, error) {
		made, err := Local(ctx, o)
		if err != nil {
			return nil, err
		}
		r := made.(*local.Runner)
		r.Limit, r.Queue = l.AtWork, l.Queue
		return r, nil
	}
}

// LocalWith is Local with something between the runner and its journal. wrap may be nil.
func LocalWith(wrap func(journal.Journal) journal.Journal) Maker {
	return func(ctx context.Context, o *Opened) (engine.Runner, error) {
		if err := o.OpenJournal(ctx); err != nil {
			return nil, err
		}
		r := &local.Runner{Journal: o.journal, Registry: o.Registry, About: o.About, Sealer: o.Sealer}
		if wrap != nil {
			r.Journal = wrap(o.journal)
		}
		return r, nil
	}
}

// OpenJournal opens the journal of the home, which Close closes. It is for a Maker: one whose runs are
// elsewhere opens the journal for what a service keeps on this machine (Tokens, Sessions, Pauses, Audit,
// Cursors). The error is an *engine.Trouble.
func (o *Opened) OpenJournal(ctx context.Context) error {
	if o.journal != nil {
		return nil
	}
	j, err := journal.Open(ctx, o.Folder)
	if err != nil {
		return trouble(err, engine.TroubleClosed)
	}
	o.journal = j
	return nil
}

// JournalOnly is the Maker of a home whose Runner is nil. Only what a service keeps can be used.
func JournalOnly(ctx context.Context, o *Opened) (engine.Runner, error) {
	return nil, o.OpenJournal(ctx)
}

// Observe makes the journal call a function after each transaction, if the home has one open.
func (o *Opened) Observe(observer func(journal.Transaction)) {
	if o.journal != nil {
		o.journal.Observe(observer)
	}
}

// Check examines the journal, if the home has one open. The error is an *engine.Trouble.
func (o *Opened) Check(ctx context.Context) error {
	if o.journal == nil {
		return nil
	}
	return trouble(o.journal.Check(ctx), engine.TroubleStore)
}

// NoticesCopies reports whether a copy of the home's whole folder would be noticed.
func (o *Opened) NoticesCopies() bool { return o.journal == nil || o.journal.NoticesCopies() }

// trouble returns the journal's error as the runner's contract words it: with a code of its own, or
// with the given one.
func trouble(err error, code engine.TroubleCode) error {
	if newer, ok := errors.AsType[*journal.VersionError](err); ok {
		return &engine.Trouble{Code: engine.TroubleVersion, Err: newer}
	}
	if foreign, ok := errors.AsType[*journal.ForeignError](err); ok {
		return &engine.Trouble{Code: engine.TroubleForeign, Err: foreign}
	}
	if gone, ok := errors.AsType[*journal.GoneError](err); ok {
		return &engine.Trouble{Code: engine.TroubleGone, Err: gone}
	}
	if store, ok := errors.AsType[*journal.StoreError](err); ok {
		if store.Locked {
			code = engine.TroubleLocked
		}
		return &engine.Trouble{Code: code, Err: store}
	}
	return err
}
