package credential

import (
	"context"

	"errand/engine/task"
)

// Find implements task.Credentials. What was encrypted is known to Mask from then on. It asks for the wrapping key once in a
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
	for _, p := range r.Parameters {
		if p.Sealed != "" {
			s.mask.Add(values[p.Name])
		}
	}
	s.mark(place{connector, name})
	return values, nil
}

// Mask is the net for what is printed: it knows the encrypted values that Find handed out.
func (s *Store) Mask() *Mask { return &s.mask }
