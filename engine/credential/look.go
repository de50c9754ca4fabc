package credential

import (
	"context"
	"strings"
	"time"

	"errand/engine/task"
)

// An Entry is what may be shown of a credential.
type Entry struct {
	Connector, Name string
	Added, Edited   time.Time
	Validated       time.Time // when it was tried out and found good, unless it was edited since; zero: never
	Used            time.Time // when a connector asked for it last, to the minute; zero: it is not known
	Parameters      []Shown   // from Show alone: those that the connector has, in its order
}

// Shown is what may be shown of a parameter.
type Shown struct {
	Name, Title string
	Encrypted   bool
	Set         bool   // a value is stored
	Value       string // the stored value, else the default; empty where it is encrypted
	Last        string // of an encrypted key id that is long enough: its last four characters
}

// List returns all credentials without their parameters, by connector and name. It is empty where nothing was ever stored.
func (s *Store) List(ctx context.Context) ([]Entry, error) {
	o, err := s.read(ctx)
	if o == nil || err != nil {
		return nil, err
	}
	used := s.marks()
	var all []Entry
	for _, r := range o.Credentials {
		all = append(all, r.entry(used))
	}
	return all, nil
}

// Show returns a credential with its parameters. Its error is a *NotFoundError where there is none.
func (s *Store) Show(ctx context.Context, c task.Connector, name string) (Entry, error) {
	o, err := s.read(ctx)
	if err != nil {
		return Entry{}, err
	}
	if o == nil {
		return Entry{}, notFound(nil, c.Name, name)
	}
	i, found := o.find(c.Name, name)
	if !found {
		return Entry{}, notFound(o.document, c.Name, name)
	}
	values, err := o.values(o.Credentials[i])
	if err != nil {
		return Entry{}, err
	}
	e := o.Credentials[i].entry(s.marks())
	for _, p := range c.Credential {
		value := values.Reveal(p.Name)
		shown := Shown{Name: p.Name, Title: p.Title, Encrypted: p.Encrypted, Set: value != ""}
		switch {
		case !p.Encrypted && value == "":
			shown.Value = p.Default
		case !p.Encrypted:
			shown.Value = value
		case strings.HasSuffix(p.Name, "key_id") && len(value) >= 12: // four characters of less would tell too much
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
