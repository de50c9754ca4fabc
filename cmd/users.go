package cmd

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
)

// A Directory has the users of a system. It decides who a person is; a variable such as $USER,
// which everyone can set, does not.
type Directory interface {
	// Name returns the name of a user as the directory spells it: of the user with a name, or, if
	// the name is "", of the user that the process belongs to. The error is ErrNoUser if there is
	// no such user, and another one if the directory cannot be read.
	Name(of string) (string, error)

	// Groups returns the names of the groups of a user, which Name has returned.
	Groups(of string) ([]string, error)
}

// ErrNoUser says that a directory has no user with a name.
var ErrNoUser = errors.New("there is no such user")

// systemUsers are the users of the operating system.
type systemUsers struct{}

// Name implements Directory. Users with the same id are one person, with one name. A process whose
// user id has no name, as in some containers, belongs to "user id N".
func (systemUsers) Name(of string) (string, error) {
	id, err := userID(of)
	if err != nil {
		return "", err
	}
	u, err := lookUp(user.LookupId, id)
	if errors.Is(err, ErrNoUser) && of == "" {
		return "user id " + id, nil
	}
	if err != nil {
		return "", err
	}
	return u.Username, nil
}

// userID returns the id of the user with a name, or of the user that the process belongs to if the
// name is "".
func userID(of string) (string, error) {
	if of != "" {
		u, err := lookUp(user.Lookup, of)
		if err != nil {
			return "", err
		}
		return u.Uid, nil
	}
	if id := os.Getuid(); id >= 0 {
		return strconv.Itoa(id), nil
	}
	u, err := user.Current() // Windows has no numbers
	if err != nil {
		return "", err
	}
	return u.Uid, nil
}

// Groups implements Directory. A group without a name is left out.
func (systemUsers) Groups(of string) ([]string, error) {
	u, err := lookUp(user.Lookup, of)
	if errors.Is(err, ErrNoUser) { // "user id N"
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	ids, err := u.GroupIds()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, id := range ids {
		g, err := user.LookupGroupId(id)
		if _, unknown := errors.AsType[user.UnknownGroupIdError](err); unknown {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("group id %s: %w", id, err)
		}
		names = append(names, g.Name)
	}
	return names, nil
}

// lookUp looks a user up with a function of package os/user. The error is ErrNoUser if there is no
// such user.
func lookUp(by func(string) (*user.User, error), key string) (*user.User, error) {
	u, err := by(key)
	if err == nil {
		err = listed(u)
	}
	_, noName := errors.AsType[user.UnknownUserError](err)
	_, noID := errors.AsType[user.UnknownUserIdError](err)
	if noName || noID {
		return nil, ErrNoUser
	}
	return u, err
}
