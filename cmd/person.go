package cmd

import (
	"cmp"
	"os/user"

	"errand/engine/local"
)

// person returns the person at the terminal. The groups of the system are the roles.
func (t *terminal) person() local.Person {
	p := local.Person{Name: t.user()}
	if u, err := user.Current(); err == nil {
		if groups, err := u.GroupIds(); err == nil {
			for _, id := range groups {
				if g, err := user.LookupGroupId(id); err == nil {
					p.Roles = append(p.Roles, g.Name)
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
