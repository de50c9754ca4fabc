package service

import (
	"context"
	"errors"

	"errand/engine"
	"errand/engine/access"
)

// A caller is whoever makes a request.
type caller struct {
	token access.Token
	sight sight
}

// callerOf returns the caller with a token.
func callerOf(t access.Token) caller {
	c := caller{token: t}
	switch {
	case t.SeesAll():
		c.sight.all = true
	case t.Has(access.Requester):
		c.sight.owners = engine.Owners(t.Name, t.Person)
	}
	return c
}

// person returns who acts: the token's person, or else the token.
func (c caller) person() engine.Person {
	name := c.token.Person
	if name == "" {
		name = c.token.Name
	}
	return engine.Person{Name: name, Groups: c.token.Groups}
}

// A sight is which runs a caller sees. The zero sight sees none. Every route reads runs through it.
type sight struct {
	all    bool
	owners []string
}

// query restricts a query to what the sight sees.
func (s sight) query(q engine.Query) engine.Query {
	if !s.all {
		q.Owners = append([]string{}, s.owners...) // not nil, which would mean all
	}
	return q
}

// sees returns nil if a run can be seen. A run that cannot be seen is refused like one that does not
// exist.
func (s *Server) sees(ctx context.Context, who caller, run string) error {
	if who.sight.all {
		return nil
	}
	found, err := s.Runner.List(ctx, who.sight.query(engine.Query{Run: run, Pruned: true, Limit: 1}))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return &engine.Refusal{Code: engine.RefusedNotFound, Run: run}
	}
	return nil
}

// read returns a run that the caller sees.
func (s *Server) read(ctx context.Context, who caller, run string) (engine.View, error) {
	if err := s.sees(ctx, who, run); err != nil {
		return engine.View{}, err
	}
	return s.Runner.Read(ctx, run)
}

// kept returns what there is of a run: all of it, or what is left of one whose record was deleted. The
// caller must have looked whether the run can be seen.
func (s *Server) kept(ctx context.Context, run string) (engine.View, error) {
	v, err := s.Runner.Read(ctx, run)
	refusal, ok := errors.AsType[*engine.Refusal](err)
	if !ok || refusal.Code != engine.RefusedPruned {
		return v, err
	}
	left, failed := s.Runner.List(ctx, engine.Query{Run: run, Pruned: true, Limit: 1})
	if failed != nil || len(left) == 0 {
		return v, errors.Join(err, failed)
	}
	return left[0], nil
}
