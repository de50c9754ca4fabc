package task

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// A Registry has all task types. NewRegistry builds it once; after that it is only read.
type Registry struct {
	connectors []Connector
	types      map[string]Type
	names      []string
	mask       Masker // may be nil
}

// A Masker removes known secrets from texts and JSON. It is a safety net: a task type must not
// return secrets.
type Masker interface {
	Text(text string) string
	JSON(data []byte) []byte
}

// WithMasker sets the masker of the replies of tasks and of what connectors find out about
// credentials, and returns the registry.
func (r *Registry) WithMasker(by Masker) *Registry {
	r.mask = by
	for i, c := range r.connectors {
		r.connectors[i] = r.masked(c)
	}
	return r
}

// masked returns a connector with the results of Ready and Validate masked.
func (r *Registry) masked(c Connector) Connector {
	if ready := c.Ready; ready != nil {
		c.Ready = func(ctx context.Context, credential string) error {
			err := ready(ctx, credential)
			if f, ok := errors.AsType[*Failure](err); ok {
				return r.Mask(Reply{Failure: f}).Failure
			}
			return err
		}
	}
	if validate := c.Validate; validate != nil {
		c.Validate = func(ctx context.Context, credential string) []Check {
			checks := validate(ctx, credential)
			for i := range checks {
				checks[i].Message = r.mask.Text(checks[i].Message)
			}
			return checks
		}
	}
	return c
}

// Mask returns a reply without the secrets that the masker knows.
func (r *Registry) Mask(reply Reply) Reply {
	if r.mask == nil {
		return reply
	}
	if reply.Output != nil {
		reply.Output = r.mask.JSON(reply.Output)
	}
	if reply.Again != nil {
		again := *reply.Again
		again.Note = r.mask.Text(again.Note)
		if again.Output != nil {
			again.Output = r.mask.JSON(again.Output)
		}
		reply.Again = &again
	}
	if reply.Failure != nil {
		failure := *reply.Failure
		failure.Code, failure.Message = r.mask.Text(failure.Code), r.mask.Text(failure.Message)
		failure.Details = slices.Clone(failure.Details)
		for i, d := range failure.Details {
			failure.Details[i] = Detail{Name: d.Name, Value: r.mask.Text(d.Value)}
		}
		reply.Failure = &failure
	}
	return reply
}

// NewRegistry collects the types of the connectors. It panics if two connectors or two types have
// the same name, or if a type's name does not begin with that of its connector.
func NewRegistry(connectors ...Connector) *Registry {
	r := &Registry{connectors: slices.Clone(connectors), types: map[string]Type{}}
	for i, c := range connectors {
		if slices.ContainsFunc(connectors[:i], func(other Connector) bool { return other.Name == c.Name }) {
			panic("task: two connectors are called " + c.Name)
		}
		for _, t := range c.Types {
			if t.Connector() != c.Name {
				panic(fmt.Sprintf("task: %s is not a name for a type of the connector %s", t.Name, c.Name))
			}
			if _, twice := r.types[t.Name]; twice {
				panic("task: two types are called " + t.Name)
			}
			r.types[t.Name] = t
			r.names = append(r.names, t.Name)
		}
	}
	return r
}

// Lookup returns the type with a name.
func (r *Registry) Lookup(name string) (Type, bool) {
	t, ok := r.types[name]
	return t, ok
}

// Names returns the names of the types, in the order of their connectors.
func (r *Registry) Names() []string { return slices.Clone(r.names) }

// Connectors returns the connectors in order.
func (r *Registry) Connectors() []Connector { return slices.Clone(r.connectors) }

// Connector returns the connector with a name.
func (r *Registry) Connector(name string) (Connector, bool) {
	for _, c := range r.connectors {
		if c.Name == name {
			return c, true
		}
	}
	return Connector{}, false
}
