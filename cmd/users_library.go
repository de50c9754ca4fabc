//go:build !unix || ((cgo || darwin) && !osusergo && !android)

package cmd

import "os/user"

// listed returns nil: package os/user asked the system for the user.
func listed(*user.User) error { return nil }
