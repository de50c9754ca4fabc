package home

import (
	"context"
	"errors"

	"errand/engine"
	"errand/engine/journal"
)

// Cursors returns what keeps cursors in the journal of the home, for runners that are no engine.Intaker,
// or nil if the home has no journal. It takes no tickets: their runs would not be in the same commit.
func (o *Opened) Cursors() engine.Intaker {
	if o.journal == nil {
		return nil
	}
	return cursors{o.journal}
}

type cursors struct{ journal journal.Intake }

var errNoTickets = errors.New("this runner takes no tickets")

// Take implements engine.Intaker.
func (c cursors) Take(ctx context.Context, t engine.Taking) ([]engine.Taken, error) {
	if len(t.Tickets) > 0 || t.Message != nil {
		return nil, errNoTickets
	}
	return nil, trouble(c.journal.Take(ctx, journal.Taking{Source: t.Source, Cursor: t.Cursor}), engine.TroubleStore)
}

// Cursor implements engine.Intaker.
func (c cursors) Cursor(ctx context.Context, source string) (string, error) {
	cursor, err := c.journal.Cursor(ctx, source)
	return cursor, trouble(err, engine.TroubleStore)
}
