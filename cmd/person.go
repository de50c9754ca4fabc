package cmd

import (
	"cmp"
	"os/user"

	"errand/engine"
)

// person returns the person at the terminal. Its groups are those of the operating system.
func (t *terminal) person() engine.Person {
	p := engine.Person{Name: t.user()}
	if u, err := user.Current(); err == nil {
		if groups, err := u.GroupIds(); err == nil {
			for _, id := range groups {
				if g, err := user.LookupGroupId(id); err == nil {
					p.Groups = append(p.Groups, g.Name)
				}
			}
		}
	}
	return p
}

// user returns the name of the person at the terminal, for the record.
func (t *terminal) user() string {
	if name := cmp.Or(t.getenv("USER"), t.getenv("USERNAME")); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "somebody"
}
