package home

import (
	"cmp"
	"context"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/program"
	"errand/engine/task"
)

// A runReader reads open runs and their records.
type runReader interface {
	List(ctx context.Context, q engine.Query) ([]engine.View, error)
	Record(ctx context.Context, run string) (engine.Record, error)
}

// SentWith returns the ids of the runs that have not ended and have sent a request with a
// credential since a time, or may have. A run whose record cannot be read may have.
func (o *Opened) SentWith(ctx context.Context, used program.Credential, since time.Time) ([]string, error) {
	return sentWith(ctx, o.Runner, used, since)
}

func sentWith(ctx context.Context, from runReader, used program.Credential, since time.Time) ([]string, error) {
	open, err := from.List(ctx, engine.Query{Open: true})
	if err != nil {
		return nil, err
	}
	var found []string
	for _, run := range open {
		record, err := from.Record(ctx, run.Run)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil || hasSent(record, used, since) {
			found = append(found, run.Run)
		}
	}
	return found, nil
}

// hasSent reports whether a run has sent a request with a credential since a time, or may have.
func hasSent(r engine.Record, used program.Credential, since time.Time) bool {
	asked := map[string]program.Credential{} // by branch, of calls without a reply
	for _, m := range r.Moments {
		switch {
		case m.Call != nil:
			connector, _, _ := strings.Cut(m.Call.Type, ".")
			asked[m.Branch] = program.Credential{Connector: connector, Name: cmp.Or(m.Call.Credential, task.DefaultCredential)}
			if m.At.Before(since) {
				asked[m.Branch] = program.Credential{} // it went where requests went before
			}
		case m.Reply != nil:
			with, known := asked[m.Branch]
			delete(asked, m.Branch)
			if !known { // a call that only reads is not on record before its reply
				with = credentialOf(r.Program, m.Step)
			}
			if with == used && !unsent(*m.Reply) && !m.At.Before(since) {
				return true
			}
		}
	}
	for _, with := range asked {
		if with == used {
			return true
		}
	}
	return false
}

// unsent reports whether a reply shows that the system did not receive a request: the credential
// cannot be used, the input is wrong, or the system could not be reached.
func unsent(r task.Reply) bool {
	return r.Failure != nil && r.Failure.Status == 0 && !r.Failure.Unknown
}

// credentialOf returns the credential of a task step, or the zero value.
func credentialOf(p *program.Program, step string) program.Credential {
	if p == nil {
		return program.Credential{}
	}
	for place := range p.AllPlaces() {
		if t, ok := place.Action.(*program.Task); ok && place.Key.Matches(program.Key(step)) {
			return program.Credential{Connector: t.Type.Connector(), Name: cmp.Or(t.Credential, task.DefaultCredential)}
		}
	}
	return program.Credential{}
}
