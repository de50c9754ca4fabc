package service_test

import (
	"context"

	"errand/engine/access"
)

// A store has the tokens, the pauses and the audit log of a bench, which are in its journal.
type store struct {
	tokens
	access.Pauses
	access.Audit
	unwritable error // an entry of the audit log fails with it
}

type tokens interface{ access.Tokens }

func (s *store) Append(ctx context.Context, e access.Entry) (access.Entry, error) {
	if s.unwritable != nil {
		return e, s.unwritable
	}
	return s.Audit.Append(ctx, e)
}
