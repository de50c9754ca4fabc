package golden

import (
	"cmp"
	"context"
	"errors"
	"slices"
)

// Mutations says which changes to a definition its cases notice.
type Mutations struct {
	Workflow string
	File     string
	Noticed  int      // the number of changes after which a case fails
	Refused  int      // the number of changes that the check refuses; they do not count
	Survived []Mutant // the changes that no case notices
}

// Share returns the share of the changes, without the refused ones, that a case notices, in
// percent.
func (m Mutations) Share() int {
	all := m.Noticed + len(m.Survived)
	if all == 0 {
		return 100
	}
	return m.Noticed * 100 / all
}

// Mutate changes the definition of cases that pass, one change at a time, and runs the cases until
// one of them fails.
func (b Bench) Mutate(ctx context.Context, cases []*Case) (Mutations, error) {
	o, err := b.Run(ctx, cases[0])
	if err != nil {
		return Mutations{}, err
	}
	p := o.Program
	m := Mutations{Workflow: p.Name, File: p.File}
	changes := mutants(p)
	slices.SortStableFunc(changes, func(a, b Mutant) int { return cmp.Compare(a.Line, b.Line) })
	fates := each(changes, func(change Mutant) fate { return b.fate(ctx, cases, p.Own(), change) })
	for i, f := range fates {
		switch f {
		case noticed:
			m.Noticed++
		case refused:
			m.Refused++
		case survived:
			m.Survived = append(m.Survived, changes[i])
		}
	}
	return m, ctx.Err()
}

// A fate is the result of running the cases with a mutant.
type fate int

const (
	refused fate = iota
	noticed
	survived
)

func (b Bench) fate(ctx context.Context, cases []*Case, text []byte, m Mutant) fate {
	changed, ok := m.apply(text)
	if !ok {
		return refused
	}
	b.Definition = changed
	for _, c := range cases {
		o, err := b.Run(ctx, c)
		if _, problems := errors.AsType[*DefinitionError](err); problems {
			return refused
		}
		if err != nil || len(c.Judge(o)) > 0 {
			return noticed
		}
	}
	return survived
}
