package service

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"errand/engine/access"
)

// callerKey is the key of the caller in a request's context.
type callerKey struct{}

func withCaller(ctx context.Context, who caller) context.Context {
	return context.WithValue(ctx, callerKey{}, who)
}

// callerIn returns the caller of a request. The zero caller may do and see nothing.
func callerIn(ctx context.Context) caller {
	who, _ := ctx.Value(callerKey{}).(caller)
	return who
}

// record appends an entry to the audit log.
func (s *Server) record(ctx context.Context, who caller, e access.Entry) error {
	e.At, e.Token, e.Person = time.Now().UTC(), who.token.Name, who.token.Person
	_, err := s.append(ctx, e)
	return err
}

func (s *Server) append(ctx context.Context, e access.Entry) (access.Entry, error) {
	made, err := s.Audit.Append(context.WithoutCancel(ctx), e)
	if err != nil {
		return made, unreadable("writing the audit log", err)
	}
	return made, nil
}

// entry returns the entry of a change. It is put on record before the change is made, or with it: what
// is not on record is not done. A change that is refused gets a second entry.
func (c *call) entry() access.Entry {
	run := c.http.PathValue("id")
	if !runID.MatchString(run) {
		run = "" // it is refused later; the log has no texts of any length or with control characters
	}
	return access.Entry{
		At: time.Now().UTC(), Token: c.who.token.Name, Person: c.who.token.Person,
		Action: c.route.action, Run: run, Detail: detailOf(c.body),
	}
}

// refused puts on record that a change was not made.
func (s *Server) refused(c *call, first access.Entry, err error) {
	s.correct(c, first, first.Run, "refused: "+problemOf(err).Code)
}

// correct puts on record why the change of an entry was not made.
func (s *Server) correct(c *call, first access.Entry, run, why string) {
	e := first
	e.Seq, e.Hash, e.At, e.Run = 0, "", time.Now().UTC(), run
	e.Detail = fmt.Sprintf("entry %d %s", first.Seq, why)
	if _, failed := s.append(c.context(), e); failed != nil {
		s.Log.Error("a refusal is not in the audit log", slog.Int64("entry", first.Seq), slog.Any("error", failed))
	}
}

// An audited body says what of it the audit log has. Inputs and comments may be confidential: the
// run has them, under its own access rules.
type audited interface{ audit() any }

// detailOf returns what an entry says about a body.
func detailOf(body any) string {
	a, ok := body.(audited)
	if !ok {
		return ""
	}
	data, err := json.Marshal(a.audit())
	if err != nil {
		panic(err) // texts can always be encoded
	}
	return string(data)
}
