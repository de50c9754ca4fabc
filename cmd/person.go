package cmd

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"errand/engine"
)

// personFlags say who decides, if that is somebody else than the person at the terminal.
type personFlags struct{ as string }

func (f *personFlags) flag() cli.Flag {
	return &cli.StringFlag{
		Name: "as", Usage: "enter the decision of the user `NAME`; the record has both names", Destination: &f.as,
		Action: func(_ *cli.Context, name string) error {
			if name == "" {
				return &Exit{Code: ExitUsage, Message: `--as "": expected the name of a user`, Hint: "leave --as out to decide yourself"}
			}
			return nil
		},
	}
}

// member returns the person who decides, with the groups of the directory.
func (f *personFlags) member(t *terminal) (engine.Person, error) {
	p, err := f.person(t)
	if err != nil {
		return p, err
	}
	if p.Groups, err = t.users.Groups(p.Name); err != nil {
		return p, unreadable(fmt.Sprintf("the groups of user %q", p.Name), err)
	}
	return p, nil
}

// person returns the person who decides: the one at the terminal, or the user that a flag names.
func (f *personFlags) person(t *terminal) (engine.Person, error) {
	name, err := t.user()
	if err != nil {
		return engine.Person{}, err
	}
	p := engine.Person{Name: name}
	if f.as != "" {
		if p.Name, err = t.users.Name(f.as); errors.Is(err, ErrNoUser) {
			return engine.Person{}, &Exit{
				Code: ExitNotFound, Message: fmt.Sprintf("--as %q: this system has no such user", f.as),
				Hint: "expected the name of a user, as the command id knows it; a group or a role is not a person",
			}
		}
		if err != nil {
			return engine.Person{}, unreadable(fmt.Sprintf("user %q", f.as), err)
		}
		if p.Name != name {
			p.EnteredBy = name
		}
	}
	return p, nil
}

// user returns the name of the person at the terminal.
func (t *terminal) user() (string, error) {
	name, err := t.users.Name("")
	if err != nil {
		return "", unreadable("the user of this process", err)
	}
	return name, nil
}

// unreadable returns the Exit for a directory of users that cannot be read. Without the directory,
// nobody may decide.
func unreadable(what string, err error) error {
	return &Exit{
		Code: ExitConfiguration, Message: fmt.Sprintf("cannot look up %s: %v", what, err),
		Hint: "the command id shows what this system knows about users; nothing was changed",
	}
}
