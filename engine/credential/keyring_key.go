package credential

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"

	"github.com/zalando/go-keyring"
)

// Keyring is a key in the desktop's keyring: the keychain of macOS, the credential manager of Windows, the secret service of other
// desktops. It stands there under the service "errand" and the store's id, as a key file has it.
type Keyring struct{}

const keyringService = "errand"

// Name implements Source.
func (Keyring) Name() string { return "the desktop's keyring" }

// Key implements Source. A keyring that cannot be asked has no key: most servers have none.
func (Keyring) Key(ctx context.Context, lock Lock) (Key, error) {
	if !hasKeyring() {
		return Key{}, &Absent{"there is none"}
	}
	var text string
	err := patiently(ctx, func() (err error) {
		text, err = keyring.Get(keyringService, lock.Store)
		return err
	})
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		return Key{}, &Absent{"it has none for this store"}
	case err != nil:
		return Key{}, &Absent{"it cannot be asked: " + err.Error()}
	}
	k, err := parseLine(text)
	if err != nil {
		return Key{}, unusable("what the desktop's keyring has for this store "+err.Error(), "")
	}
	return k, nil
}

// Make implements Maker.
func (r Keyring) Make(ctx context.Context, lock Lock) (Key, error) {
	k, err := r.Key(ctx, lock)
	if absent, ok := errors.AsType[*Absent](err); !ok {
		return k, err
	} else if !hasKeyring() {
		return Key{}, unusable("there is no keyring to put a key into", absent.Why)
	}
	k = NewKey()
	if err := patiently(ctx, func() error { return keyring.Set(keyringService, lock.Store, k.line()) }); err != nil {
		return Key{}, unusable("the desktop's keyring takes no key: "+err.Error(), "")
	}
	return k, nil
}

// patiently waits for the keyring, which may have to ask somebody to unlock it, as long as the context does.
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

// hasKeyring tells whether there may be a keyring. Without a session's bus the library would start one.
var hasKeyring = func() bool {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" || os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	folder := os.Getenv("XDG_RUNTIME_DIR")
	_, err := os.Stat(filepath.Join(folder, "bus"))
	return folder != "" && err == nil
}
