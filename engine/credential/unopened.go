package credential

import (
	"context"
	"errors"
	"io/fs"
)

// Unopened returns the credentials that cannot be opened, without their parameters: all of them if
// the store's key is missing. why is the reason. The error says that the file cannot be read.
func (s *Store) Unopened(ctx context.Context) (closed []Entry, why, err error) {
	raw, err := readFile(s.file())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, storeError(reading, err)
	}
	d, err := parse(s.file(), raw)
	if err != nil {
		return nil, nil, err
	}
	o, why := s.open(ctx, raw)
	for _, r := range d.Credentials {
		if o == nil {
			closed = append(closed, r.entry(nil))
		} else if _, err := o.values(r); err != nil {
			closed, why = append(closed, r.entry(nil)), err
		}
	}
	return closed, why, nil
}
