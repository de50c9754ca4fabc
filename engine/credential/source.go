package credential

import (
	"context"
	"os"
	"path/filepath"

	"errand/engine/task"
)

// A KeyQuery describes the key that a source is asked for.
type KeyQuery struct {
	Home        string   // the store's folder, which must not contain a key
	Store       string   // the store's id
	Fingerprint string   // of the key that opens the store; empty if the store is new
	Stretch     *Stretch // how the key is derived from a passphrase; nil if it is not
}

// A Source is a place where a wrapping key may be.
type Source interface {
	// Name describes the source to people, such as "the key file /etc/errand/key". It contains no
	// secret.
	Name() string

	// Key returns the key of the source. It returns an *AbsentError if the source has none, and a
	// *KeyError if it has one that must not be used. The key may be another one than the store's.
	// An error must not contain anything of the key.
	Key(ctx context.Context, query KeyQuery) (Key, error)
}

// A Maker is a Source that can create and keep a new key.
type Maker interface {
	Source
	// Make creates a key that Key returns from then on. It never replaces an existing key.
	Make(ctx context.Context, query KeyQuery) (Key, error)
}

// An AbsentError is returned by a source that has no key.
type AbsentError struct{ Why string }

func (a *AbsentError) Error() string { return a.Why }

// Places are the settings from which Sources lists the sources.
type Places struct {
	Getenv  func(string) string // defaults to os.Getenv
	File    string              // a key file; may be empty
	Command []string            // a command that prints the key; may be empty; see SplitCommand
	Ask     func(ctx context.Context, q Question) (task.Secret, error)
}

// Sources lists the sources of a key in the order in which they are searched: the systemd
// credential; the key file and the command, or the default key file if neither is set; the
// desktop's keyring; a passphrase, if the store has one.
func (p Places) Sources() []Source {
	getenv := p.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	sources := []Source{Systemd{getenv("CREDENTIALS_DIRECTORY")}}
	if p.File != "" {
		sources = append(sources, File{p.File})
	}
	if len(p.Command) > 0 {
		sources = append(sources, Command{Argv: p.Command})
	}
	if own := DefaultFile(getenv); len(sources) == 1 && own != "" {
		sources = append(sources, File{own})
	}
	return append(sources, Keyring{}, Passphrase{Ask: p.Ask})
}

// DefaultFile returns the user's default key file: $XDG_CONFIG_HOME/errand/key or
// ~/.config/errand/key. It returns "" if the user has no home.
func DefaultFile(getenv func(string) string) string {
	if config := getenv("XDG_CONFIG_HOME"); filepath.IsAbs(config) {
		return filepath.Join(config, "errand", "key")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".config", "errand", "key")
}
