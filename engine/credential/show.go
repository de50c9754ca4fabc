package credential

import (
	"context"
	"strings"
	"time"

	"errand/engine/task"
)

// An Entry is what may be shown about a credential.
type Entry struct {
	Connector, Name string
	Added, Edited   time.Time
	// Validated is when the credential was last tested successfully. It is zero if it was never
	// tested, or was edited since.
	Validated time.Time
	// Used is when a connector last used the credential, to the minute. It is zero if that is not
	// known.
	Used time.Time
	// Parameters is set by Show only. It lists the connector's parameters in their order.
	Parameters []ShownParameter
}

// A ShownParameter is what may be shown about a parameter.
type ShownParameter struct {
	Name, Title string
	Encrypted   bool
	Set         bool   // a value is stored
	Value       string // the stored value, or the default; empty if it is encrypted
	Last        string // the last four characters of an encrypted key id of at least 12
}

// List returns all credentials without their parameters, sorted by connector and name. It returns
// nil if the store does not exist.
func (s *Store) List(ctx context.Context) ([]Entry, error) {
	o, err := s.read(ctx)
	if o == nil || err != nil {
		return nil, err
	}
	used := s.lastUsed()
	var all []Entry
	for _, r := range o.Credentials {
		all = append(all, r.entry(used))
	}
	return all, nil
}

// Show returns a credential with its parameters. It returns a *NotFoundError if there is none.
func (s *Store) Show(ctx context.Context, c task.Connector, name string) (Entry, error) {
	o, err := s.read(ctx)
	if err != nil {
		return Entry{}, err
	}
	if o == nil {
		return Entry{}, notFoundError(nil, c.Name, name)
	}
	i, found := o.find(c.Name, name)
	if !found {
		return Entry{}, notFoundError(o.document, c.Name, name)
	}
	values, err := o.values(o.Credentials[i])
	if err != nil {
		return Entry{}, err
	}
	e := o.Credentials[i].entry(s.lastUsed())
	for _, p := range c.Credential {
		value := values.Reveal(p.Name)
		shown := ShownParameter{Name: p.Name, Title: p.Title, Encrypted: p.Encrypted, Set: value != ""}
		switch {
		case !p.Encrypted && value == "":
			shown.Value = p.Default
		case !p.Encrypted:
			shown.Value = value
		case strings.HasSuffix(p.Name, "key_id") && len(value) >= 12:
			// Four characters of a shorter one would reveal too much.
			shown.Last = value[len(value)-4:]
		}
		e.Parameters = append(e.Parameters, shown)
	}
	return e, nil
}

func (r record) entry(used map[place]time.Time) Entry {
	return Entry{
		Connector: r.Connector, Name: r.Name, Added: r.Added, Edited: r.Edited, Validated: r.Validated,
		Used: used[place{r.Connector, r.Name}],
	}
}
