package credential

import (
	"context"

	"errand/engine/task"
)

// Find implements task.Credentials. What is encrypted is known to Mask from then on. It asks for the wrapping key once in a
// process, and again where another process put another key in its place.
func (s *Store) Find(ctx context.Context, connector, name string) (task.Values, error) {
	o, err := s.read(ctx)
	if o == nil || err != nil {
		return nil, err
	}
	i, found := o.find(connector, name)
	if !found {
		return nil, nil
	}
	r := o.Credentials[i]
	values, err := o.values(r)
	if err != nil {
		return nil, err
	}
	s.hide(r, values)
	s.hideAll(o) // a system may tell what another was sent
	s.mark(place{connector, name})
	return values, nil
}

// hideAll makes what is encrypted of all credentials known to Mask.
func (s *Store) hideAll(o *opened) {
	if s.hidden.Swap(o) == o {
		return
	}
	for _, r := range o.Credentials {
		if values, err := o.values(r); err == nil { // else whoever asks for it is told
			s.hide(r, values)
		}
	}
}

// hide makes what is encrypted of a credential known to Mask.
func (s *Store) hide(r record, values task.Values) {
	for _, p := range r.Parameters {
		if p.Sealed != "" {
			s.mask.Add(values[p.Name])
		}
	}
}

// Mask is the net for what is printed. From the first Find on it knows all encrypted values of the store.
func (s *Store) Mask() *Mask { return &s.mask }

// MaskAll is Mask for who prints without having used a credential: it knows all encrypted values. It asks for the wrapping key where there is
// a store.
func (s *Store) MaskAll(ctx context.Context) (*Mask, error) {
	o, err := s.read(ctx)
	if o != nil && err == nil {
		s.hideAll(o)
	}
	return &s.mask, err
}
