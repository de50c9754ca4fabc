package credential

import (
	"context"

	"errand/engine/task"
)

// Find implements task.Credentials. From then on, Mask masks the encrypted values. Find gets the
// wrapping key once in a process, and again if another process replaced the key.
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
	s.maskValues(r, values)
	s.maskAll(o) // a system may answer with a secret that was sent to another one
	s.markUsed(place{connector, name})
	return values, nil
}

// maskAll adds the encrypted values of all credentials to the mask.
func (s *Store) maskAll(o *openedFile) {
	if s.masked.Swap(o) == o {
		return
	}
	for _, r := range o.Credentials {
		// A caller that needs the credential gets the error.
		if values, err := o.values(r); err == nil {
			s.maskValues(r, values)
		}
	}
}

// maskValues adds the encrypted values of a credential to the mask.
func (s *Store) maskValues(r record, values task.Values) {
	for _, p := range r.Parameters {
		if p.Sealed != "" {
			s.mask.Add(values[p.Name])
		}
	}
}

// Mask returns the mask for everything that is printed. From the first call of Find on, it contains
// all encrypted values of the store.
func (s *Store) Mask() *Mask { return &s.mask }

// MaskAll returns the mask with all encrypted values, for callers that have not used a credential.
// If the store exists, MaskAll gets the wrapping key.
func (s *Store) MaskAll(ctx context.Context) (*Mask, error) {
	o, err := s.read(ctx)
	if o != nil && err == nil {
		s.maskAll(o)
	}
	return &s.mask, err
}
