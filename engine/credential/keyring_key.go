package credential

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"

	"github.com/zalando/go-keyring"
)

// Keyring is a key in the desktop's keyring: the keychain of macOS, the credential manager of
// Windows, the secret service of other desktops. The entry has the service "errand" and the store's
// id as the user; its value is the line of a key file.
type Keyring struct{}

const keyringService = "errand"

// Name implements Source.
func (Keyring) Name() string { return "the desktop's keyring" }

// Key implements Source. A keyring that is not accessible counts as one without a key: most servers
// have no keyring.
func (Keyring) Key(ctx context.Context, query KeyQuery) (Key, error) {
	if !hasKeyring() {
		return Key{}, &AbsentError{"there is none"}
	}
	var text string
	err := patiently(ctx, func() (err error) {
		text, err = keyring.Get(keyringService, query.Store)
		return err
	})
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		return Key{}, &AbsentError{"it has none for this store"}
	case err != nil:
		return Key{}, &AbsentError{"it is not accessible: " + err.Error()}
	}
	k, err := parseLine(text)
	if err != nil {
		return Key{}, unusableKeyError("the entry for this store in the desktop's keyring "+err.Error(), "")
	}
	return k, nil
}

// Make implements Maker.
func (r Keyring) Make(ctx context.Context, query KeyQuery) (Key, error) {
	k, err := r.Key(ctx, query)
	if absent, ok := errors.AsType[*AbsentError](err); !ok {
		return k, err
	} else if !hasKeyring() {
		return Key{}, unusableKeyError("there is no keyring to store a key in", absent.Why)
	}
	k = NewKey()
	if err := patiently(ctx, func() error { return keyring.Set(keyringService, query.Store, k.line()) }); err != nil {
		return Key{}, unusableKeyError("the desktop's keyring did not store the key: "+err.Error(), "")
	}
	return k, nil
}

// patiently waits for the keyring, which may have to ask a person to unlock it, until the context
// ends.
func patiently(ctx context.Context, ask func() error) error {
	done := make(chan error, 1)
	go func() { done <- ask() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hasKeyring reports whether there may be a keyring. Without a session bus the library would start
// one.
var hasKeyring = func() bool {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" || os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	folder := os.Getenv("XDG_RUNTIME_DIR")
	_, err := os.Stat(filepath.Join(folder, "bus"))
	return folder != "" && err == nil
}
