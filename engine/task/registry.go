package task

import (
	"fmt"
	"slices"
)

// A Registry knows every task type. It is a value: built once from a visible list, then only read.
type Registry struct {
	connectors []Connector
	types      map[string]Type
	names      []string
	mask       Masker // may be nil
}

// A Masker takes known secrets out of texts and JSON: a net under task types that do not return them in the first place.
type Masker interface {
	Text(text string) string
	JSON(data []byte) []byte
}

// Masked has a masker look through whatever tasks return, and returns the registry.
func (r *Registry) Masked(by Masker) *Registry {
	r.mask = by
	return r
}

// Mask is a reply without the secrets that the masker knows.
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
		reply.Again = &again
	}
	if reply.Failure != nil {
		failure := *reply.Failure
		failure.Code, failure.Message = r.mask.Text(failure.Code), r.mask.Text(failure.Message)
		reply.Failure = &failure
	}
	return reply
}

// NewRegistry collects the connectors' types. It panics where two have one name, or a type does not bear its connector's.
func NewRegistry(connectors ...Connector) *Registry {
	r := &Registry{connectors: connectors, types: map[string]Type{}}
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

// Lookup finds a type by name.
func (r *Registry) Lookup(name string) (Type, bool) {
	t, ok := r.types[name]
	return t, ok
}

// Names lists the types in the order of their connectors.
func (r *Registry) Names() []string { return slices.Clone(r.names) }

// Connectors lists the connectors in order.
func (r *Registry) Connectors() []Connector { return slices.Clone(r.connectors) }

// Connector finds a connector by name.
func (r *Registry) Connector(name string) (Connector, bool) {
	for _, c := range r.connectors {
		if c.Name == name {
			return c, true
		}
	}
	return Connector{}, false
}
