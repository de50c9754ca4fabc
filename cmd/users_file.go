//go:build unix && ((!cgo && !darwin) || osusergo || android)

package cmd

import (
	"bufio"
	"io"
	"os"
	"os/user"
	"strings"
)

// listed returns an error unless /etc/passwd has the user. Without cgo, package os/user reads that
// file, and makes a user of $USER and $HOME if the file does not have the user id of the process.
func listed(u *user.User) error {
	f, err := os.Open("/etc/passwd")
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return listedIn(f, u)
}

func listedIn(r io.Reader, u *user.User) error {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if fields := strings.Split(lines.Text(), ":"); len(fields) > 2 && fields[0] == u.Username && fields[2] == u.Uid {
			return nil
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return user.UnknownUserError(u.Username)
}
