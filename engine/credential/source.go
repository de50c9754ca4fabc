package credential

import (
	"context"
	"os"
	"path/filepath"

	"errand/engine/task"
)

// A Lock is what is known of the key that is looked for.
type Lock struct {
	Home        string   // the store's folder, in which no key may be
	Store       string   // the store's id
	Fingerprint string   // of the key that opens it; empty where the store only begins
	Stretch     *Stretch // how the key is made of a passphrase; nil where it is not
}

// A Source is a place that a wrapping key may come from.
type Source interface {
	// Name is for people, such as "the key file /etc/errand/key". It holds no secret.
	Name() string

	// Key returns the key, *Absent where the place has none, or a *KeyError where it has one that must not be used. It may have
	// another key than the lock's. It must not put anything of the key into an error.
	Key(ctx context.Context, lock Lock) (Key, error)
}

// A Maker is a source that can be given a new key.
type Maker interface {
	Source
	// Make makes a key that Key returns from then on. It never replaces one that is there.
	Make(ctx context.Context, lock Lock) (Key, error)
}

// Absent is the error of a source that has no key.
type Absent struct{ Why string }

func (a *Absent) Error() string { return a.Why }

// Places are what the sources are made of.
type Places struct {
	Getenv  func(string) string // nil: os.Getenv
	File    string              // a key file that was named
	Command []string            // a command that prints the key; see SplitCommand
	Ask     func(ctx context.Context, q Question) (task.Secret, error)
}

// Sources lists the places in which a key is looked for, in order: what systemd hands to a service, the key file and the command
// that were named, else the user's own key file; the desktop's keyring; a passphrase, where the store has one.
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

// DefaultFile is the user's own key file: $XDG_CONFIG_HOME/errand/key, or ~/.config/errand/key. It is empty where there is no home.
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
